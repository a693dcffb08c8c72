//! The examples, each in its own wire format: that one trait serves them all. `cargo test` builds them beside the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Message, WebSocket};

const PATIENCE: Duration = Duration::from_secs(30);

type Socket = WebSocket<TcpStream>;

/// An example at a port of its own; killed when dropped.
struct Example {
    child: Child,
    address: String,
}

impl Example {
    fn start(name: &str) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_parlor")).with_file_name("examples").join(name);
        let mut child = Command::new(&program)
            .args(["--port", "0"])
            .env("RUST_LOG", "info")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; cargo build --examples makes it", program.display()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address =
            lines.find_map(|line| Some(line.split_once("ws://")?.1.to_owned())).expect("a line with the address");
        std::thread::spawn(move || lines.for_each(drop));
        Example { child, address }
    }

    fn connect(&self, path: &str) -> Socket {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut request = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        request.headers_mut().insert("Origin", "https://anywhere.example".parse().unwrap());
        tungstenite::client::client(request, stream).unwrap().0
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hear(socket: &mut Socket) -> Value {
    match socket.read().unwrap() {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn act(socket: &mut Socket, action: &str) {
    socket.send(Message::text(json!({"action": action}).to_string())).unwrap();
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
        ann.send(Message::text(junk)).unwrap();
    }
    ann.send(Message::binary(br#"{"action":"plus"}"#.to_vec())).unwrap();
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
fn echo_returns_every_message_as_it_came() {
    let echo = Example::start("echo");
    for path in ["/", "/echo"] {
        let mut socket = echo.connect(path);
        for message in [
            Message::text("hello"),
            Message::text(""),
            Message::binary(vec![0, 1, 255]),
            Message::binary(vec![]),
            Message::text("🦀".repeat(100_000)),
            Message::binary(vec![7; 16 << 20]),
        ] {
            socket.send(message.clone()).unwrap();
            assert!(socket.read().unwrap() == message, "{path}: {} bytes", message.len());
        }
    }
}

#[test]
fn echo_puts_fragments_together_and_refuses_what_is_too_big() {
    const FRAGMENTS: usize = 50_000;
    let echo = Example::start("echo");
    let mut socket = echo.connect("/");
    for n in 0..FRAGMENTS {
        let opcode = if n == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message("x", OpCode::Data(opcode), n + 1 == FRAGMENTS);
        socket.write(Message::Frame(frame)).unwrap();
    }
    socket.flush().unwrap();
    assert!(socket.read().unwrap() == Message::text("x".repeat(FRAGMENTS)));
    let _ = socket.send(Message::binary(vec![7; (16 << 20) + 1]));
    match socket.read().unwrap() {
        Message::Close(Some(frame)) => assert_eq!(u16::from(frame.code), 1009),
        other => panic!("{other:?}"),
    }
}
