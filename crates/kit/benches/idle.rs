//! Memory of an idle client: on a server of ours, and inside a foreign actix-web server. Run it with
//! `cargo bench -p parlor-kit --bench idle`; it prints KiB of resident memory for each client, both ends in one process.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::net::{SocketAddr, TcpListener};
use std::thread;

use actix_web::HttpServer;
use mimalloc::MiMalloc;
use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Server, scope};
use parlor_testkit::{Peer, wait_until};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Few enough for the usual limit on descriptors, of which each takes two.
const CLIENTS: usize = 400;

struct Echo;

impl App for Echo {
    type Request = String;
    fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    fn message_received(&mut self, client: ClientId, text: String, hub: &mut Hub<'_>) {
        hub.send(client, text);
    }
    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn main() {
    println!("a server of ours: {:.1} KiB per idle client", measure(ours(), Peer::new));
    println!(
        "the same, compressed: {:.1} KiB per idle client",
        measure(ours(), |address| Peer::deflating(address, ""))
    );
    println!("a foreign server: {:.1} KiB per idle client", measure(foreign(), Peer::new));
}

fn ours() -> SocketAddr {
    let (listener, address) = listen();
    thread::spawn(|| Server::new().workers(1).app(&["/ws"], || Echo).run_blocking(listener).unwrap());
    address
}

fn foreign() -> SocketAddr {
    let (listener, address) = listen();
    let live = scope("/ws", || Echo).unwrap();
    thread::spawn(move || {
        let server = HttpServer::new(move || actix_web::App::new().service(live.clone())).workers(1).disable_signals();
        actix::System::new().block_on(server.listen(listener).unwrap().run()).unwrap();
    });
    address
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Connects clients that say one thing each, long enough to be compressed, and compares the resident memory before and after. The first ones warm up.
fn measure(address: SocketAddr, open: fn(SocketAddr) -> Peer) -> f64 {
    let hello = "hello ".repeat(100);
    let connect = || {
        let mut peer = open(address);
        peer.text(&hello);
        peer.expect(&hello);
        peer
    };
    wait_until("the server", || std::net::TcpStream::connect(address).is_ok());
    let _warm: Vec<Peer> = (0..CLIENTS / 4).map(|_| connect()).collect();
    let before = resident_kib();
    let _clients: Vec<Peer> = (0..CLIENTS).map(|_| connect()).collect();
    (resident_kib() - before) / CLIENTS as f64
}

/// Resident memory of this process (`/proc/self/statm`, in pages of 4 KiB).
fn resident_kib() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4.0
}
