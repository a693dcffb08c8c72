//! Handshakes: taken and refused.

use parlor_kit::{Limits, Origins};
use parlor_testkit::frames::{TEXT, frame, handshake};
use parlor_testkit::{Heard, Peer, wait_until};

use super::server::{Hosted, open};

/// The status of an answer, its head, and its body.
fn ask(host: &Hosted, request: &str) -> (u16, String, String) {
    let mut peer = Peer::dial(host.address);
    let head = peer.ask(request).to_ascii_lowercase();
    let body = String::from_utf8(peer.rest()).unwrap();
    (head[9..12].parse().unwrap(), head, body)
}

#[test]
fn a_handshake_is_answered_as_in_the_rfc() {
    let host = Hosted::new(open());
    let mut peer = Peer::dial(host.address);
    let head = peer.ask(&handshake("/also?token=a%20b", "User-Agent: tests\r\nX-Other: hidden\r\n"));
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    for line in ["upgrade: websocket", "connection: upgrade", "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="] {
        assert!(head.lines().any(|other| other == line), "{line} in {head}"); // RFC 6455 §1.3
    }
    assert!(!head.contains("sec-websocket-protocol") && !head.contains("content-length"), "{head}");
    peer.text("hello");
    peer.expect("hello");
    peer.leave();
    host.log.wait("left", 1);
    assert_eq!(host.log.lines()[0], "new 127.0.0.1 /also?token=a%20b tests");
}

