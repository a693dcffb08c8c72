//! Sessions over HTTP: who may open one, how they end, and what they leave behind.

use std::time::Duration;

use parlor_kit::{
    Access, App, Client, ClientId, Close, HttpSessions, Hub, Json, Limits, Mount, Origins, Outcome, Server, Ticket,
};
use parlor_testkit::{HttpPeer, Part, Peer, wait_until};
use serde_json::Value;

use super::http_peers::{HttpSession, json, next_event, next_line};
use super::nodes::Nodes;
use super::server::{Hosted, Log, open};

pub fn it_is_a_client_like_any_other(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    let mut bo = Peer::new(host.address);
    bo.text("join 1");
    bo.expect("joined");
    ann.say(&["join 1", "say 1 hello"]);
    bo.expect("hello");
    bo.text("say 1 hello yourself");
    let heard: Vec<String> = ann.wait_for(0, 3).into_iter().map(|(_, text)| text).collect();
    assert_eq!(heard, ["joined", "hello", "hello yourself"]);
    assert_eq!(host.handle.clients(), 2);
    assert_eq!((host.sample("http_sessions_opened_total"), host.sample("connections_opened_total")), (1, 2));
    assert_eq!((host.sample("send"), host.sample("events"), host.sample("poll") > 0), (1, 0, true));
    assert_eq!(ann.delete().status, 204);
    host.log.wait("left", 1);
    assert_eq!(host.sample("1000"), 1);
    wait_until("its place is free", || host.handle.clients() == 1);
    let again = ann.delete();
    assert_eq!((again.status, &json(&again)["close"]["code"]), (404, &1000.into()));
}

pub fn a_request_right_after_the_end_of_a_session_is_told_of_it(nodes: Nodes) {
    let host = nodes.host(open());
    for rest in ["/poll", "/events", "/stream"].repeat(20) {
        let mut ann = HttpSession::open(host.address);
        assert_eq!(ann.delete().status, 204);
        let late = ann.get(rest);
        assert_eq!((late.status, &json(&late)["close"]["code"]), (404, &1000.into()), "{rest}");
    }
}

pub fn nobody_gets_in_with_a_secret_that_is_none(nodes: Nodes) {
    let host = nodes.host(open());
    let ann = HttpSession::open(host.address);
    let mut other = ann.secret.clone().into_bytes();
    other[0] = if other[0] == b'A' { b'B' } else { b'A' }; // any other byte of a secret
    for secret in [String::from_utf8(other).unwrap(), "x".into(), "%00".into(), "x".repeat(1000)] {
        let mut stranger = HttpSession { to: ann.to, secret, peer: HttpPeer::dial(ann.to) };
        for target in ["/poll", "/events", "/stream"] {
            let answer = stranger.get(target);
            assert_eq!((answer.status, json(&answer)["code"].as_str()), (404, Some("no_such_session")));
            assert_eq!((answer.header("connection"), json(&answer).get("close")), (Some("close"), None));
            stranger.peer = HttpPeer::dial(ann.to);
        }
    }
}

