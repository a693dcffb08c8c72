//! What only WebSocket has: frames, close codes, the handshake, `/echo`; and plain HTTP beside it.

use parlor_testkit::deflate::compress;
use parlor_testkit::frames::{
    BINARY, BINARY_BEGINS, CLOSE, COMPRESSED, CONTINUES, ENDS, PING, PONG, TEXT, TEXT_BEGINS, frame, handshake, header,
};
use parlor_testkit::http::{get, status};
use parlor_testkit::wire::{Opening, Refused, WebSocket, web_socket};
use parlor_testkit::{Client, Heard, Peer};
use serde_json::{Value, json};

use crate::stage::House;

/// A connection that has heard its welcome.
fn session(house: &House) -> Peer {
    let mut peer = Peer::new(house.address);
    assert_eq!(next(&mut peer)["type"], "welcome");
    peer
}

fn next(peer: &mut Peer) -> Value {
    match peer.hear() {
        Heard::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Skips what was sent before the close.
fn close_of(peer: &mut Peer) -> (u16, String) {
    loop {
        match peer.hear() {
            Heard::Close(code, reason) => return (code, reason),
            end @ (Heard::End | Heard::Reset) => panic!("no close frame: {end:?}"),
            _ => {}
        }
    }
}

fn closes_with(code: u16, peer: &mut Peer) {
    let (closed, reason) = close_of(peer);
    assert_eq!(closed, code, "{reason}");
    assert!(!reason.is_empty(), "every close has a reason");
    assert!(matches!(peer.hear(), Heard::End | Heard::Reset), "and then the connection ends");
}

#[test]
fn binary_frames_are_no_requests() {
    let house = House::open(&WebSocket, &[]);
    let mut peer = session(&house);
    for payload in [&br#"{"type":"ping","id":1}"#[..], b"", b"\xff\xfe"] {
        peer.frame(BINARY, payload);
        assert_eq!(next(&mut peer)["code"], "bad_json");
    }
    peer.text(r#"{"type":"ping","id":2}"#);
    assert_eq!(next(&mut peer)["re"], 2);
}

/// The value of a header in the answer to an offer, in lower case.
fn answered(house: &House, offer: &str, header: &str) -> (Peer, Option<String>) {
    let mut peer = Peer::dial(house.address);
    let head = peer.ask(&handshake("/ws", offer)).to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    let value = head.lines().find_map(|line| line.strip_prefix(header)?.strip_prefix(": ")).map(str::to_owned);
    (peer, value)
}

#[test]
fn the_sub_protocol_is_taken_if_it_is_offered() {
    let house = House::open(&WebSocket, &[]);
    for (offer, taken) in [
        ("Sec-WebSocket-Protocol: parlor.v1\r\n", Some("parlor.v1")),
        ("Sec-WebSocket-Protocol: chat, parlor.v1\r\n", Some("parlor.v1")),
        ("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: parlor.v1\r\n", Some("parlor.v1")),
        ("Sec-WebSocket-Protocol: chat, superchat\r\n", None),
        ("Sec-WebSocket-Protocol: parlor.v2\r\n", None),
        ("Sec-WebSocket-Protocol: Parlor.V1\r\n", None),
        ("", None),
    ] {
        let (mut peer, answer) = answered(&house, offer, "sec-websocket-protocol");
        assert_eq!(answer.as_deref(), taken, "{offer}");
        assert_eq!(next(&mut peer)["type"], "welcome", "and the connection is as any other");
    }
}

#[test]
fn compression_is_negotiated_and_changes_nothing_else() {
    let house = House::open(&WebSocket, &[]);
    let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    for (offer, answer) in [
        ("permessage-deflate; client_max_window_bits", Some(both.to_owned())),
        ("permessage-deflate; server_max_window_bits=8", Some(format!("{both}; server_max_window_bits=8"))),
        ("permessage-deflate; client_max_window_bits=9", Some(format!("{both}; client_max_window_bits=9"))),
        ("permessage-deflate; server_max_window_bits=7", None),
        ("permessage-deflate; server_max_window_bits=7, permessage-deflate", Some(both.to_owned())),
    ] {
        let offer = format!("Sec-WebSocket-Extensions: {offer}\r\n");
        let (_, answered) = answered(&house, &offer, "sec-websocket-extensions");
        assert_eq!(answered, answer, "{offer}");
    }
    let mut malformed = Peer::dial(house.address);
    let head = malformed.ask(&handshake("/ws", "Sec-WebSocket-Extensions: permessage-deflate;\r\n"));
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");

    let body = "a line of talk ".repeat(100);
    let (mut ann, mut bo) = (Peer::deflating(house.address, ""), session(&house));
    assert_eq!(next(&mut ann)["type"], "welcome");
    for peer in [&mut ann, &mut bo] {
        peer.text(r#"{"type":"join","id":1,"room":"tea"}"#);
        while next(peer)["re"] != 1 {}
    }
    ann.frame(TEXT | COMPRESSED, compress(json!({"type": "say", "room": "tea", "body": body}).to_string()));
    for peer in [&mut ann, &mut bo] {
        let message = std::iter::repeat_with(|| next(peer)).find(|heard| heard["type"] == "message").unwrap();
        assert_eq!(message["body"], body);
    }
    assert!(ann.compressed > 0);
    let compressed = ann.compressed;
    ann.text(r#"{"type":"ping","id":2}"#);
    assert_eq!(next(&mut ann)["re"], 2);
    assert_eq!(ann.compressed, compressed, "short messages are sent plain");
    ann.frame(BINARY | COMPRESSED, compress("{}"));
    assert_eq!(next(&mut ann)["code"], "bad_json");
    ann.frame(TEXT | COMPRESSED, compress(vec![b' '; 65537]));
    closes_with(1009, &mut ann);
    bo.frame(TEXT | COMPRESSED, compress("{}"));
    closes_with(1002, &mut bo);
}

#[test]
fn compression_can_be_turned_off() {
    let house = House::open(&WebSocket, &["--compress-from", "none"]);
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    assert_eq!(answered(&house, offer, "sec-websocket-extensions").1, None);
}

#[test]
fn the_longest_frame_is_taken_and_a_longer_one_closes() {
    let house = House::open(&WebSocket, &[]);
    let mut peer = session(&house);
    let echo = |bytes: usize| {
        let frame = json!({"type": "echo", "id": 1, "body": ""}).to_string();
        frame.replace(r#""body":"""#, &format!(r#""body":"{}""#, "x".repeat(bytes - frame.len())))
    };
    assert_eq!(echo(65536).len(), 65536);
    peer.text(&echo(65536));
    assert_eq!(next(&mut peer)["type"], "ok");
    let _ = peer.try_raw(&frame(TEXT, echo(65537)));
    closes_with(1009, &mut peer);
}

#[test]
fn fragments_are_counted_together() {
    let house = House::open(&WebSocket, &[]);
    let mut peer = session(&house);
    peer.frame(TEXT_BEGINS, r#"{"type":"pi"#);
    peer.frame(PING, "between");
    peer.frame(ENDS, r#"ng","id":1}"#);
    assert_eq!(peer.hear(), Heard::Pong(b"between".to_vec()));
    assert_eq!(next(&mut peer)["re"], 1);
    peer.frame(TEXT_BEGINS, [b' '; 40_000]);
    let _ = peer.try_raw(&frame(ENDS, [b' '; 40_000]));
    closes_with(1009, &mut peer);
}

#[test]
fn a_declared_gigabyte_is_refused_by_its_header() {
    let house = House::open(&WebSocket, &[]);
    let mut peer = session(&house);
    peer.raw(&[header(TEXT, 1 << 30), vec![0; 4]].concat()); // and not a byte of it
    closes_with(1009, &mut peer);
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
        let mut peer = session(&house);
        peer.raw(bytes);
        closes_with(code, &mut peer);
    }
    Client::connect(house.address).ok(json!({"type": "ping"}));
}

#[test]
fn pings_are_answered_and_a_close_is_returned() {
    let house = House::open(&WebSocket, &[]);
    let mut peer = session(&house);
    peer.frame(PING, "are you there?");
    assert_eq!(peer.hear(), Heard::Pong(b"are you there?".to_vec()));
    peer.leave();
}

#[test]
fn silence_is_pinged_and_then_closed() {
    let house = House::open(&WebSocket, &["--heartbeat", "100ms", "--heartbeat-timeout", "400ms"]);
    let mut alive = session(&house);
    for _ in 0..8 {
        assert!(matches!(alive.hear_all(), Heard::Ping(_)));
        alive.frame(PONG, "");
    }
    alive.text(r#"{"type":"ping","id":1}"#);
    assert_eq!(next(&mut alive)["re"], 1);

    let mut silent = session(&house);
    let mut heard = silent.hear_all();
    while let Heard::Ping(_) = heard {
        heard = silent.hear_all(); // without an answer
    }
    assert!(matches!(heard, Heard::Close(4001, _)), "{heard:?}");
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
    let mut peer = Peer::at(house.address, "/echo");
    for text in ["hello", "", "{\"type\":\"ping\",\"id\":1}", &"🦀".repeat(10_000)] {
        peer.text(text);
        peer.expect(text);
    }
    for bytes in [vec![0, 255, 128], Vec::new(), vec![7; 60_000]] {
        peer.frame(BINARY, &bytes);
        assert_eq!(peer.hear(), Heard::Binary(bytes));
    }
    peer.frame(BINARY_BEGINS, [1]);
    peer.frame(CONTINUES, []);
    peer.frame(ENDS, [2]);
    assert_eq!(peer.hear(), Heard::Binary(vec![1, 2]), "in one piece");
    peer.leave();
}

#[test]
fn handshakes_that_are_none() {
    let house = House::open(&WebSocket, &[]);
    let answered = |request: &str| status(&Peer::dial(house.address).ask(request));
    let right = handshake("/ws", "");
    assert_eq!(answered(&right), 101);
    for head in [
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_owned(),
        right.replacen("GET", "POST", 1),
        right.replace("Version: 13", "Version: 8"),
        right.replace("dGhl", ""),
        handshake("/nowhere", ""),
    ] {
        let status = answered(&head);
        assert!((400..500).contains(&status), "{status}: {head}");
    }
}

#[test]
fn a_trusted_proxy_names_its_clients_and_nobody_else_does() {
    let clients_of = |settings: &[&str], headers: [&str; 3]| {
        let house = House::open(&WebSocket, &[&["--max-clients-per-address=1"], settings].concat());
        let mut peers = Vec::new();
        headers.map(|header| {
            peers.push(Peer::dial(house.address));
            status(&peers.last_mut().unwrap().ask(&handshake("/ws", &format!("{header}\r\n"))))
        })
    };
    let x =
        ["X-Forwarded-For: 198.51.100.7", "X-Forwarded-For: 198.51.100.8", "X-Forwarded-For: 1.1.1.1, 198.51.100.8"];
    let forwarded = ["Forwarded: for=198.51.100.7", "Forwarded: for=198.51.100.8", "Forwarded: for=198.51.100.7"];
    assert_eq!(clients_of(&["--trusted-proxy=127.0.0.0/8"], x), [101, 101, 503]);
    assert_eq!(clients_of(&["--trusted-proxy=127.0.0.0/8"], forwarded), [101, 503, 503], "the other header is ignored");
    let settings = ["--trusted-proxy=127.0.0.0/8", "--forwarded-header=forwarded"];
    assert_eq!(clients_of(&settings, forwarded), [101, 101, 503]);
    assert_eq!(clients_of(&["--trusted-proxy=10.0.0.0/8"], x), [101, 503, 503], "a stranger is not believed");
    assert_eq!(clients_of(&[], x), [101, 503, 503]);
}

#[test]
fn clients_of_all_paths_are_counted_together() {
    let house = House::open(&WebSocket, &["--max-clients=2"]);
    let mut peers = Vec::new();
    let statuses = ["/ws", "/echo", "/ws", "/echo"].map(|path| {
        peers.push(Peer::dial(house.address));
        status(&peers.last_mut().unwrap().ask(&handshake(path, "")))
    });
    assert_eq!(statuses, [101, 101, 503, 503]);
}

#[test]
fn health_and_metrics_answer_to_head_and_to_no_method_that_writes() {
    let house = House::open(&WebSocket, &[]);
    for path in ["/healthz", "/readyz", "/metrics"] {
        let answer = |method: &str| {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            Peer::dial(house.address).ask(&request)
        };
        let head = answer("HEAD");
        assert_eq!(status(&head), 200, "{head}");
        assert!(head.contains("content-length: ") && head.ends_with("\r\n\r\n"), "{head}");
        let refused = answer("POST");
        assert_eq!(status(&refused), 405, "{refused}");
        assert!(refused.contains("allow: GET, HEAD"), "{refused}");
    }
}

/// A page of a foreign name whose address is this server's (DNS rebinding).
#[test]
fn foreign_names_are_no_way_in() {
    let house =
        House::open(&WebSocket, &["--origin", "https://Chat.example:444", "--allowed-host", "intranet.example"]);
    let answered = |request: &str| status(&Peer::dial(house.address).ask(request));
    let page = |path: &str, host: &str| {
        let host = if host.is_empty() { String::new() } else { format!("Host: {host}\r\n") };
        answered(&format!("GET {path} HTTP/1.1\r\n{host}\r\n"))
    };
    let socket = |host: &str| {
        let origin = format!("Origin: http://{host}\r\n");
        answered(&handshake("/ws", &origin).replace("Host: 127.0.0.1", &format!("Host: {host}")))
    };
    for host in ["chat.example", "INTRANET.example:8080", "localhost", "127.0.0.1", "[::1]:8080", "10.0.0.7"] {
        assert_eq!((page("/", host), page("/metrics", host), socket(host)), (200, 200, 101), "{host}");
    }
    for host in ["evil.example", "chat.example.evil.example", "localhost.evil.example"] {
        assert_eq!((page("/", host), page("/metrics", host), socket(host)), (421, 421, 421), "{host}");
        assert_eq!((page("/healthz", host), page("/readyz", host)), (200, 200), "{host}");
    }
    assert_eq!(page("/", ""), 400, "HTTP/1.1 requires a Host");
    assert_eq!(answered("GET / HTTP/1.0\r\n\r\n"), 200);
    assert_eq!(answered("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"), 421);
    let words = Peer::dial(house.address).ask("GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n");
    assert!(words.contains("content-type: text/plain"), "{words}");
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
    let page = get(house.address, "/");
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
        let mut peer = session(&house);
        peer.text(r#"{"type":"join","room":"lobby"}"#);
        ann.event("joined");
        peer.frame(CLOSE, code.to_be_bytes());
        assert_eq!(close_of(&mut peer).0, code);
        ann.event("left");
    }
    ann.hears_nothing();
}
