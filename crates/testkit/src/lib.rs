//! Tools for tests of the whole workspace. Nothing here uses code of the server: a fault in the server's frames, protocol or
//! game rules can't hide in the tools that look for it.
//!
//! | module | for |
//! |---|---|
//! | [`process`] | start a program, read its lines, signal it, wait for its end |
//! | [`server`] | the `parlor` binary in a directory: start, kill, restart, pages |
//! | [`socket`], [`http`] | TCP connections and single HTTP requests |
//! | [`http_peer`] | HTTP connections that are kept, and bodies that go on |
//! | [`balancer`] | several servers behind one address, a request to each in turn |
//! | [`proxy`] | a network between client and server, to be cut and held |
//! | [`redis`] | `redis-server` with replicas and sentinels: start, kill, stop, ask |
//! | [`frames`], [`peer`] | WebSocket as bytes: any frame, also a wrong one |
//! | [`deflate`] | compressed messages |
//! | [`wire`], [`http_wire`], [`client`] | requests and events of docs/protocol.md, checked for order, gaps and repeats |
//! | [`fleet`] | clients that write, come back and remember, and the verdict on what became of it |
//! | [`connect4`] | the rules of Connect Four, written as plainly as possible |
//! | [`chance`] | numbers that depend on a seed alone |
//! | [`wait`] | waiting for a condition, with one deadline for all |
//!
//! The path of the binary is an argument: cargo tells it to the root package's tests and benches alone
//! (`env!("CARGO_BIN_EXE_parlor")`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "a tool of tests panics where a test fails, reads the clock and waits"
)]

pub mod balancer;
pub mod chance;
pub mod client;
pub mod connect4;
pub mod deflate;
pub mod fleet;
pub mod frames;
pub mod http;
pub mod http_peer;
pub mod http_wire;
pub mod peer;
pub mod process;
pub mod proxy;
pub mod redis;
pub mod server;
pub mod socket;
pub mod wait;
pub mod wire;

pub use balancer::Balancer;
pub use client::{Client, list, number, text};
pub use frames::Heard;
pub use http_peer::{HttpPeer, Part};
pub use http_wire::OverHttp;
pub use peer::Peer;
pub use redis::{Redis, Sentinel};
pub use server::{Launch, Server};
pub use wait::{PATIENCE, eventually, wait_until};
