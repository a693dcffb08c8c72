//! A server that is steered from outside, and where it can run.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Server};
use parlor_testkit::{Heard, Peer, wait_until};

use super::server::{Hosted, open};

#[test]
fn all_clients_are_closed_and_the_server_goes_on() {
    let host = Hosted::new(open());
    let mut peers: Vec<Peer> = (0..4).map(|_| Peer::new(host.address)).collect();
    wait_until("all are there", || host.handle.clients() == 4);
    host.log.wait("new", 4);
    host.handle.close_all(Close::new(4444, "out"));
    for peer in &mut peers {
        peer.expect_close(4444);
    }
    host.log.wait("left", 4);
    let mut peer = Peer::new(host.address);
    peer.text("still open");
    peer.expect("still open");
}

#[test]
fn all_connections_are_reset_and_the_server_goes_on() {
    let host = Hosted::new(open());
    let mut peers: Vec<Peer> = (0..4).map(|_| Peer::new(host.address)).collect();
    host.log.wait("new", 4);
    host.handle.abort_all();
    for peer in &mut peers {
        assert_eq!(peer.hear(), Heard::Reset);
    }
    host.log.wait("left", 4);
    assert_eq!(host.sample("1006"), 4);
    Peer::new(host.address).leave();
}

#[test]
fn newcomers_are_denied_until_they_are_allowed_again() {
    let host = Hosted::new(open());
    let mut early = Peer::new(host.address);
    host.log.wait("new", 1);
    host.handle.deny_new(Close::new(4503, "closed for today"));
    for _ in 0..3 {
        Peer::new(host.address).expect_close(4503);
    }
    early.text("still here");
    early.expect("still here");
    wait_until("the denied are gone", || host.handle.clients() == 1);
    host.handle.allow_new();
    let mut late = Peer::new(host.address);
    late.text("in");
    late.expect("in");
    assert_eq!(host.log.count("new"), 2, "the app never heard of the denied");
}

#[test]
fn stopping_says_the_close_that_was_given() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    host.log.wait("new", 1);
    host.handle.stop(Close::new(4999, "good night"));
    host.handle.stop(Close::new(1000, "a second stop changes nothing"));
    peer.expect_close(4999);
}

#[test]
fn stopping_now_waits_for_nobody() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    host.log.wait("new", 1);
    host.handle.stop_now();
    assert_eq!(peer.hear(), Heard::Reset);
}

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

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn is_served(address: SocketAddr) {
    let mut peer = Peer::new(address);
    peer.text("hello");
    peer.expect("hello");
    peer.leave();
}

#[test]
fn it_runs_under_a_tokio_runtime_of_many_threads() {
    let (listener, address) = listen();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = Server::new().workers(1).app(&["/ws"], || Echo);
    let handle = server.handle();
    let run = runtime.spawn(server.run(listener, std::future::pending()));
    is_served(address);
    handle.stop(Close::new(1001, "bye"));
    runtime.block_on(run).unwrap().unwrap();
}

#[test]
fn it_runs_under_actix_and_ends_with_its_shutdown_future() {
    let (listener, address) = listen();
    let client = std::thread::spawn(move || is_served(address));
    actix::System::new().block_on(async move {
        let shutdown = async {
            while !client.is_finished() {
                actix_rt::time::sleep(Duration::from_millis(5)).await;
            }
        };
        Server::new().workers(1).app(&["/ws"], || Echo).run(listener, shutdown).await.unwrap();
    });
}

#[test]
fn a_server_whose_future_is_dropped_ends() {
    let (listener, address) = listen();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = Server::new().workers(1).app(&["/ws"], || Echo);
    let mut peer = runtime.block_on(async {
        let mut run = Box::pin(server.run(listener, std::future::pending()));
        let peer = tokio::task::spawn_blocking(move || {
            let mut peer = Peer::new(address);
            peer.text("hello");
            peer.expect("hello");
            peer
        });
        tokio::select! {
            ended = &mut run => panic!("it ended by itself: {ended:?}"),
            peer = peer => peer.unwrap(),
        }
    });
    assert_eq!(peer.hear(), Heard::Reset);
}
