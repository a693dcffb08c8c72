//! The whole server on bad days, through its real binary: killed under load, on a full disk; and what its journal is
//! copied to and from. Nothing here looks into the database: all is seen as a client sees it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may fail, speak and wait"
)]

mod board;
mod client;
mod commands;
mod copies;
mod disk_full;
mod fleet;
mod kill;
mod server;
mod verdict;
mod writer;
