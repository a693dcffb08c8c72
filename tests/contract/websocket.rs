//! What only WebSocket has: frames, close codes, the handshake, `/echo`; and plain HTTP beside it.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader};
use tungstenite::{Error, Message, WebSocket as Frames};

use crate::stage::transport::{Opening, Refused, WebSocket, Wire, stream, web_socket};
use crate::stage::{Client, House, Response, get};

fn open(house: &House, path: &str) -> Frames<TcpStream> {
    web_socket(house.address, path, &Opening::default()).unwrap()
}

/// A connection that has heard its welcome.
fn session(house: &House) -> Frames<TcpStream> {
    let mut frames = open(house, "/ws");
    assert_eq!(next(&mut frames)["type"], "welcome");
    frames
}

fn next(frames: &mut Frames<TcpStream>) -> Value {
    loop {
        match frames.read().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn close_of(frames: &mut Frames<TcpStream>) -> (u16, String) {
    loop {
        match frames.read() {
            Ok(Message::Close(Some(frame))) => return (frame.code.into(), frame.reason.as_str().to_owned()),
            Ok(Message::Close(None)) => return (1005, String::new()),
            Ok(_) => {}
            Err(error) => panic!("no close frame: {error}"),
        }
    }
}

fn closes_with(code: u16, frames: &mut Frames<TcpStream>) {
    let (closed, reason) = close_of(frames);
    assert_eq!(closed, code, "{reason}");
    assert!(!reason.is_empty(), "every close has a reason");
    assert!(matches!(frames.read(), Err(Error::ConnectionClosed | Error::Io(_))), "and then the connection ends");
}

fn raw(frames: &mut Frames<TcpStream>, bytes: &[u8]) {
    let _ = frames.get_mut().write_all(bytes);
}

#[test]
fn binary_frames_are_no_requests() {
    let house = House::open(&WebSocket, &[]);
    let mut frames = session(&house);
    frames.send(Message::binary(br#"{"type":"ping","id":1}"#.to_vec())).unwrap();
    assert_eq!(next(&mut frames)["code"], "bad_json");
    frames.send(Message::text(r#"{"type":"ping","id":2}"#)).unwrap();
    assert_eq!(next(&mut frames)["re"], 2);
}

#[test]
fn the_longest_frame_is_taken_and_a_longer_one_closes() {
    let house = House::open(&WebSocket, &[]);
    let mut frames = session(&house);
    let echo = |bytes: usize| {
        let frame = json!({"type": "echo", "id": 1, "body": ""}).to_string();
        frame.replace(r#""body":"""#, &format!(r#""body":"{}""#, "x".repeat(bytes - frame.len())))
    };
    assert_eq!(echo(65536).len(), 65536);
    frames.send(Message::text(echo(65536))).unwrap();
    assert_eq!(next(&mut frames)["type"], "ok");
    let _ = frames.send(Message::text(echo(65537)));
    closes_with(1009, &mut frames);
}

#[test]
fn fragments_are_counted_together() {
    let house = House::open(&WebSocket, &[]);
    let mut frames = session(&house);
    let fragment =
        |bytes: &[u8], code, is_final| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(code), is_final));
    frames.send(fragment(br#"{"type":"pi"#, Data::Text, false)).unwrap();
    frames.send(Message::Ping(b"between".to_vec().into())).unwrap();
    frames.send(fragment(br#"ng","id":1}"#, Data::Continue, true)).unwrap();
    assert_eq!(next(&mut frames)["re"], 1);
    frames.send(fragment(&[b' '; 40_000], Data::Text, false)).unwrap();
    let _ = frames.send(fragment(&[b' '; 40_000], Data::Continue, true));
    closes_with(1009, &mut frames);
}

#[test]
fn a_declared_gigabyte_is_refused_by_its_header() {
    let house = House::open(&WebSocket, &[]);
    let mut frames = session(&house);
    let mut header = vec![0x81, 0xff];
    header.extend((1u64 << 30).to_be_bytes());
    header.extend([0; 4]);
    raw(&mut frames, &header); // and not a byte of it
    closes_with(1009, &mut frames);
}

#[test]
fn broken_rules_close_the_connection() {
    let house = House::open(&WebSocket, &[]);
    for (code, bytes) in [
        (1002, &[0x81, 0x02, b'{', b'}'][..]),         // not masked
        (1002, &[0xf1, 0x80, 0, 0, 0, 0]),             // reserved bits
        (1002, &[0x83, 0x80, 0, 0, 0, 0]),             // an opcode that is none
        (1002, &[0x80, 0x80, 0, 0, 0, 0]),             // goes on with nothing
        (1002, &[0x09, 0x80, 0, 0, 0, 0]),             // a ping in fragments
        (1007, &[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]), // not UTF-8
        (1007, &[0x01, 0x81, 0, 0, 0, 0, 0xff]),       // nor ever going to be
    ] {
        let mut frames = session(&house);
        raw(&mut frames, bytes);
        closes_with(code, &mut frames);
    }
    Client::new(Box::new(open(&house, "/ws"))).ok(json!({"type": "ping"}));
}

#[test]
fn pings_are_answered_and_a_close_is_returned() {
    let house = House::open(&WebSocket, &[]);
    let mut frames = session(&house);
    frames.send(Message::Ping(b"are you there?".to_vec().into())).unwrap();
    assert_eq!(frames.read().unwrap(), Message::Pong(b"are you there?".to_vec().into()));
    Wire::close(&mut frames);
    assert_eq!(close_of(&mut frames).0, 1000);
}

#[test]
fn silence_is_pinged_and_then_closed() {
    let house = House::open(&WebSocket, &["--heartbeat", "100ms", "--heartbeat-timeout", "400ms"]);
    let mut alive = session(&house);
    for _ in 0..8 {
        assert!(matches!(alive.read().unwrap(), Message::Ping(_))); // reading answers it
    }
    alive.send(Message::text(r#"{"type":"ping","id":1}"#)).unwrap();
    assert_eq!(next(&mut alive)["re"], 1);

    let mut silent = session(&house);
    let heard = everything(silent.get_mut());
    let code = heard.windows(2).rev().find(|pair| *pair == 4001u16.to_be_bytes());
    assert!(code.is_some(), "closed with 4001");
}

/// All bytes up to the end of the connection.
fn everything(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    heard
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let origin = |house: &House, origin: Option<&str>| {
        web_socket(house.address, "/ws", &Opening { origin, ..Opening::default() }).err()
    };
    let house = House::open(&WebSocket, &[]);
    let same = format!("http://{}", house.address);
    assert_eq!(origin(&house, None), None, "no browser");
    assert_eq!(origin(&house, Some(&same)), None);
    for other in ["https://evil.example", "null", &format!("{same}.evil.example"), "http://127.0.0.1:1", "", "file://"]
    {
        assert_eq!(origin(&house, Some(other)), Some(Refused(403)), "{other}");
    }
    let house = House::open(
        &WebSocket,
        &["--origin", "https://chat.example.org", "--origin", "http://localhost:3000", "--require-origin"],
    );
    for (given, refused) in [
        (Some("https://chat.example.org"), None),
        (Some("http://localhost:3000"), None),
        (Some("http://chat.example.org"), Some(Refused(403))),
        (Some("https://chat.example.org:8443"), Some(Refused(403))),
        (None, Some(Refused(403))),
    ] {
        assert_eq!(origin(&house, given), refused, "{given:?}");
    }
    let house = House::open(&WebSocket, &["--origin", "*"]);
    assert_eq!(origin(&house, Some("https://any.example")), None);
}

#[test]
fn echo_returns_everything_as_it_came() {
    let house = House::open(&WebSocket, &[]);
    let mut frames = open(&house, "/echo");
    for message in [
        Message::text("hello"),
        Message::text(""),
        Message::text("{\"type\":\"ping\",\"id\":1}"),
        Message::text("🦀".repeat(10_000)),
        Message::binary(vec![0, 255, 128]),
        Message::binary(Vec::new()),
        Message::binary(vec![7; 60_000]),
    ] {
        frames.send(message.clone()).unwrap();
        assert_eq!(frames.read().unwrap(), message);
    }
    let fragment =
        |bytes: &[u8], code, is_final| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(code), is_final));
    frames.send(fragment(&[1], Data::Binary, false)).unwrap();
    frames.send(fragment(&[2], Data::Continue, true)).unwrap();
    assert_eq!(frames.read().unwrap(), Message::binary(vec![1, 2]), "in one piece");
    Wire::close(&mut frames);
    assert_eq!(close_of(&mut frames).0, 1000);
}

#[test]
fn handshakes_that_are_none() {
    let house = House::open(&WebSocket, &[]);
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let status = |head: String| {
        let mut stream = stream(house.address, &Opening::default());
        write!(stream, "{head}\r\n").unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[9..]).parse::<u16>().unwrap()
    };
    let host = format!("Host: {}\r\n", house.address);
    assert_eq!(status(format!("GET /ws HTTP/1.1\r\n{host}{upgrade}")), 101);
    for head in [
        format!("GET /ws HTTP/1.1\r\n{host}"),
        format!("POST /ws HTTP/1.1\r\n{host}{upgrade}"),
        format!("GET /ws HTTP/1.1\r\n{host}{}", upgrade.replace("13", "8")),
        format!("GET /ws HTTP/1.1\r\n{host}{}", upgrade.replace("dGhl", "")),
        format!("GET /nowhere HTTP/1.1\r\n{host}{upgrade}"),
    ] {
        let status = status(head.clone());
        assert!((400..500).contains(&status), "{status}: {head}");
    }
}

#[test]
fn the_plain_pages_beside_it() {
    let house = House::open(&WebSocket, &[]);
    let _ann = session(&house);
    let alive = get(house.address, "/healthz");
    assert_eq!((alive.status, alive.body.trim()), (200, "ok"));
    assert_eq!(get(house.address, "/readyz").status, 200);
    let metrics = get(house.address, "/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain"), "{metrics:?}");
    assert!(
        metrics.body.lines().any(|line| line.starts_with("parlor_clients{") && line.ends_with(" 1")),
        "{metrics:?}"
    );
    assert!(
        metrics
            .body
            .lines()
            .all(|line| line.starts_with('#') || line.rsplit_once(' ').unwrap().1.parse::<f64>().is_ok())
    );
    let page: Response = get(house.address, "/");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(get(house.address, "/nowhere").status, 404);
}

#[test]
fn a_close_of_a_clients_own_is_not_an_error() {
    let house = House::open(&WebSocket, &["--presence-grace", "0s"]);
    let mut ann = house.guest();
    ann.join("lobby");
    for code in [1000u16, 1001, 3000, 4999] {
        let mut frames = session(&house);
        frames.send(Message::text(r#"{"type":"join","room":"lobby"}"#)).unwrap();
        ann.event("joined");
        let payload = code.to_be_bytes().to_vec();
        let header =
            FrameHeader { opcode: OpCode::Control(Control::Close), mask: Some([0; 4]), ..FrameHeader::default() };
        frames.send(Message::Frame(Frame::from_payload(header, payload.into()))).unwrap();
        assert_eq!(close_of(&mut frames).0, code);
        ann.event("left");
    }
    ann.hears_nothing();
}
