//! Several nodes on a Redis, and the way of a journal into it and out of it: the real binary, on a `redis-server` of the test's own.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test may fail, speak and wait"
)]

mod backup;
mod dump;
mod files;
mod moving;
mod operation;
mod secret;
mod transfer;

use std::process::Output;

use parlor_testkit::{Launch, Redis};
use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_parlor");

/// A server whose journal is a file of this directory, with all events kept.
fn on_file(directory: &TempDir, journal: &str) -> Launch {
    let flags = [format!("--journal={journal}"), "--retain=1000000".into(), "--log=info".into()];
    Launch::within(BINARY, directory.path()).flags(&flags.each_ref().map(String::as_str))
}

/// A node on a Redis.
fn node(redis: &Redis) -> Launch {
    node_with(redis, &[])
}

/// A node on a Redis, with more flags.
fn node_with(redis: &Redis, more: &[&str]) -> Launch {
    let journal = format!("--journal={}", redis.url());
    Launch::new(BINARY).flags(&[&[&journal[..], "--retain=1000000", "--log=info"], more].concat())
}

/// Runs a subcommand to its end.
fn run(directory: &TempDir, args: &[&str], input: &[u8]) -> Output {
    Launch::within(BINARY, directory.path()).run(args, input)
}

/// The output of a subcommand that succeeds.
fn done(directory: &TempDir, args: &[&str], input: &[u8]) -> Vec<u8> {
    let output = run(directory, args, input);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The sentence of a subcommand that is refused.
fn refusal(directory: &TempDir, args: &[&str], input: &[u8]) -> String {
    let output = run(directory, args, input);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn lines(output: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
