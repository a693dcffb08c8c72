//! The app's word on who may connect, before the handshake is answered.

use std::sync::Arc;
use std::time::Duration;

use parlor_kit::{Admitted, App, Client, ClientId, Close, Denied, Handshake, Hub, Limits, Mount, Server};
use parlor_testkit::Peer;
use parlor_testkit::frames::handshake;

use super::server::{Hosted, Log, open};

/// Admits those with a cookie `user`, and calls them by it.
struct Club;

impl App for Club {
    type Request = String;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        let user = client.admitted::<String>().map_or("nobody", String::as_str);
        let (room, key) = (client.path_param("room").unwrap_or("-"), client.query("key"));
        let greeting = format!("{user} in {room} with {} by {:?}", key.as_deref().unwrap_or("-"), client.subprotocol);
        hub.send(client.id, greeting);
    }

    fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}

    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}

    fn admit(handshake: &Handshake) -> Result<Admitted, Denied> {
        match handshake.cookie("user") {
            None => Err(Denied::unauthorized("Cookie", "log in first\n")),
            Some("evil") => Err(Denied::forbidden("not you\n").header("content-type", "text/html")),
            Some("new") => Err(Denied::redirect("/sign-up").header("bad name", "x").header("x", "bad\r\nvalue")),
            Some("panic") => panic!("as told"),
            Some(user) => Ok(Admitted::with(user.to_owned())),
        }
    }

    fn limits(&self) -> Limits {
        open().clients(2)
    }

    fn subprotocols() -> &'static [&'static str] {
        &["club.v1"]
    }
}

fn ask(host: &Hosted, path: &str, more: &str) -> (Peer, String) {
    let mut peer = Peer::dial(host.address);
    let head = peer.ask(&handshake(path, more));
    (peer, head)
}

#[test]
fn an_app_sees_the_handshake_and_answers_it() {
    let host = Hosted::run(Server::new().app(&["/club/{room}"], || Club), Arc::default());
    let (mut peer, head) =
        ask(&host, "/club/a%2Fb%20c?key=1+%26", "Cookie: x=y; user=ann\r\nSec-WebSocket-Protocol: club.v1\r\n");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    peer.expect(r#"ann in a/b c with 1 & by Some("club.v1")"#);
    for (cookie, status, header) in [
        ("", "401", "www-authenticate: Cookie"),
        ("Cookie: user=evil\r\n", "403", "content-type: text/html"),
        ("Cookie: user=new\r\n", "302", "location: /sign-up"),
        ("Cookie: user=panic\r\n", "500", "content-type: text/plain; charset=utf-8"),
    ] {
        // Those who are refused take no place: there are two, and one is taken.
        for _ in 0..3 {
            let (mut peer, head) = ask(&host, "/club/tea", cookie);
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            assert!(head.lines().any(|line| line.eq_ignore_ascii_case(header)), "{header} in {head}");
            assert!(!head.contains("bad"), "{head}");
            peer.rest();
        }
    }
}

#[test]
fn a_part_of_a_path_is_any_text() {
    let host = Hosted::run(Server::new().app(&["/club/{room}"], || Club), Arc::default());
    let (mut peer, head) = ask(&host, "/club/%E8%8C%B6%F0%9F%8D%B5", "Cookie: user=ann\r\n");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    peer.expect("ann in 茶🍵 with - by None");
}

#[test]
fn an_async_admission_has_the_last_word() {
    let decide = |handshake: Handshake| async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        match handshake.query("token").as_deref() {
            Some("good") => Ok(Admitted::with("a member".to_owned())),
            Some("panic") => panic!("as told"),
            _ => Err(Denied::new(402, "pay first\n")),
        }
    };
    let server = Server::new().mount(Mount::new(&["/club"], || Club).admit(decide));
    let host = Hosted::run(server, Arc::new(Log::default()));
    let ask = |token: &str, cookie: &str| ask(&host, &format!("/club?token={token}"), &format!("Cookie: {cookie}\r\n"));
    let (mut peer, _) = ask("good", "user=ann");
    peer.expect("a member in - with - by None");
    for (token, cookie, status) in [("bad", "user=ann", 402), ("good", "user=evil", 403), ("panic", "user=ann", 500)] {
        let (_, head) = ask(token, cookie);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    }
}
