//! A server that has everything below a path.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use parlor_kit::{AllowedHosts, HttpSessions, Mount, Server};
use parlor_testkit::frames::handshake;
use parlor_testkit::http;
use parlor_testkit::{Heard, Peer};

use super::server::{Hosted, Log, Obedient, open};

fn below(path: &str) -> Hosted {
    let log = Arc::new(Log::default());
    let app_log = Arc::clone(&log);
    let make = move || Obedient { log: app_log.clone(), limits: open() };
    let answer = |words: &'static str| web::to(move || async move { HttpResponse::Ok().body(words) });
    let server = Server::new()
        .base_path(path.parse().unwrap())
        .mount(Mount::new(&["/", "/rooms/{room}"], make).http_sessions(HttpSessions::new("/sessions").text()))
        .page("/", "a page")
        .routes(move |config| {
            config.route("/route", answer("a route"));
        })
        .root_routes(move |config| {
            config.route("/alive", answer("alive"));
        })
        .allowed_hosts(AllowedHosts::names([]).except(&["/alive", "/route"]));
    Hosted::run(server, log)
}

#[test]
fn apps_pages_and_routes_are_below_it_and_do_not_know() {
    let host = below("/a/b");
    let mut peer = Peer::at(host.address, "/a/b/rooms/tea?x=1");
    peer.text("hello");
    peer.expect("hello");
    let mut other = Peer::at(host.address, "/a/b/");
    other.text("hello");
    other.expect("hello");
    host.log.wait("new", 2);
    assert!(
        host.log.lines().iter().any(|line| line.starts_with("new 127.0.0.1 /rooms/tea?x=1")),
        "{:?}",
        host.log.lines()
    );
    assert!(host.log.lines().iter().any(|line| line.starts_with("new 127.0.0.1 /?")), "{:?}", host.log.lines());
    for (path, words) in [("/a/b/", "a page"), ("/a/b/route", "a route"), ("/alive", "alive")] {
        assert_eq!(http::get(host.address, path).body, words, "{path}");
    }
    assert_eq!(http::send(host.address, "POST", "/a/b/sessions", "", "").status, 201);
}

#[test]
fn outside_of_it_is_nothing() {
    let host = below("/a/b");
    for (path, location) in [("/", "/a/b/"), ("/a/b", "/a/b/"), ("/a/b?x=%2F", "/a/b/?x=%2F")] {
        let answer = http::get(host.address, path);
        assert_eq!((answer.status, answer.header("location")), (307, Some(location)));
        let mut peer = Peer::dial(host.address);
        assert!(peer.ask(&handshake(path, "")).starts_with("HTTP/1.1 404 "), "{path}");
    }
    for path in ["/rooms/tea", "/route", "/sessions", "/a", "/a/", "/a/bc", "/b/", "/a/b/alive"] {
        assert_eq!(http::get(host.address, path).status, 404, "{path}");
    }
    assert!(http::get(host.address, "/route").body.contains("below /a/b/"));
}

#[test]
fn paths_that_answer_to_every_name_do_so_below_it_and_at_the_root() {
    let host = below("/a/b/");
    for (path, status) in [("/alive", 200), ("/a/b/route", 200), ("/a/b/", 421), ("/", 421)] {
        let mut peer = Peer::dial(host.address);
        let head = peer.ask(&format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"));
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
    }
}

#[test]
fn the_root_is_a_base_like_none() {
    let host = below("/");
    let mut peer = Peer::at(host.address, "/rooms/tea");
    peer.text("hello");
    assert!(matches!(peer.hear(), Heard::Text(_)));
    assert_eq!(http::get(host.address, "/").body, "a page");
    assert_eq!(http::get(host.address, "/alive").body, "alive");
    assert_eq!(http::get(host.address, "/elsewhere").status, 404);
}
