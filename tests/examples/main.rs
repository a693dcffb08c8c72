//! The examples, each started and talked to in its own wire format: that one trait serves them all. `cargo test` builds them
//! beside the binary. `clients.sh` talks to the same programs with clients that nobody here wrote.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod callbacks;
mod chatroom;
mod connect4;
mod counter;
mod echo;
mod irc;
mod messages;
mod programs;
mod show_time;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use parlor_testkit::process::{Process, Program};
use parlor_testkit::server::address_after;
use parlor_testkit::wire::{Opening, web_socket};
use parlor_testkit::{Heard, Peer};
use serde_json::Value;
use tempfile::TempDir;

/// An example in a directory and at a port of its own; killed when dropped.
struct Example {
    address: SocketAddr,
    process: Process,
    directory: TempDir,
}

impl Example {
    fn start(name: &str) -> Self {
        Self::start_with(name, &[])
    }

    fn start_with(name: &str, options: &[&str]) -> Self {
        Self::start_in(TempDir::new().unwrap(), name, options)
    }

    fn start_in(directory: TempDir, name: &str, options: &[&str]) -> Self {
        let program = Program::new(program(name)).args(["--port", "0"]).args(options).directory(directory.path());
        let process = program.env("RUST_LOG", "info").hearing_errors().with_input().start();
        let address = process.lines().find_map(|line| address_after("ws://", &line)).expect("a line with the address");
        Example { address, process, directory }
    }

    /// Ends it with SIGKILL, and starts it again in the same directory.
    fn again(mut self, name: &str, options: &[&str]) -> Self {
        self.process.kill();
        Self::start_in(self.directory, name, options)
    }

    fn connect(&self, path: &str) -> Peer {
        let how = Opening { origin: Some("https://anywhere.example"), ..Opening::default() };
        web_socket(self.address, path, &how).unwrap()
    }

    fn connect_from(&self, address: impl Into<IpAddr>, path: &str) -> Peer {
        web_socket(self.address, path, &Opening { from: Some(address.into()), ..Opening::default() }).unwrap()
    }
}

/// The path of an example's program.
fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_parlor")).with_file_name("examples").join(name)
}

/// The next message, which must be JSON.
#[track_caller]
fn hear(peer: &mut Peer) -> Value {
    match peer.hear() {
        Heard::Text(text) => serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
        other => panic!("{other:?}"),
    }
}

/// Reads until a message of this type comes.
#[track_caller]
fn hear_until(peer: &mut Peer, kind: &str) -> Value {
    loop {
        let message = hear(peer);
        if message["type"] == kind {
            return message;
        }
    }
}