#[test]
fn wrong_handshakes_are_told_what_is_wrong() {
    let host = Hosted::new(open());
    let right = handshake("/ws", "");
    let wrong = [
        (405, "allow: get", right.replacen("GET", "POST", 1)),
        (405, "allow: get", right.replacen("GET", "PUT", 1)),
        (426, "sec-websocket-version: 13", right.replace("Version: 13", "Version: 8")),
        (426, "sec-websocket-version: 13", right.replace("Version: 13", "Version: 14")),
        (426, "sec-websocket-version: 13", right.replace("Sec-WebSocket-Version: 13\r\n", "")),
        (426, "upgrade: websocket", "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned()),
        (426, "upgrade: websocket", right.replace("Connection: Upgrade", "Connection: close")),
        (426, "upgrade: websocket", right.replace("Upgrade: websocket", "Upgrade: not-websocket")),
        (400, "", right.replace("dGhlIHNhbXBsZSBub25jZQ==", "short")),
        (400, "", right.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ")),
        (400, "", right.replace("dGhlIHNhbXBsZSBub25jZQ==", "!!!!IHNhbXBsZSBub25jZQ==")),
        (400, "", right.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "")),
        (400, "", handshake("/ws", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")),
        (400, "", right.replace("Host: 127.0.0.1\r\n", "")),
        (404, "", handshake("/elsewhere", "")),
        (404, "", handshake("/ws/", "")),
    ];
    for (status, header, request) in wrong {
        let (answered, head, body) = ask(&host, &request);
        assert_eq!(answered, status, "{request}\n{head}");
        assert!(head.contains(header), "{header} in {head}");
        let is_upgrade = request.contains("Upgrade: websocket") && request.contains("Connection: Upgrade");
        assert!(!is_upgrade || head.contains("connection: close"), "{head}");
        let is_ours = status != 404 && request.contains("Host: ");
        assert!(!is_ours || !body.trim().is_empty(), "{status} says why");
    }
    assert_eq!(host.log.lines(), [""; 0], "nobody got in");
}

#[test]
fn other_requests_to_upgrade_are_answered_too() {
    let host = Hosted::new(open());
    let (status, head, body) = ask(&host, &handshake("/page", ""));
    assert_eq!((status, body.as_str()), (200, "a page\n"));
    assert!(head.contains("connection: close"), "{head}");
    let (status, _, body) = ask(&host, &handshake("/fails", ""));
    assert_eq!((status, body.as_str()), (418, "no coffee"));
    for request in [
        "CONNECT server.example:80 HTTP/1.1\r\nHost: server.example:80\r\n\r\n",
        "CONNECT /ws HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let (status, ..) = ask(&host, request);
        assert!((400..500).contains(&status), "{status}");
    }
    let with_body = handshake("/ws", "Content-Length: 5\r\n").replacen("GET", "POST", 1) + "hello";
    assert_eq!(ask(&host, &with_body).0, 405);
}

#[test]
fn a_page_and_then_a_websocket_on_one_connection() {
    let host = Hosted::new(open());
    let mut peer = Peer::dial(host.address);
    let head = peer.ask("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    peer.expect_raw(b"a page\n");
    let head = peer.ask(&handshake("/ws", ""));
    assert!(head.contains("101 Switching"), "{head}");
    peer.text("now");
    peer.expect("now");
}

#[test]
fn subprotocols_are_the_servers_choice_among_those_offered() {
    let host = Hosted::new(open());
    let chosen = |headers: &str| {
        let head = Peer::dial(host.address).ask(&handshake("/ws", headers)).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101"), "{head}");
        let line = head.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
        line.map(str::to_owned)
    };
    let chosen = |headers: &str| chosen(headers).unwrap_or_default();
    assert_eq!(chosen("Sec-WebSocket-Protocol: second\r\n"), "second");
    assert_eq!(chosen("Sec-WebSocket-Protocol: other, second,best\r\n"), "best");
    assert_eq!(chosen("Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Protocol: second\r\n"), "second");
    assert_eq!(chosen("Sec-WebSocket-Protocol: second\r\nSec-WebSocket-Protocol: best\r\n"), "best");
    assert_eq!(chosen("Sec-WebSocket-Protocol: other\r\n"), "");
    assert_eq!(chosen(""), "");
}

#[test]
fn foreign_pages_are_refused_before_anything_else() {
    let host = Hosted::new(Limits::default().clients(0).origins(Origins::default()));
    let (status, _, body) = ask(&host, &handshake("/ws", "Origin: https://evil.example\r\n"));
    assert_eq!(status, 403);
    assert!(body.contains("Origin"), "{body}");
    let (status, ..) = ask(&host, &handshake("/ws", "Origin: http://127.0.0.1\r\n"));
    assert_eq!(status, 503, "its own page comes as far as the next door");
    assert_eq!(ask(&host, &handshake("/ws", "")).0, 503, "no browser");
    assert_eq!((host.sample("origin"), host.sample("full")), (1, 2));
}

#[test]
fn a_full_server_says_so_and_takes_the_next_when_one_has_gone() {
    let host = Hosted::new(open().clients(2).clients_per_address(5));
    let first = Peer::new(host.address);
    let _second = Peer::new(host.address);
    let (status, head, body) = ask(&host, &handshake("/ws", ""));
    assert_eq!(status, 503);
    assert!(head.contains("retry-after: ") && body.contains("takes 2 clients (Limits::clients)"), "{head}{body}");
    first.leave();
    wait_until("a free place", || Peer::dial(host.address).ask(&handshake("/ws", "")).contains(" 101 "));
}

#[test]
fn an_address_may_have_so_many() {
    let host = Hosted::new(open().clients_per_address(1));
    let _first = Peer::new(host.address);
    let (status, head, body) = ask(&host, &handshake("/ws", ""));
    assert_eq!(status, 503);
    assert!(
        head.contains("retry-after: ") && body.contains("1 are allowed (Limits::clients_per_address)"),
        "{head}{body}"
    );
}

#[test]
fn what_comes_with_the_handshake_is_not_lost() {
    let host = Hosted::new(open());
    let mut peer = Peer::dial(host.address);
    let long = "x".repeat(30_000);
    let mut all = handshake("/ws", "").into_bytes();
    for index in 0..5 {
        all.extend(frame(TEXT, format!("{index}{long}")));
    }
    let mut writer = peer.tcp.try_clone().unwrap();
    let sending = std::thread::spawn(move || std::io::Write::write_all(&mut writer, &all).unwrap());
    assert!(peer.head().contains(" 101 "));
    for index in 0..5 {
        assert_eq!(peer.hear(), Heard::Text(format!("{index}{long}")));
    }
    sending.join().unwrap();
}

#[test]
fn a_handshake_in_pieces() {
    let host = Hosted::new(open());
    let mut peer = Peer::dial(host.address);
    for byte in handshake("/ws", "").bytes() {
        peer.raw(&[byte]);
    }
    assert!(peer.head().contains(" 101 "));
    peer.text("there");
    peer.expect("there");
}

#[test]
fn a_handshake_that_dawdles_is_ended() {
    let host = Hosted::new(open());
    let mut peer = Peer::dial(host.address);
    peer.raw(b"GET /ws HTTP/1.1\r\nHost: server.example\r\nUpgr");
    let answer = String::from_utf8(peer.rest()).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}
