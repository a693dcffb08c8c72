//! Sessions over HTTP on several servers: what goes on between these.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parlor_kit::{Access, Close, HttpSessions, Limits, Mount, Server};
use parlor_testkit::socket::Dial;
use parlor_testkit::{HttpPeer, Part, Peer, http, wait_until};

use super::http_peers::{HttpSession, frames, json, next_event, next_line};
use super::nodes::{Addresses, cluster};
use super::server::{Hosted, Log, Obedient, open};

fn two(limits: &Limits) -> ([Hosted; 2], Addresses) {
    let known = Addresses::default();
    let hosts = cluster(["n1", "n2"], &known, limits, &Access::default());
    (hosts, known)
}

/// A session of one server, as its client reaches it by another one.
fn by(front: &Hosted, owner: &Hosted) -> HttpSession {
    let mut session = HttpSession::open(owner.address);
    session.to = front.address;
    session.peer = HttpPeer::dial(front.address);
    session
}

fn at(to: SocketAddr, secret: &str) -> HttpSession {
    HttpSession { to, secret: secret.to_owned(), peer: HttpPeer::dial(to) }
}

fn is_gone(session: &mut HttpSession) {
    session.peer = HttpPeer::dial(session.to);
    let answer = session.get("/poll");
    assert_eq!((answer.status, json(&answer)["code"].as_str()), (404, Some("no_such_session")), "{answer:?}");
    assert_eq!((answer.header("connection"), json(&answer).get("close")), (Some("close"), None));
    session.peer = HttpPeer::dial(session.to);
    assert_eq!(session.send("n=1", &["hello"]).status, 404);
    session.peer = HttpPeer::dial(session.to);
}

#[test]
fn a_secret_names_its_server_and_requests_are_counted_on_both_sides() {
    let ([owner, front], _) = two(&open());
    let mut ann = by(&front, &owner);
    assert!(ann.secret.starts_with("n1."), "a public name, and not the secret itself");
    ann.say(&["hello"]);
    assert_eq!(ann.wait_for(0, 1), [(1, "hello".to_owned())]);
    let mut events = ann.receive("/events", "");
    assert_eq!(next_event(&mut events), ["id: 1", "data: \"hello\""]);
    assert_eq!(front.sample("http_forwarded_receivers"), 1);
    assert_eq!((owner.handle.clients(), front.handle.clients()), (1, 0), "it counts as a client where it lives");
    let (out, passed) = (front.sample("out"), owner.sample("in"));
    assert_eq!((out, front.sample("failed")), (passed, 0));
    assert!(out >= 3 && owner.sample("out") == 0);
    assert_eq!((owner.sample("send"), front.sample("send")), (1, 0));
    assert_eq!(ann.delete().status, 204);
    owner.log.wait("left", 1);
    assert_eq!(events.end().1, Part::End);
    front.wait_sample("http_forwarded_receivers", 0);
}

#[test]
fn a_server_that_dies_ends_the_bodies_and_then_its_sessions_are_not_there() {
    let ([owner, front], known) = two(&open());
    let (mut ann, bo) = (by(&front, &owner), by(&front, &owner));
    let mut lines = ann.receive("/stream", "");
    let mut poll = bo.receive_later("/poll?wait_ms=30000");
    ann.say(&["hello"]);
    assert_eq!(next_line(&mut lines), (1, "hello".to_owned()));
    owner.handle.stop_now();
    assert_eq!(lines.end(), (vec![], Part::End));
    assert_eq!(poll.answer(false).unwrap().status, 404);
    drop(owner);
    is_gone(&mut ann);
    let failed = front.sample("failed");
    assert!(failed >= 2, "it was asked in vain: {failed}");
    known.forget("n1");
    is_gone(&mut ann);
    assert_eq!(front.sample("failed"), failed, "it is not asked any more");
}

