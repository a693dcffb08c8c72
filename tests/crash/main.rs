//! The whole server on bad days, through its real binary: killed under load, restarted under load, on a full disk; and what its journal is
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

mod commands;
mod disk_full;
mod kill;
mod restart;
mod soak;

use std::process::Output;

use parlor_testkit::Launch;
use tempfile::TempDir;

/// No client of a fleet is limited.
const FLAGS: [&str; 5] =
    ["--journal=parlor.db", "--retain=1000000", "--forfeit-after=30d", "--workers=2", "--log=info"];

/// A server on the journal `parlor.db` in this directory.
fn in_directory(directory: &TempDir) -> Launch {
    Launch::within(env!("CARGO_BIN_EXE_parlor"), directory.path()).flags(&FLAGS)
}

/// Runs a subcommand in this directory to its end.
fn run(directory: &TempDir, args: &[&str], input: &[u8]) -> Output {
    Launch::within(env!("CARGO_BIN_EXE_parlor"), directory.path()).run(args, input)
}
