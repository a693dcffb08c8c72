//! Peers that ask over HTTP and don't read: their descriptors are freed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

#[cfg(feature = "tls")]
mod tls;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use parlor_kit::{Access, App, Client, ClientId, Close, HttpSessions, Hub, Limits, Mount, Server, ServerHandle};
use parlor_testkit::socket::Dial;
use parlor_testkit::{HttpPeer, wait_until};

/// Sends so many messages of so many bytes.
struct Pours {
    left: Arc<AtomicUsize>,
    stall: Duration,
}

impl App for Pours {
    type Request = String;

    fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, order: String, hub: &mut Hub<'_>) {
        let (count, bytes) = order.split_once(' ').unwrap();
        let text = "x".repeat(bytes.parse().unwrap());
        (0..count.parse().unwrap()).for_each(|_| hub.send(client, text.clone()));
    }

    fn client_left(&mut self, _: ClientId, close: &Close, _: &mut Hub<'_>) {
        assert_ne!(close.code, 1006);
        self.left.fetch_add(1, Ordering::SeqCst);
    }

    fn limits(&self) -> Limits {
        // Large enough that a stuck peer is found by its time, and not by its bytes.
        Limits::open().outbox_bytes(64 << 20).outbox_stall(self.stall)
    }
}

const SOON: Duration = Duration::from_millis(700);
const LATE: Duration = Duration::from_secs(3600);

struct Host {
    address: SocketAddr,
    left: Arc<AtomicUsize>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// A peer that takes no bytes is put out by the first of the times that fits.
    fn new(answer_within: Duration, stall: Duration) -> Self {
        Self::with(answer_within, stall, |server| server)
    }

    /// The same, with a server that is set up further.
    fn with(answer_within: Duration, stall: Duration, set_up: impl FnOnce(Server) -> Server) -> Self {
        let left = Arc::new(AtomicUsize::new(0));
        let of_app = Arc::clone(&left);
        let app = Mount::new(&["/ws"], move || Pours { left: Arc::clone(&of_app), stall });
        let server = Server::new()
            .mount(app.http_sessions(HttpSessions::new("/api/sessions").text()))
            .workers(2)
            .access(Access::default().answer_within(answer_within))
            .routes(|config| {
                config.route("/large", web::get().to(|| async { HttpResponse::Ok().body(vec![b'x'; 64 << 20]) }));
            });
        let server = set_up(server);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = server.handle();
        let thread = std::thread::spawn(move || server.run_blocking(listener).unwrap());
        wait_until("the app runs", || !handle.apps().is_empty());
        Host { address, left, handle, thread: Some(thread) }
    }

    /// Opens a session for which messages wait.
    fn session(&self, order: &str) -> String {
        let mut peer = HttpPeer::dial(self.address);
        let answer = peer.request("POST", "/api/sessions", "", b"");
        let secret = answer.body.split('"').nth(3).unwrap().to_owned();
        let path = format!("/api/sessions/{secret}");
        let sent = peer.request("POST", &format!("{path}/send"), "", format!("\"{order}\"").as_bytes());
        assert_eq!(sent.status, 202);
        path
    }

    /// Asks for a page and does not read the answer.
    fn stuck(&self, target: &str) -> HttpPeer {
        let mut peer = HttpPeer::over(Dial::NARROW.connect(self.address), self.address);
        peer.send("GET", target, "", b"").unwrap();
        peer
    }

    fn slow_consumers(&self) -> f64 {
        let samples = self.handle.apps()[0].samples();
        samples.iter().find(|sample| sample.name == "slow_consumers_total").unwrap().value
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.handle.stop_now();
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// The server's ends of its connections that have a descriptor (proc(5): those without have no inode).
fn descriptors(host: &Host) -> usize {
    const LISTENS: &str = "0A";
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = format!(":{:04X}", host.address.port());
    let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.filter(|line| line[1].ends_with(&port) && line[3] != LISTENS && line[9] != "0").count()
}

/// The peers go on to exist, and the server's ends of them get closed.
fn are_put_out(host: &Host, peers: Vec<HttpPeer>) {
    wait_until("the server's ends are closed", || descriptors(host) == 0);
    drop(peers);
    let mut alive = HttpPeer::dial(host.address);
    assert_eq!(alive.request("GET", "/api/sessions", "", b"").status, 405, "others are served");
}

#[test]
fn who_does_not_read_a_large_answer() {
    let host = Host::new(SOON, LATE);
    let peers: Vec<HttpPeer> = (0..5).map(|_| host.stuck("/large")).collect();
    wait_until("they are connected", || descriptors(&host) == 5);
    are_put_out(&host, peers);
}

#[test]
fn who_does_not_read_what_goes_on_or_a_poll() {
    for way in ["events", "stream", "poll?wait_ms=30000"] {
        let host = Host::new(LATE, SOON);
        let peers: Vec<HttpPeer> = (0..5)
            .map(|_| {
                let count = if way.starts_with("poll") { "1 16000000" } else { "300 50000" };
                host.stuck(&format!("{}/{way}", host.session(count)))
            })
            .collect();
        are_put_out(&host, peers);
        assert_eq!(host.slow_consumers(), 0.0, "the sessions may go on with other receivers");
    }
}

/// A small answer goes into the system's buffers: there it waits for a peer that takes nothing.
#[test]
fn who_does_not_take_even_a_little() {
    let host = Host::new(SOON, LATE);
    let peers: Vec<HttpPeer> = (0..5).map(|_| host.stuck(&format!("{}/stream", host.session("1 20000")))).collect();
    are_put_out(&host, peers);
}

/// Its session ends when more waits for it than may.
#[test]
fn the_session_of_a_stuck_reader_ends_with_its_bound() {
    let host = Host::new(SOON, SOON);
    let path = host.session("300 50000");
    let peer = host.stuck(&format!("{path}/stream"));
    let mut sender = HttpPeer::dial(host.address);
    wait_until("its session has ended", || {
        let target = format!("{path}/send");
        let _ = sender.try_request("POST", &target, "", b"\"1000 50000\"");
        sender = HttpPeer::dial(host.address);
        host.left.load(Ordering::SeqCst) == 1
    });
    assert_eq!(host.slow_consumers(), 1.0);
    drop(peer);
}