#[test]
fn a_server_that_was_started_again_is_reached_by_a_new_connection() {
    let known = Addresses::default();
    let (listener, peers) = known.listen("n1");
    let kept = listener.try_clone().unwrap();
    let owner = Hosted::configured(open(), Access::default(), |server| server.peers(listener, peers));
    let [front] = cluster(["n2"], &known, &open(), &Access::default());
    let mut ann = by(&front, &owner);
    ann.say(&["hello"]);
    drop(owner);
    let (_, peers) = known.listen("n1");
    known.set("n1", kept.local_addr().unwrap());
    let owner = Hosted::configured(open(), Access::default(), |server| server.peers(kept, peers));
    let mut bo = by(&front, &owner);
    bo.say(&["hello"]);
    assert_eq!(front.sample("failed"), 0);
    is_gone(&mut ann);
    assert_eq!(front.sample("failed"), 0, "the new one says that it does not know it");
}

#[test]
fn a_client_that_is_gone_is_gone_on_both_servers() {
    let limits = open().heartbeat(Duration::from_millis(100)).heartbeat_timeout(Duration::from_millis(1000));
    let ([owner, front], _) = two(&limits);
    let received: Vec<(HttpSession, HttpPeer)> = ["/events", "/stream", "/poll?wait_ms=400"]
        .into_iter()
        .map(|way| {
            let session = by(&front, &owner);
            let mut peer = HttpPeer::dial(front.address);
            peer.send("GET", &session.path(way), "", b"").unwrap();
            (session, peer)
        })
        .collect();
    front.wait_sample("out", 3);
    received.iter().for_each(|(_, peer)| peer.cut());
    front.wait_sample("http_forwarded_receivers", 0);
    wait_until("the sessions are over", || owner.handle.clients() == 0);
    owner.log.wait("left", 3);
    assert_eq!(owner.sample("4001"), 3);
}

/// The owner reads a bounded number of frames ahead: else it would hand on everything.
#[test]
fn a_reader_that_takes_nothing_stops_its_session_behind_two_servers() {
    let limits = open().outbox_bytes(1 << 20).outbox_stall(Duration::from_millis(500));
    let ([owner, front], _) = two(&limits);
    let mut ann = by(&front, &owner);
    ann.say(&["join 1"]);
    assert_eq!(ann.wait_for(0, 1).len(), 1);
    let mut speaker = Peer::new(owner.address);
    let mut stuck = HttpPeer::over(Dial::NARROW.connect(front.address), front.address);
    stuck.send("GET", &ann.path("/stream"), "", b"").unwrap();
    front.wait_sample("http_forwarded_receivers", 1);
    let words = format!("others 1 {}", "x".repeat(50_000));
    wait_until("more waits than may", || {
        speaker.text(&words);
        owner.log.count("left") == 1
    });
    assert_eq!(owner.sample("slow_consumers_total"), 1);
    front.wait_sample("http_forwarded_receivers", 0);
    assert_eq!(json(&ann.get("/poll"))["close"]["code"], 4000);
}

#[test]
fn a_server_that_stops_sends_the_receivers_of_others_on() {
    let ([owner, front], _) = two(&open());
    let (mut ann, mut bo, mut cy) = (by(&front, &owner), by(&front, &owner), by(&front, &owner));
    let mut lines = ann.receive("/stream", "");
    let mut events = bo.receive("/events", "");
    let mut poll = cy.receive_later("/poll?wait_ms=30000");
    front.wait_sample("http_forwarded_receivers", 3);
    front.handle.stop(Close::new(Close::RESTART, "the server is closing"));
    assert_eq!(lines.end(), (vec![], Part::End), "no close: the session goes on");
    assert_eq!(events.end(), (vec!["retry: 1000".to_owned()], Part::End));
    assert_eq!(frames(&poll.answer(false).unwrap()), []);
    for session in [&mut ann, &mut bo, &mut cy] {
        session.to = owner.address; // as a load balancer leads it
        session.peer = HttpPeer::dial(owner.address);
        session.say(&["hello"]);
        assert_eq!(session.wait_for(0, 1).len(), 1);
    }
}

#[test]
fn a_server_that_stops_tells_its_clients_by_the_others() {
    let ([owner, front], _) = two(&open());
    let (ann, bo) = (by(&front, &owner), by(&front, &owner));
    let mut events = ann.receive("/events", "");
    let mut poll = bo.receive_later("/poll?wait_ms=30000");
    let close = r#"{"code":1012,"reason":"the server is closing"}"#;
    drop(owner); // it waits for them
    assert_eq!(next_event(&mut events), ["event: close", &format!("data: {close}")]);
    assert_eq!(json(&poll.answer(false).unwrap())["close"].to_string(), close);
}

