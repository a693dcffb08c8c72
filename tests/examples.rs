//! The examples, each in its own wire format: that one trait serves them all. `cargo test` builds them beside the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use std::net::SocketAddr;
use std::path::Path;

use parlor_testkit::frames::{BINARY, CONTINUES, ENDS, TEXT_BEGINS, frame};
use parlor_testkit::process::{Process, Program};
use parlor_testkit::server::address_after;
use parlor_testkit::wire::{Opening, web_socket};
use parlor_testkit::{Heard, Launch, Peer};
use serde_json::{Value, json};

/// An example at a port of its own; killed when dropped.
struct Example {
    address: SocketAddr,
    _process: Process,
}

impl Example {
    fn start(name: &str) -> Self {
        let process = program(name).args(["--port", "0"]).env("RUST_LOG", "info").hearing_errors().start();
        let address = process.lines().find_map(|line| address_after("ws://", &line)).expect("a line with the address");
        Example { address, _process: process }
    }

    fn connect(&self, path: &str) -> Peer {
        let how = Opening { origin: Some("https://anywhere.example"), ..Opening::default() };
        web_socket(self.address, path, &how).unwrap()
    }
}

/// `cargo test` builds it beside the binary.
fn program(name: &str) -> Program {
    Program::new(Path::new(env!("CARGO_BIN_EXE_parlor")).with_file_name("examples").join(name))
}

fn hear(peer: &mut Peer) -> Value {
    match peer.hear() {
        Heard::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn act(peer: &mut Peer, action: &str) {
    peer.text(&json!({"action": action}).to_string());
}

fn users(count: usize) -> Value {
    json!({"type": "users", "count": count})
}

fn value(value: i64) -> Value {
    json!({"type": "value", "value": value})
}

#[test]
fn counter_tells_users_first_and_then_the_value() {
    let counter = Example::start("counter");
    let mut ann = counter.connect("/");
    assert_eq!([hear(&mut ann), hear(&mut ann)], [users(1), value(0)]);
    act(&mut ann, "plus");
    assert_eq!(hear(&mut ann), value(1));
    let mut bo = counter.connect("/any/path?at=all");
    assert_eq!([hear(&mut bo), hear(&mut bo)], [users(2), value(1)]);
    assert_eq!(hear(&mut ann), users(2));
    for (action, now) in [("minus", 0), ("minus", -1), ("plus", 0)] {
        act(&mut bo, action);
        assert_eq!([hear(&mut ann), hear(&mut bo)], [value(now), value(now)]);
    }
    drop(bo);
    assert_eq!(hear(&mut ann), users(1));
}

#[test]
fn counter_passes_over_what_it_does_not_know() {
    let counter = Example::start("counter");
    let mut ann = counter.connect("/");
    hear(&mut ann);
    hear(&mut ann);
    for junk in ["", "plus", "[]", "{}", r#"{"action":"times"}"#, r#"{"action":5}"#, r#"{"type":"plus"}"#] {
        ann.text(junk);
    }
    ann.frame(BINARY, r#"{"action":"plus"}"#);
    act(&mut ann, "plus");
    assert_eq!(hear(&mut ann), value(1), "only this one counted");
}

#[test]
fn counter_slows_nobody_down() {
    const PRESSES: i64 = 2000;
    let counter = Example::start("counter");
    let mut ann = counter.connect("/");
    hear(&mut ann);
    hear(&mut ann);
    for _ in 0..PRESSES {
        act(&mut ann, "plus");
    }
    for now in 1..=PRESSES {
        assert_eq!(hear(&mut ann), value(now));
    }
}

#[test]
fn hello_greets_and_echoes() {
    let hello = Example::start("hello");
    let mut peer = Peer::at(hello.address, "/");
    peer.expect("hello");
    peer.text("and back");
    peer.expect("and back");
    peer.leave();
}

#[test]
fn guest_says_hello_and_hears_it() {
    let server = Launch::new(env!("CARGO_BIN_EXE_parlor")).start();
    let guest = program("guest").args([format!("ws://{}/ws", server.address)]).start();
    assert_eq!(guest.line().unwrap(), "guest-1: hello");
}

#[test]
fn echo_returns_every_message_as_it_came() {
    let echo = Example::start("echo");
    for path in ["/", "/echo"] {
        let mut peer = echo.connect(path);
        for text in ["hello", "", &"🦀".repeat(100_000)] {
            peer.text(text);
            peer.expect(text);
        }
        for bytes in [vec![0, 1, 255], vec![], vec![7; 16 << 20]] {
            peer.frame(BINARY, &bytes);
            assert!(peer.hear() == Heard::Binary(bytes), "{path}");
        }
    }
}

#[test]
fn echo_puts_fragments_together_and_refuses_what_is_too_big() {
    const FRAGMENTS: usize = 50_000;
    let echo = Example::start("echo");
    let mut peer = echo.connect("/");
    let middle = frame(CONTINUES, "x").repeat(FRAGMENTS - 2);
    peer.raw(&[frame(TEXT_BEGINS, "x"), middle, frame(ENDS, "x")].concat());
    peer.expect(&"x".repeat(FRAGMENTS));
    let _ = peer.try_raw(&frame(BINARY, vec![7; (16 << 20) + 1]));
    let heard = peer.hear();
    assert!(matches!(heard, Heard::Close(1009, _)), "{heard:?}");
}
