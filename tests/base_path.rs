//! The server below a path, seen from outside: what is there, and what the rest of the server says.

#![allow(clippy::unwrap_used)]

use parlor_testkit::frames::handshake;
use parlor_testkit::http::{self, Response};
use parlor_testkit::server::{Launch, Server};
use parlor_testkit::{Heard, Peer};

fn below(flags: &[&str]) -> Server {
    Launch::new(env!("CARGO_BIN_EXE_parlor")).flags(flags).start()
}

fn text(answer: &Response) -> (u16, &str) {
    (answer.status, answer.body.as_str())
}

#[test]
fn everything_is_below_the_path() {
    let server = below(&["--base-path=/a/chat"]);
    for path in ["", "client.js", "client/link.js", "parlor.webmanifest", "sw.js", "compare", "compare.css", "icon.svg"]
    {
        let answer = server.get(&format!("/a/chat/{path}"));
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
    }
    for app in ["ws", "echo"] {
        let mut peer = Peer::at(server.address, &format!("/a/chat/{app}"));
        if app == "ws" {
            assert!(matches!(peer.hear(), Heard::Text(text) if text.contains("welcome")));
        } else {
            peer.text("back");
            peer.expect("back");
        }
    }
    let opened = http::send(server.address, "POST", "/a/chat/api/sessions", "", "");
    assert_eq!(opened.status, 201);
    assert_eq!(server.get("/a/chat/nothing").body, "404: there is no such page\n");
}

#[test]
fn the_html_and_its_script_name_no_path_from_the_root() {
    let server = below(&["--base-path=/chat/"]);
    for page in ["/chat/", "/chat/compare"] {
        let html = server.get(page).body;
        let addresses: Vec<&str> =
            html.split(['"']).skip(1).step_by(2).filter(|value| value.starts_with('/')).collect();
        assert!(addresses.is_empty(), "{page}: {addresses:?}");
    }
    let html = server.get("/chat/").body;
    let (_, rest) = html.split_once("src=\"app.").unwrap();
    let app = server.get(&format!("/chat/app.{}", rest.split('"').next().unwrap()));
    assert_eq!(app.status, 200);
    for absolute in ["import('/", "from '/", "fetch('/", "'/ws'"] {
        assert!(!app.body.contains(absolute), "{absolute}");
    }
}

#[test]
fn the_root_leads_there_and_other_paths_are_not_found() {
    let server = below(&["--base-path=/chat/"]);
    for (path, location) in
        [("/", "/chat/"), ("/chat", "/chat/"), ("/?room=tea", "/chat/?room=tea"), ("/chat?a", "/chat/?a")]
    {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("location")), (307, Some(location)), "{path}");
    }
    let words = "404: nothing is here: this server has everything below /chat/\n";
    for path in ["/ws", "/api/sessions", "/client.js", "/chatter", "/compare", "//chat/", "/CHAT/", "/x?a=/chat/"] {
        assert_eq!(text(&server.get(path)), (404, words), "{path}");
    }
    assert_eq!(http::send(server.address, "POST", "/", "", "").status, 404);
    // A WebSocket follows no redirect.
    for path in ["/", "/ws"] {
        let mut peer = Peer::dial(server.address);
        assert!(peer.ask(&handshake(path, "")).starts_with("HTTP/1.1 404 "), "{path}");
    }
}

#[test]
fn probes_and_crawlers_ask_at_the_root_too() {
    let server = below(&["--base-path=/chat/"]);
    for path in ["/healthz", "/readyz", "/metrics"] {
        for path in [path.to_owned(), format!("/chat{path}")] {
            assert_eq!(server.get(&path).status, 200, "{path}");
            assert_eq!(http::send(server.address, "POST", &path, "", "").status, 405, "{path}");
        }
    }
    assert_eq!(text(&server.get("/robots.txt")), (200, "User-agent: *\nDisallow: /chat/api/\n"));
    assert!(server.get("/metrics").body.contains("app=\"/ws\""), "the app's own path");
}

#[test]
fn names_are_checked_below_the_path_as_well() {
    let server = below(&["--base-path=/chat/"]);
    for (path, status) in
        [("/chat/", 421), ("/", 421), ("/chat/healthz", 200), ("/readyz", 200), ("/chat/metrics", 421)]
    {
        let request = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let mut peer = Peer::dial(server.address);
        let head = peer.ask(&request);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
    }
    let mut peer = Peer::dial(server.address);
    let head = peer.ask(&handshake("/chat/ws", "Origin: http://evil.example\r\n"));
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
}

#[test]
fn metrics_with_a_listener_of_their_own_are_not_at_the_root() {
    let server = below(&["--base-path=/chat/", "--metrics-listen=127.0.0.1:0"]);
    assert_eq!(server.get("/metrics").status, 404);
    assert_eq!(server.get("/chat/metrics").status, 404);
}
