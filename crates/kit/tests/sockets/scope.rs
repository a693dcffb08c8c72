//! An app inside an actix-web server that is not ours.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle as HttpHandle;
use actix_web::{HttpResponse, HttpServer, web};
use parlor_kit::{Close, Limits, Mount, ServerHandle};
use parlor_testkit::frames::{CLOSE, PONG, frame, handshake};
use parlor_testkit::{Heard, Peer, wait_until};

use super::server::{Log, Obedient, open};

struct Foreign {
    address: SocketAddr,
    log: Arc<Log>,
    handle: ServerHandle,
    http: HttpHandle,
    thread: Option<JoinHandle<()>>,
}

impl Foreign {
    fn new(limits: Limits) -> Self {
        let log = Arc::new(Log::default());
        let app_log = Arc::clone(&log);
        let make = move || Obedient { log: Arc::clone(&app_log), limits: limits.clone() };
        let live = Mount::new(&["/ws"], make).into_scope().unwrap();
        let handle = live.handle();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (starting, started) = channel();
        let thread = std::thread::spawn(move || {
            actix::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let page = web::get().to(|| async { HttpResponse::Ok().body("a page\n") });
                    actix_web::App::new().service(live.clone()).route("/page", page)
                });
                let server = server.workers(2).disable_signals().listen(listener).unwrap().run();
                starting.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Foreign { address, log, handle, http: started.recv().unwrap(), thread: Some(thread) }
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        drop(self.http.stop(false));
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "the server panicked");
    }
}

#[test]
fn its_clients_are_served_as_on_a_server_of_ours() {
    let host = Foreign::new(open().frame_bytes(1 << 20));
    let (mut one, mut other) = (Peer::new(host.address), Peer::new(host.address));
    for peer in [&mut one, &mut other] {
        peer.text("join 7");
        peer.expect("joined");
    }
    one.text("say 7 hello");
    one.expect("hello");
    other.expect("hello");
    let long = "x".repeat(1 << 19);
    one.text(&long);
    one.expect(&long);
    one.text("pour 200 4000");
    for index in 0..200_u8 {
        assert!(one.hear() == Heard::Binary(vec![index; 4000]), "message {index}");
    }
    assert_eq!(host.handle.clients(), 2);
    let mut page = Peer::dial(host.address);
    assert!(page.ask("GET /page HTTP/1.1\r\nhost: x\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

#[test]
fn connections_end_with_a_close_frame_from_either_side() {
    let host = Foreign::new(open());
    let mut peer = Peer::new(host.address);
    peer.raw(&frame(CLOSE, 4321_u16.to_be_bytes()));
    assert!(matches!(peer.hear(), Heard::Close(4321, _)));
    assert_eq!(peer.hear(), Heard::End);
    let mut peer = Peer::new(host.address);
    peer.text("close 4501");
    peer.expect_close(4501);
    drop(Peer::new(host.address));
    host.log.wait("left", 3);
    wait_until("nobody counts any more", || host.handle.clients() == 0);
}

#[test]
fn heartbeats_find_a_silent_peer() {
    let limits = open().heartbeat(Duration::from_millis(100)).heartbeat_timeout(Duration::from_millis(400));
    let host = Foreign::new(limits);
    let mut peer = Peer::new(host.address);
    assert_eq!(peer.hear_all(), Heard::Ping(Vec::new()));
    peer.frame(PONG, "");
    assert_eq!(peer.hear_all(), Heard::Ping(Vec::new()));
    assert!(matches!(peer.hear_all(), Heard::Close(4001, _)));
    host.log.wait("left", 1);
}

#[test]
fn a_stuck_reader_has_left_and_the_others_do_not_notice() {
    let host = Foreign::new(open().outbox_bytes(256 * 1024).outbox_stall(Duration::from_millis(500)));
    let mut stuck = Peer::narrow(host.address);
    let mut other = Peer::new(host.address);
    stuck.text("pour 1000 100000");
    host.log.wait("left", 1);
    other.text("still here");
    other.expect("still here");
    assert_eq!(host.log.count("left"), 1);
}

#[test]
fn what_is_no_handshake_is_refused_in_words() {
    let host = Foreign::new(open().clients(1));
    let _inside = Peer::new(host.address);
    let mut full = Peer::dial(host.address);
    let head = full.ask(&handshake("/ws", ""));
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let mut plain = Peer::dial(host.address);
    let head = plain.ask("GET /ws HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 4") || head.starts_with("HTTP/1.1 503 "), "{head}");
}

#[test]
fn stopping_the_app_closes_its_clients_before_the_http_server_ends() {
    let host = Foreign::new(open());
    let mut peer = Peer::new(host.address);
    host.log.wait("new", 1);
    host.handle.stop(Close::new(4999, "good night"));
    peer.expect_close(4999);
}
