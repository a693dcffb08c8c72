//! Several servers on one Redis, through their real binary: what their clients see, whatever happens to a server or to Redis.
//! Nothing here looks into Redis: all is seen as a client sees it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may fail, speak and wait"
)]

mod cluster;
mod faults;
mod generations;
mod lounge;
mod outages;
mod upgrade;