pub fn methods_that_are_not_there(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    for (method, rest, allowed) in [
        ("PUT", "", "DELETE, OPTIONS"),
        ("GET", "", "DELETE, OPTIONS"),
        ("GET", "/send", "POST, OPTIONS"),
        ("POST", "/poll", "GET, HEAD, OPTIONS"),
        ("DELETE", "/events", "GET, HEAD, OPTIONS"),
    ] {
        let target = ann.path(rest);
        let answer = ann.peer.request(method, &target, "", b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {rest}");
        assert!(json(&answer)["message"].as_str().unwrap().contains(allowed));
        assert_eq!(ann.peer.request("OPTIONS", &target, "", b"").header("allow"), Some(allowed));
    }
    assert_eq!(ann.peer.request("GET", "/api/sessions", "", b"").status, 405);
}

pub fn origins_are_the_websockets(nodes: Nodes) {
    let page = "https://page.example";
    let host = nodes.host(open().origins(Origins::Same { also: vec![page.to_owned()], required: false }));
    let mut ann = HttpSession::open(host.address);
    let from = |origin: &str| format!("Origin: {origin}\r\n");
    let target = ann.path("/poll");
    for origin in [page.to_owned(), format!("http://{}", host.address)] {
        let answer = ann.peer.request("GET", &target, &from(&origin), b"");
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(&*origin)));
        assert_eq!(answer.header("vary"), Some("Origin"));
        let asked = ann.peer.request("OPTIONS", &target, &from(&origin), b"");
        assert_eq!((asked.status, asked.header("access-control-allow-methods")), (204, Some("GET, HEAD, OPTIONS")));
        assert!(asked.header("access-control-allow-headers").unwrap().contains("last-event-id"));
    }
    for (method, target) in [("GET", &*target), ("OPTIONS", &target), ("POST", "/api/sessions")] {
        let refused = ann.peer.request(method, target, &from("https://evil.example"), b"");
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, None));
        assert_eq!(json(&refused)["code"], "forbidden");
        assert_eq!(refused.header("vary"), Some("Origin"));
    }
    let own = ann.get("/poll");
    assert_eq!((own.header("access-control-allow-origin"), own.header("vary")), (None, Some("Origin")));
    assert_eq!(host.handle.clients(), 1);
}

pub fn places_are_counted_from_the_opening_to_the_end(nodes: Nodes) {
    let host = nodes.host(open().clients(2));
    let mut ann = HttpSession::open(host.address);
    let bo = Peer::new(host.address);
    let full = HttpPeer::dial(host.address).request("POST", "/api/sessions", "", b"");
    assert_eq!((full.status, full.header("retry-after")), (503, Some("5")));
    assert_eq!(json(&full)["code"], "server_full");
    bo.leave();
    wait_until("a place is free", || host.handle.clients() == 1);
    let mut bo = HttpSession::open(host.address);
    assert_eq!((ann.delete().status, bo.delete().status), (204, 204));
    wait_until("both places are free", || host.handle.clients() == 0);
}

pub fn who_is_denied_is_told_so(nodes: Nodes) {
    let host = nodes.host(open());
    host.handle.deny_new(Close::new(4321, "not today"));
    let answer = HttpPeer::dial(host.address).request("POST", "/api/sessions", "", b"");
    assert_eq!((answer.status, &json(&answer)["close"]["code"]), (503, &4321.into()));
    host.handle.allow_new();
    HttpSession::open(host.address);
}

pub fn a_subprotocol_is_chosen_by_the_query(nodes: Nodes) {
    let host = nodes.host(open());
    let open =
        |query: &str| json(&HttpPeer::dial(host.address).request("POST", &format!("/api/sessions{query}"), "", b""));
    assert_eq!(open("?protocols=worst,second,best")["subprotocol"], "best");
    assert_eq!(open("?protocols=worst").get("subprotocol"), None);
    assert_eq!(open("")["welcome"], Value::Null, "this app says nothing first");
}

pub fn a_close_comes_behind_what_was_said_and_reaches_every_receiver(nodes: Nodes) {
    let host = nodes.host(open());
    for way in ["/events", "/stream", "/poll?wait_ms=30000"] {
        let mut ann = HttpSession::open(host.address);
        let mut peer = HttpPeer::dial(host.address);
        peer.send("GET", &ann.path(way), "", b"").unwrap();
        if way != "/poll?wait_ms=30000" {
            peer.head().unwrap();
        }
        ann.say(&["last words", "close 4501"]);
        let close = r#"{"code":4501,"reason":"as told"}"#;
        match way {
            "/events" => {
                assert_eq!(next_event(&mut peer)[1], "data: \"last words\"");
                assert_eq!(next_event(&mut peer), ["event: close", &format!("data: {close}")]);
                assert_eq!(peer.end(), (vec![], Part::End));
            }
            "/stream" => {
                assert_eq!(next_line(&mut peer).1, "last words");
                assert_eq!(peer.end(), (vec![format!("{{\"close\":{close}}}")], Part::End));
            }
            _ => {
                let mut answer = json(&peer.answer(false).unwrap());
                if answer.get("close").is_none() {
                    answer = json(&ann.get("/poll?ack=1&wait_ms=30000"));
                }
                assert_eq!(answer["close"].to_string(), close);
            }
        }
        wait_until("it is over", || {
            ann.get("/poll").status == 404 || {
                ann.peer = HttpPeer::dial(ann.to);
                false
            }
        });
        ann.peer = HttpPeer::dial(ann.to);
        assert_eq!(json(&ann.get("/poll"))["close"].to_string(), close);
        ann.peer = HttpPeer::dial(ann.to);
        let late = ann.send("", &["hello?"]);
        assert_eq!((late.status, json(&late)["close"].to_string()), (404, close.to_owned()));
    }
}

