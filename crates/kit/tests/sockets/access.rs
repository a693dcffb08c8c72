//! Access rules for connections that are not clients yet.

use std::net::SocketAddr;
use std::time::Duration;

use parlor_kit::{Access, ForwardedHeader};

use parlor_testkit::frames::handshake;
use parlor_testkit::{Peer, wait_until};

use super::server::{Hosted, open};

/// A connection from another address of this machine.
fn dial_from(source: &str, address: SocketAddr) -> Peer {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(source.parse().unwrap(), 0).into()).unwrap();
    socket.connect(&address.into()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    Peer::over(socket.into())
}

fn is_served(mut peer: Peer) -> bool {
    peer.try_raw(b"GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").is_ok()
        && String::from_utf8_lossy(&peer.rest()).starts_with("HTTP/1.1 200 ")
}

#[test]
fn silent_connections_of_one_address_leave_places_for_others() {
    let host = Hosted::with(open(), Access::default().handshakes(20).handshakes_per_address(5));
    let mut clients: Vec<Peer> = (0..8).map(|_| Peer::new(host.address)).collect();
    let mut silent = Vec::new();
    // A probe may take the place of a silent one that comes later.
    wait_until("the limit", || {
        silent.push(Peer::dial(host.address));
        !is_served(Peer::dial(host.address))
    });
    let answer = String::from_utf8(Peer::dial(host.address).rest()).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("handshakes_per_address"), "{answer}");
    let refused = |why| host.refused(why);
    assert!(refused("address") > 0 && refused("handshakes") == 0);
    assert!(is_served(dial_from("127.0.0.2", host.address)));
    for client in &mut clients {
        client.text("clients are counted apart");
        client.expect("clients are counted apart");
    }
    drop(silent);
    wait_until("a free place", || is_served(Peer::dial(host.address)));
}

#[test]
fn all_silent_connections_together_have_a_bound() {
    let host = Hosted::with(open(), Access::default().handshakes(4));
    let mut silent = Vec::new();
    wait_until("the limit", || {
        let source = format!("127.0.0.{}", silent.len() % 8 + 1);
        silent.push(dial_from(&source, host.address));
        !is_served(dial_from("127.0.0.9", host.address))
    });
    assert!(host.refused("handshakes") > 0 && host.refused("address") == 0);
    drop(silent);
    wait_until("a free place", || is_served(dial_from("127.0.0.9", host.address)));
}

#[test]
fn a_deadline_holds_for_every_request_of_a_connection() {
    let answer_within = Duration::from_millis(300);
    let host = Hosted::with(open(), Access::default().answer_within(answer_within));
    for begun in ["", "GET /page HT", "GET /page HTTP/1.1\r\nHost: a\r\nX-More: "] {
        let mut peer = Peer::dial(host.address);
        let head = peer.ask("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        peer.expect_raw(b"a page\n");
        peer.raw(begun.as_bytes());
        assert_eq!(peer.rest(), b"", "{begun:?}");
    }
    let mut client = Peer::new(host.address);
    std::thread::sleep(2 * answer_within);
    client.text("a client is no request");
    client.expect("a client is no request");
}

#[test]
fn a_request_that_comes_byte_by_byte_is_ended() {
    let host = Hosted::with(open(), Access::default().answer_within(Duration::from_millis(300)));
    let mut peer = Peer::dial(host.address);
    let head = peer.ask("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    peer.raw(b"GET /page HTTP/1.1\r\nHost: a\r\nX-More: ");
    wait_until("the end", || peer.try_raw(b"x").is_err());
}

#[test]
fn clients_behind_a_trusted_proxy_have_their_own_address() {
    let limits = open().clients_per_address(1);
    let access = Access::default().trusted_proxies(vec!["127.0.0.1/32".parse().unwrap()]);
    let host = Hosted::with(limits, access.handshakes_per_address(1));
    let ask = |peer: &mut Peer, header: &str| peer.ask(&handshake("/ws", header))[..12].to_owned();
    let _idle = [Peer::dial(host.address), Peer::dial(host.address)]; // only the total counts for a proxy
    let mut one = Peer::dial(host.address);
    assert_eq!(ask(&mut one, "X-Forwarded-For: 198.51.100.1\r\n"), "HTTP/1.1 101");
    host.log.wait("new 198.51.100.1 ", 1);
    let mut again = Peer::dial(host.address);
    assert_eq!(ask(&mut again, "X-Forwarded-For: 1.1.1.1, 198.51.100.1\r\n"), "HTTP/1.1 503");
    let mut other = Peer::dial(host.address);
    let ignored = "X-Forwarded-For: 198.51.100.2\r\nForwarded: for=198.51.100.1\r\n";
    assert_eq!(ask(&mut other, ignored), "HTTP/1.1 101");
    host.log.wait("new 198.51.100.2 ", 1);
    let mut stranger = dial_from("127.0.0.2", host.address);
    assert_eq!(ask(&mut stranger, "X-Forwarded-For: 198.51.100.3\r\n"), "HTTP/1.1 101");
    host.log.wait("new 127.0.0.2 ", 1);
}

#[test]
fn the_other_header_is_believed_if_it_is_the_one_named() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let forwarded_header = ForwardedHeader::Forwarded;
    let host =
        Hosted::with(open(), Access::default().trusted_proxies(trusted_proxies).forwarded_header(forwarded_header));
    let mut peer = Peer::dial(host.address);
    peer.ask(&handshake("/ws", "X-Forwarded-For: 198.51.100.2\r\nForwarded: for=\"[2001:db8::7]:1\"\r\n"));
    host.log.wait("new 2001:db8::7 ", 1);
}