#[test]
fn addresses_have_their_places_where_their_receivers_are_and_not_where_their_sessions_are() {
    let access = Access::default().handshakes_per_address(4);
    let known = Addresses::default();
    let [owner, front] = cluster(["n1", "n2"], &known, &open(), &access);
    let mut received: Vec<(HttpSession, HttpPeer)> = Vec::new();
    for _ in 0..20 {
        let mut session = by(&front, &owner);
        session.peer.cut();
        let events = session.receive("/events", "");
        session.peer = HttpPeer::dial(front.address);
        session.say(&["hello"]);
        session.peer.cut();
        received.push((session, events));
    }
    assert_eq!(front.sample("http_forwarded_receivers"), 20);
    for (_, events) in &mut received {
        assert_eq!(next_event(events)[1], "data: \"hello\"");
    }
    assert_eq!((owner.refused("address"), front.refused("address")), (0, 0));
}

#[test]
fn unknown_servers_have_no_sessions() {
    let ([owner, front], known) = two(&open());
    let ann = HttpSession::open(owner.address);
    let (_, random) = ann.secret.split_once('.').unwrap();
    for secret in [format!("n9.{random}"), format!("n2.{random}"), random.to_owned()] {
        is_gone(&mut at(front.address, &secret));
    }
    assert_eq!(front.sample("out"), 0, "there is nobody to ask");
    is_gone(&mut at(front.address, &format!("n1.{}", "A".repeat(32))));
    let asked = 3; // and once to end it
    assert_eq!((front.sample("out"), front.sample("failed")), (asked, 0));
    // One that takes itself for another: it refuses what it asks of itself.
    known.set("n3", known.get("n2").unwrap());
    is_gone(&mut at(front.address, &format!("n3.{random}")));
    assert_eq!(front.sample("failed"), asked);
    assert_eq!((front.sample("in"), owner.sample("out")), (0, 0));
}

#[test]
fn servers_with_another_key_are_no_peers() {
    let known = Addresses::default();
    let [owner] = cluster(["n1"], &known, &open(), &Access::default());
    let (listener, mut peers) = known.listen("n2");
    peers.key = [8; 32];
    let front = Hosted::configured(open(), Access::default(), |server| server.peers(listener, peers));
    let mut ann = by(&front, &owner);
    is_gone(&mut ann);
    assert_eq!((front.sample("failed"), owner.sample("in")), (2, 0));
    ann.to = owner.address; // to say goodbye
}

