//! A server that stops: what was asked is answered, nobody is refused who can wait.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use parlor_kit::{App, Client, ClientId, Close, Handle, Hold, HttpSessions, Hub, Limits, Mount, Server};
use parlor_testkit::{Peer, http, wait_until};
use tokio::sync::Notify;

use super::http_peers::{HttpSession, next_event};
use super::server::{Hosted, Log, open};

/// Answers "wait" when it is told to, and everything else at once.
struct Patient {
    log: Arc<Log>,
    waiting: Vec<(ClientId, Hold)>,
}

impl App<String> for Patient {
    type Request = String;

    fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {
        self.log.write("new".to_owned());
    }

    fn message_received(&mut self, client: ClientId, request: String, hub: &mut Hub<'_, String>) {
        if request == "wait" {
            self.waiting.push((client, hub.hold()));
            self.log.write("waits".to_owned());
        } else {
            hub.send(client, request);
        }
    }

    fn client_left(&mut self, _: ClientId, close: &Close, _: &mut Hub<'_, String>) {
        self.log.write(format!("left {}", close.code));
    }

    fn told(&mut self, answer: String, hub: &mut Hub<'_, String>) {
        for (client, hold) in self.waiting.drain(..) {
            hub.send(client, answer.clone());
            hub.release(hold);
        }
    }

    fn limits(&self) -> Limits {
        open()
    }
}

fn hosted(with: impl FnOnce(Server) -> Server) -> (Hosted, Handle<String>) {
    let log = Arc::new(Log::default());
    let app_log = Arc::clone(&log);
    let mount = Mount::new(&["/ws"], move || Patient { log: Arc::clone(&app_log), waiting: Vec::new() });
    let handle = mount.handle();
    let sessions = HttpSessions::new("/api/sessions").text();
    let routes = |config: &mut web::ServiceConfig| {
        config.route("/page", web::to(|| async { HttpResponse::Ok().body("a page\n") }));
    };
    let server = Server::new().workers(2).mount(mount.http_sessions(sessions)).routes(routes);
    (Hosted::run(with(server), log), handle)
}

fn stop(host: &Hosted) {
    host.handle.stop(Close::new(Close::RESTART, "the server is closing"));
    wait_until("it stops", || host.handle.apps()[0].check().is_err());
}

#[test]
fn what_is_under_way_is_answered_before_the_close() {
    let (host, tell) = hosted(|server| server);
    let (mut asking, mut idle) = (Peer::new(host.address), Peer::new(host.address));
    host.log.wait("new", 2);
    asking.text("wait");
    asking.text("wait");
    host.log.wait("waits", 2);
    stop(&host);
    idle.expect_close(1012);
    assert_eq!(host.handle.apps()[0].check(), Err("the server is stopping".to_owned()));
    tell.tell("answered".to_owned()).unwrap();
    asking.expect("answered");
    asking.expect("answered");
    asking.expect_close(1012);
}

#[test]
fn a_request_that_is_never_answered_is_waited_for_in_half_of_the_time() {
    let (host, _tell) = hosted(|server| server.shutdown_timeout(Duration::from_secs(2)));
    let mut asking = Peer::new(host.address);
    asking.text("wait");
    host.log.wait("waits", 1);
    stop(&host);
    asking.expect_close(1012);
    host.log.wait("left 1012", 1);
}

#[test]
fn newcomers_are_refused_and_pages_are_served_while_it_stops() {
    let (host, tell) = hosted(|server| server);
    let mut asking = Peer::new(host.address);
    asking.text("wait");
    host.log.wait("waits", 1);
    stop(&host);
    let refused = Peer::dial(host.address).ask(&handshake("/ws")).to_lowercase();
    assert!(refused.starts_with("http/1.1 503 ") && refused.contains("\r\nretry-after: "), "{refused}");
    let session = http::send(host.address, "POST", "/api/sessions", "", "");
    assert_eq!((session.status, session.header("retry-after").is_some()), (503, true));
    assert!(session.body.contains(r#""code":"unavailable""#), "{session:?}");
    let page = http::get(host.address, "/page");
    assert_eq!((page.status, page.header("connection")), (200, Some("close")));
    tell.tell("answered".to_owned()).unwrap();
    asking.expect("answered");
    asking.expect_close(1012);
}

#[test]
fn a_page_that_is_being_made_is_served_to_its_end() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = (Arc::clone(&begun), Arc::clone(&go));
    let (host, _tell) = hosted(move |server| {
        server.routes(move |config| {
            let (begun, go) = slow.clone();
            let serve = move || {
                let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
                async move {
                    begun.notify_one();
                    go.notified().await;
                    HttpResponse::Ok().body("x".repeat(100_000))
                }
            };
            config.route("/slow", web::get().to(serve)).route("/page", web::to(HttpResponse::Ok));
        })
    });
    let address = host.address;
    let asking = std::thread::spawn(move || http::get(address, "/slow"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(begun.notified());
    let mut kept = Peer::dial(address);
    kept.raw(b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(kept.head().starts_with("HTTP/1.1 200 "));
    stop(&host);
    wait_until("kept connections are closed", || !is_open(&mut kept));
    go.notify_one();
    let answer = asking.join().unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 100_000));
}

fn is_open(peer: &mut Peer) -> bool {
    peer.try_raw(b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n").is_ok()
}

#[test]
fn a_session_over_http_gets_its_answer_and_its_close() {
    let (host, tell) = hosted(|server| server);
    let mut asking = HttpSession::open(host.address);
    let idle = HttpSession::open(host.address);
    let (mut events, mut nothing) = (asking.receive("/events", ""), idle.receive("/events", ""));
    asking.say(&["wait"]);
    host.log.wait("waits", 1);
    stop(&host);
    assert!(next_event(&mut nothing).concat().contains("1012"));
    tell.tell("answered".to_owned()).unwrap();
    assert_eq!(next_event(&mut events), ["id: 1", "data: \"answered\""]);
    assert!(next_event(&mut events).concat().contains("1012"));
}

#[test]
fn connections_wait_in_the_queue_for_the_next_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (first, tell) = on(listener.try_clone().unwrap());
    let mut asking = Peer::new(address);
    asking.text("wait");
    first.log.wait("waits", 1);
    stop(&first);
    let mut early: Vec<Peer> = (0..50).map(|_| Peer::dial(address)).collect();
    early.iter_mut().for_each(|peer| peer.raw(handshake("/ws").as_bytes()));
    tell.tell("answered".to_owned()).unwrap();
    asking.expect("answered");
    asking.expect_close(1012);
    assert_eq!(first.log.count("new"), 1);
    drop(first);
    let (second, _tell) = on(listener);
    for peer in &mut early {
        let head = peer.head();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    }
    second.log.wait("new", 50);
}

/// A server on a listener that outlives it.
fn on(listener: TcpListener) -> (Hosted, Handle<String>) {
    let log = Arc::new(Log::default());
    let app_log = Arc::clone(&log);
    let mount = Mount::new(&["/ws"], move || Patient { log: Arc::clone(&app_log), waiting: Vec::new() });
    let handle = mount.handle();
    (Hosted::on(listener, Server::new().workers(2).mount(mount).queue_while_stopping(), log), handle)
}

fn handshake(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}
