//! The examples as programs: their options, the client that runs forever, and the load generator.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use parlor_testkit::frames::{CLOSE, Heard};
use parlor_testkit::process::{Process, Program, Signal};
use parlor_testkit::{PATIENCE, Peer};
use serde_json::{Value, json};

use crate::{Example, program};

/// Name and port of each example, as the originals have them; for a client, the port that it connects to.
const PORTS: [(&str, &str); 15] = [
    ("admin", "8010"),
    ("broadcast", "9527"),
    ("callbacks", "13254"),
    ("chatroom", "8000"),
    ("connect4", "8001"),
    ("counter", "6789"),
    ("direct", "9528"),
    ("echo", "9998"),
    ("forever", "5678"),
    ("hello", "8765"),
    ("irc", "8766"),
    ("load", "9998"),
    ("login", "8765"),
    ("show_time", "5678"),
    ("tls", "9443"),
];

fn run(name: &str, args: &[&str]) -> Output {
    Program::new(program(name)).args(args).output(b"")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_example_is_here_with_its_header_and_tells_its_options() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = fs::read_dir(&directory).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter_map(|file| file.strip_suffix(".rs").map(str::to_owned)).collect();
    names.sort();
    names.retain(|name| name != "guest"); // a client of the product
    assert_eq!(names, PORTS.map(|(name, _)| name));
    for (name, port) in PORTS {
        let source = fs::read_to_string(directory.join(format!("{name}.rs"))).unwrap();
        let header: String = source.lines().take_while(|line| line.starts_with("//!")).collect();
        for word in ["Run / 运行: `cargo run --release --example ", "。", name] {
            assert!(header.contains(word), "the header of {name} has no {word:?}");
        }
        let help = run(name, &["--help"]);
        let help = (help.status.code(), text(&help.stdout));
        for word in ["--host", "--port", "127.0.0.1", port] {
            assert!(help.0 == Some(0) && help.1.contains(word), "{name} --help has no {word:?}: {help:?}");
        }
        let refused = run(name, &["--no-such-option"]);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        assert!(text(&refused.stderr).contains("--no-such-option"), "{name}");
    }
}