/// Takes one request as the server `n1`, and returns what came.
fn overhear(known: &Addresses, front: &Hosted, more: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let before = known.get("n1").unwrap();
    known.set("n1", listener.local_addr().unwrap());
    let heard = thread::spawn(move || {
        let (mut tcp, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut buffer = [0; 4096];
        while !head.ends_with(b"\r\n\r\n") {
            let bytes = tcp.read(&mut buffer).unwrap();
            head.extend_from_slice(&buffer[..bytes]);
        }
        tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-more: 1\r\nset-cookie: a=b\r\n\r\n{}").unwrap();
        String::from_utf8(head).unwrap()
    });
    let target = format!("/api/sessions/n1.{}/poll?ack=7&wait_ms=1", "B".repeat(32));
    let answer = HttpPeer::dial(front.address).request("GET", &target, more, b"");
    assert_eq!((answer.status, answer.body.as_str(), answer.header("x-more")), (200, "{}", Some("1")));
    known.set("n1", before);
    heard.join().unwrap()
}

#[test]
fn only_peers_get_in_where_peers_are_served() {
    let ([owner, front], known) = two(&open());
    let forged =
        "Parlor-Peer: forged\r\nOrigin: http://page.example\r\nCookie: a=b\r\nLast-Event-ID: 3\r\nAccept: */*\r\n";
    let head = overhear(&known, &front, forged).to_lowercase();
    assert!(head.starts_with("get /api/sessions/n1."), "{head}");
    for expected in ["/poll?ack=7&wait_ms=1 http/1.1\r\n", "\r\nlast-event-id: 3\r\n", "\r\naccept: */*\r\n"] {
        assert!(head.contains(expected), "{expected} in {head}");
    }
    for held_back in ["cookie", "origin", "forged"] {
        assert!(!head.contains(held_back), "{held_back} in {head}");
    }
    let token =
        overhear(&known, &front, "").lines().find_map(|line| Some(line.strip_prefix("parlor-peer: ")?.to_owned()));
    let token = format!("Parlor-Peer: {}\r\n", token.unwrap());
    let ann = HttpSession::open(owner.address);
    let poll = ann.path("/poll");
    let (of_owner, of_front) = (known.get("n1").unwrap(), known.get("n2").unwrap());
    for (to, more, status) in [
        (of_owner, "", 403),
        (of_owner, "Parlor-Peer: forged\r\n", 403),
        (of_front, &*token, 403),
        (of_owner, &token, 200),
    ] {
        assert_eq!(http::send(to, "GET", &poll, more, "").status, status, "{more}");
    }
    let asks = |method: &str, path: &str, more: &str| http::send(of_owner, method, path, more, "").status;
    for path in ["/page", "/ws", "/api/sessions", "/"] {
        assert_eq!((asks("GET", path, &token), asks("GET", path, "")), (404, 403), "{path}");
    }
    assert_eq!(asks("POST", "/api/sessions", &token), 404);
    // Further than one server goes no request.
    let elsewhere = HttpSession::open(front.address);
    assert_eq!((asks("GET", &elsewhere.path("/poll"), &token), owner.sample("out")), (404, 0));
    // The proof opens nothing where clients are served.
    let public = http::send(front.address, "GET", &format!("/api/sessions/{}/poll", "A".repeat(32)), &token, "");
    assert_eq!(public.status, 404);
}

#[test]
fn servers_below_a_path_find_each_other() {
    let known = Addresses::default();
    let [owner, front] = ["n1", "n2"].map(|name| {
        let (listener, peers) = known.listen(name);
        let log = Arc::new(Log::default());
        let app_log = Arc::clone(&log);
        let make = move || Obedient { log: app_log.clone(), limits: open() };
        let sessions = HttpSessions::new("/rooms/{room}/sessions").text();
        let server = Server::new().base_path("/chat".parse().unwrap()).peers(listener, peers);
        Hosted::run(server.mount(Mount::new(&["/ws"], make).http_sessions(sessions)), log)
    });
    let opened = http::send(owner.address, "POST", "/chat/rooms/tea/sessions", "", "");
    let path = format!("/chat/rooms/tea/sessions/{}", json(&opened)["session"].as_str().unwrap());
    let mut peer = HttpPeer::dial(front.address);
    assert_eq!(peer.request("POST", &format!("{path}/send?n=1"), "", b"\"hello\"").status, 202);
    peer.send("GET", &format!("{path}/stream"), "", b"").unwrap();
    assert_eq!(peer.head().unwrap().status, 200);
    assert_eq!(next_line(&mut peer), (1, "hello".to_owned()));
    let mut peer = HttpPeer::dial(front.address);
    assert_eq!(peer.request("DELETE", &path, "", b"").status, 204);
    assert_eq!(front.sample("out"), 3);
    wait_until("its session is over", || owner.handle.clients() == 0);
}

/// Its clients speak TLS, and its peers do not.
#[cfg(feature = "tls")]
#[test]
fn a_server_with_tls_is_reached_by_its_peers() {
    let files = super::tls::Files::new();
    let tls = parlor_kit::Tls::from_pem_files(&files.certificate, &files.key).unwrap();
    let known = Addresses::default();
    let (listener, peers) = known.listen("n1");
    let owner = Hosted::configured(open(), Access::default(), |server| server.tls(tls).peers(listener, peers));
    let [front] = cluster(["n2"], &known, &open(), &Access::default());
    is_gone(&mut at(front.address, &format!("n1.{}", "A".repeat(32))));
    assert_eq!((front.sample("failed"), owner.sample("in")), (0, 3));
}