pub fn a_stop_is_told_to_whoever_listens_and_waited_for(nodes: Nodes) {
    let host = nodes.host(open());
    let sessions: Vec<HttpSession> = (0..3).map(|_| HttpSession::open(host.address)).collect();
    let mut events = sessions[0].receive("/events", "");
    let mut lines = sessions[1].receive("/stream", "");
    let mut poll = sessions[2].receive_later("/poll?wait_ms=30000");
    host.handle.stop(Close::new(Close::RESTART, "back soon"));
    let close = r#"{"code":1012,"reason":"back soon"}"#;
    assert_eq!(next_event(&mut events), ["event: close", &format!("data: {close}")]);
    assert_eq!(lines.end(), (vec![format!("{{\"close\":{close}}}")], Part::End));
    let answer = poll.answer(false).unwrap();
    assert_eq!((json(&answer)["close"].to_string(), answer.header("connection")), (close.to_owned(), Some("close")));
    drop(host);
}

pub fn a_reset_leaves_nothing(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    let mut events = ann.receive("/events", "");
    let mut bo = HttpSession::open(host.address);
    let mut poll = bo.receive_later("/poll?wait_ms=30000");
    host.handle.abort_all();
    host.log.wait("left", 2);
    assert_eq!(events.end().0, ["retry: 1000"]);
    assert_eq!(poll.answer(false).unwrap().status, 404);
    for session in [&mut ann, &mut bo] {
        wait_until("it is gone", || session.get("/poll").status == 404);
        session.peer = HttpPeer::dial(session.to);
        assert_eq!(json(&session.get("/poll")).get("close"), None);
    }
}

pub fn an_idle_connection_is_the_sessions_and_not_one_that_waits(nodes: Nodes) {
    let access = Access::default().handshakes(8).handshakes_per_address(8).answer_within(Duration::from_millis(300));
    let host = nodes.host_with(open(), access);
    let sessions: Vec<(HttpSession, HttpPeer)> = (0..30)
        .map(|_| {
            let session = HttpSession::open(host.address);
            session.peer.cut();
            let events = session.receive("/events", "");
            (session, events)
        })
        .collect();
    std::thread::sleep(Duration::from_millis(600)); // nothing is sent for longer than a connection may wait for an answer
    for (mut session, mut events) in sessions {
        session.peer = HttpPeer::dial(host.address);
        session.say(&["hello"]);
        session.peer.cut();
        assert_eq!(next_event(&mut events)[1], "data: \"hello\"");
    }
}

pub fn connections_of_ended_sessions_are_not_kept_beyond_what_may_wait(nodes: Nodes) {
    let access = Access::default().handshakes(4).handshakes_per_address(4).answer_within(Duration::from_secs(60));
    let host = nodes.host_with(open(), access);
    let mut kept: Vec<HttpPeer> = Vec::new();
    for _ in 0..12 {
        let mut peer = HttpPeer::dial(host.address);
        let answer = wait_for_place(&mut peer, host.address);
        let secret = json(&answer)["session"].as_str().unwrap().to_owned();
        let mut session = HttpSession { to: host.address, secret, peer };
        assert!(session.poll("").is_empty());
        session.delete();
        kept.push(std::mem::replace(&mut session.peer, HttpPeer::dial(host.address)));
    }
    let open = kept.iter_mut().filter_map(|peer| peer.is_quiet(Duration::from_millis(20)).then_some(())).count();
    assert!(open <= 4, "{open} connections of sessions that are over are open");
}