#[test]
fn options_that_make_no_sense_are_refused_in_a_sentence() {
    for (name, args, said) in [
        ("show_time", &["--each", "--together"][..], "--each and --together"),
        ("tls", &["--cert", "cert.pem"], "--cert and --key are used together"),
        ("tls", &["--cert", "no.pem", "--key", "no.pem"], "the certificate no.pem can't be read: No such file"),
        ("irc", &["--idle", "0"], "--idle 0: must be a whole number from 1 to 86400"),
        ("irc", &["--database", "/no/such/directory/irc.db"], "/no/such/directory/irc.db"),
        ("chatroom", &["--redis", "redis://127.0.0.1:1/"], "--redis"),
        ("chatroom", &["--redis", "nonsense"], "Redis"),
        ("load", &["--clients", "10000", "--messages", "1000000"], "at most 10000000"),
    ] {
        let output = run(name, args);
        assert!(!output.status.success(), "{name} {args:?} was taken");
        assert!(text(&output.stderr).contains(said), "{name} {args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn pages_are_served_beside_the_websockets() {
    for (name, path) in [
        ("admin", "/"),
        ("broadcast", "/"),
        ("chatroom", "/"),
        ("connect4", "/"),
        ("counter", "/"),
        ("echo", "/"),
        ("irc", "/tea"),
        ("show_time", "/"),
    ] {
        let example = Example::start(name);
        let page = parlor_testkit::http::get(example.address, path);
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{name}");
        assert!(page.body.contains("lang=\"zh\"") && page.body.contains("new WebSocket("), "{name}");
    }
}

/// The client that runs forever, at a port.
fn forever(port: u16, more: &[&str]) -> Process {
    let args = ["--port", &port.to_string()];
    Program::new(program("forever")).args(args).args(more).start()
}

#[track_caller]
fn expect(client: &Process, beginning: &str) {
    let line = client.line().unwrap_or_else(|| panic!("it ended instead of {beginning:?}"));
    assert!(line.starts_with(beginning), "{line:?} instead of {beginning:?}");
}

#[test]
fn forever_comes_back_after_a_clean_end_and_a_broken_one() {
    let hello = Example::start("hello");
    let mut client = forever(hello.address.port(), &["--send", "Ann"]);
    for _ in 0..2 {
        expect(&client, "connected");
        expect(&client, "heard: Hello Ann!");
        expect(&client, "closed: goodbye (1000)");
    }
    let port = hello.address.port();
    drop(hello);
    while !client.line().unwrap().starts_with("broken: ") {}
    let server = Program::new(program("echo")).args(["--port", &port.to_string()]).start();
    while !client.line().unwrap().starts_with("connected") {}
    expect(&client, "heard: Ann");
    drop(server);
    expect(&client, "broken: ");
    client.signal(Signal::TERM);
    assert_eq!(client.ended_within(PATIENCE).and_then(|status| status.code()), Some(0));
}

/// A server that shakes hands, and then does as the test says.
fn accept(listener: &TcpListener) -> Peer {
    let (socket, _) = listener.accept().unwrap();
    let mut peer = Peer::over(socket);
    let head = peer.head();
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.trim().as_bytes());
    peer.raw(
        format!(
            "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        )
        .as_bytes(),
    );
    peer
}

#[test]
fn forever_notices_a_server_that_answers_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = forever(listener.local_addr().unwrap().port(), &["--timeout", "1"]);
    let silent = accept(&listener);
    expect(&client, "connected");
    expect(&client, "broken: no answer to a ping within 1 s");
    drop(silent);
    let mut polite = accept(&listener);
    expect(&client, "connected");
    polite.raw(&[CLOSE, 2, 0x03, 0xe8]);
    expect(&client, "closed: ");
}

fn load(server: &Example, args: &[&str]) -> (bool, Value, String) {
    let port = server.address.port().to_string();
    let output = Program::new(program("load")).args(["--json", "--port", &port]).args(args).output(b"");
    (output.status.success(), serde_json::from_slice(&output.stdout).unwrap(), text(&output.stderr))
}

#[test]
fn load_counts_what_it_sends_and_hears() {
    let echo = Example::start("echo");
    let (is_good, report, progress) = load(&echo, &["--clients", "5", "--messages", "20", "--text", "12345"]);
    assert!(is_good && progress.contains(" connected, "), "{report} {progress}");
    let figures =
        ["clients", "connected", "sent", "received", "received_bytes"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(figures, [5, 5, 100, 100, 500]);
    assert!(report["round_trip_ms"]["p50"].as_f64() <= report["round_trip_ms"]["max"].as_f64(), "{report}");
    let port = echo.address.port().to_string();
    let report = text(&run("load", &["--port", &port, "--messages", "1"]).stdout);
    assert!(report.lines().any(|line| line.split_whitespace().eq(["sent", "10"])), "{report}");
}

#[test]
fn load_listens_where_nothing_is_answered_and_tells_what_failed() {
    let broadcast = Example::start("broadcast");
    let (is_good, report, _) =
        load(&broadcast, &["--path", "/ws", "--clients", "3", "--messages", "4", "--pace", "1", "--listen", "1"]);
    assert!(is_good && report["sent"] == 12, "{report}");
    let (is_good, report, _) =
        load(&broadcast, &["--path", "/ws", "--clients", "1", "--messages", "1", "--seconds", "1"]);
    assert!(is_good && report["done"] == false && report["received"] == 0, "{report}");
    let (is_good, report, _) = load(&broadcast, &["--path", "/nowhere", "--clients", "3"]);
    assert!(!is_good && report["connected"] == 0, "{report}");
    let failures: u64 = report["failures"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!((failures, &report["sent"]), (3, &json!(0)));
}

#[test]
fn forever_and_load_hear_every_kind_of_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = forever(listener.local_addr().unwrap().port(), &[]);
    let peer = accept(&listener);
    expect(&client, "connected");
    drop(peer);
    expect(&client, "broken: ");
    let mut peer = accept(&listener);
    expect(&client, "connected");
    peer.raw(&[CLOSE, 0]);
    expect(&client, "closed: no code");
    assert!(!matches!(peer.hear_all(), Heard::Text(_)));
}