/// Opens a session, on another connection if this one is one too many.
fn wait_for_place(peer: &mut HttpPeer, to: std::net::SocketAddr) -> parlor_testkit::http::Response {
    loop {
        match peer.try_request("POST", "/api/sessions", "", b"") {
            Ok(answer) if answer.status == 201 => return answer,
            _ => *peer = HttpPeer::dial(to),
        }
    }
}

/// Greets, then says what it is told.
struct Greeter;

impl App for Greeter {
    type Request = Json<Value>;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        hub.send(client.id, serde_json::json!({"hello": client.path_param("room")}));
        hub.send(client.id, serde_json::json!({"and": "more"}));
    }

    fn message_received(&mut self, client: ClientId, Json(value): Json<Value>, hub: &mut Hub<'_>) {
        hub.send(client, value);
    }

    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

/// Greets when its journal has answered.
struct Careful {
    newcomers: Vec<ClientId>,
}

impl App for Careful {
    type Request = Json<Value>;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        self.newcomers.push(client.id);
        hub.append("log", "somebody came");
    }

    fn committed(&mut self, _: Ticket, _: Outcome, hub: &mut Hub<'_>) {
        for client in self.newcomers.drain(..) {
            hub.send(client, serde_json::json!({"hello": "at last"}));
            hub.send(client, serde_json::json!({"and": "more"}));
        }
    }

    fn message_received(&mut self, _: ClientId, _: Json<Value>, _: &mut Hub<'_>) {}

    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

#[test]
fn an_app_that_greets_is_waited_for() {
    let sessions = HttpSessions::new("/sessions").greets();
    let mount = Mount::new(&["/ws"], || Careful { newcomers: Vec::new() }).http_sessions(sessions);
    let host = Hosted::run(Server::new().mount(mount), std::sync::Arc::new(Log::default()));
    let mut peer = HttpPeer::dial(host.address);
    let opened = json(&peer.request("POST", "/sessions", "", b""));
    assert_eq!(opened["welcome"]["hello"], "at last");
    let path = format!("/sessions/{}", opened["session"].as_str().unwrap());
    let answer = peer.request("GET", &format!("{path}/poll?ack=0&wait_ms=1000"), "", b"");
    assert_eq!(answer.body, "{\"frames\":[{\"n\":1,\"frame\":{\"and\":\"more\"}}]}\n");
}

#[test]
fn the_first_frame_comes_with_the_secret_and_json_stands_as_it_is() {
    let sessions = HttpSessions::new("/rooms/{room}/sessions/");
    let server = Server::new().mount(Mount::new(&["/ws"], || Greeter).http_sessions(sessions));
    let host = Hosted::run(server, std::sync::Arc::new(Log::default()));
    let mut peer = HttpPeer::dial(host.address);
    let opened = json(&peer.request("POST", "/rooms/tea/sessions", "", b""));
    assert_eq!(opened["welcome"]["hello"], "tea");
    let path = format!("/rooms/tea/sessions/{}", opened["session"].as_str().unwrap());
    assert_eq!(peer.request("POST", &format!("{path}/send"), "", b"{\"a\": [1.5, null]}\n").status, 202);
    let answer = loop {
        let answer = peer.request("GET", &format!("{path}/poll?ack=1&wait_ms=1000"), "", b"");
        if answer.status == 200 && answer.body.contains("\"n\":2") {
            break answer.body;
        }
    };
    assert_eq!(answer, "{\"frames\":[{\"n\":2,\"frame\":{\"a\":[1.5,null]}}]}\n");
}
