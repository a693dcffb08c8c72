//! How connections live and end.

use std::time::Duration;

use parlor_kit::Limits;

use parlor_testkit::frames::{CLOSE, PONG, TEXT, frame};
use parlor_testkit::{Heard, Peer};

use super::server::{Hosted, open};

fn quick_heartbeat() -> Limits {
    open().heartbeat(Duration::from_millis(100)).heartbeat_timeout(Duration::from_millis(400))
}

#[test]
fn a_peer_without_a_sign_of_life_is_given_up() {
    let host = Hosted::new(quick_heartbeat());
    let mut peer = Peer::new(host.address);
    assert_eq!(peer.hear_all(), Heard::Ping(Vec::new()));
    // It does not answer.
    assert!(matches!(peer.hear_all(), Heard::Close(4001, _)));
    host.log.wait("left", 1);
    assert_eq!(host.sample("4001"), 1);
}

#[test]
fn a_peer_that_answers_pings_stays() {
    let host = Hosted::new(quick_heartbeat());
    let mut peer = Peer::new(host.address);
    for _ in 0..8 {
        assert_eq!(peer.hear_all(), Heard::Ping(Vec::new()));
        peer.frame(PONG, "");
    }
    peer.text("still here");
    peer.expect("still here");
}

#[test]
fn an_app_closes_a_client_after_what_it_sent() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    peer.text("pour 100 10000");
    peer.text("close 4501");
    for index in 0..100 {
        assert_eq!(peer.hear(), Heard::Binary(vec![index; 10_000]));
    }
    peer.expect_close(4501);
    host.log.wait("left", 1);
}

#[test]
fn a_close_is_answered_with_its_own_code() {
    let host = Hosted::new(open());
    for payload in [vec![], 1000_u16.to_be_bytes().to_vec(), [&4000_u16.to_be_bytes()[..], b"bye"].concat()] {
        let mut peer = Peer::new(host.address);
        peer.raw(&[frame(CLOSE, &payload), frame(TEXT, "after")].concat());
        let code = payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
        // A reason needs a code before it (RFC 6455 §5.5.1).
        let reason = if payload.is_empty() { "" } else { "the client closed the connection" };
        assert_eq!(peer.hear(), Heard::Close(code, reason.to_owned()));
        assert_eq!(peer.hear(), Heard::End);
    }
    host.log.wait("left", 3);
    assert_eq!(host.sample("1005"), 1);
}

#[test]
fn a_connection_that_breaks_off_has_left() {
    let host = Hosted::new(open());
    let half = Peer::new(host.address);
    half.shut_writing();
    host.log.wait("left", 1);
    drop(Peer::new(host.address));
    host.log.wait("left", 2);
    let reset = Peer::new(host.address);
    socket2::SockRef::from(&reset.tcp).set_linger(Some(Duration::ZERO)).unwrap();
    drop(reset);
    host.log.wait("left", 3);
    assert_eq!(host.log.count("new"), 3);
    assert_eq!(host.sample("1006"), 3);
}

#[test]
fn slots_are_used_again_and_leak_nothing() {
    let host = Hosted::new(open());
    let mut speaker = Peer::new(host.address);
    speaker.text("join 1");
    speaker.expect("joined");
    for round in 0..100 {
        let mut old = Peer::new(host.address);
        old.text("join 1");
        old.expect("joined");
        speaker.text(&format!("say 1 secret {round}"));
        drop(old); // with the secret perhaps on its way
        let mut new = Peer::new(host.address);
        new.text("mine");
        new.expect("mine");
        speaker.expect(&format!("secret {round}"));
    }
    host.log.wait("left", 200);
    for line in host.log.lines().iter().filter(|line| line.starts_with("left")) {
        let slot: u32 = line.split('.').nth(1).unwrap().parse().unwrap();
        assert!(slot < 20, "{line}: slots are used again");
    }
}

#[test]
fn everyone_hears_a_group_in_the_same_order() {
    let host = Hosted::new(open());
    let mut peers: Vec<Peer> = (0..8).map(|_| Peer::new(host.address)).collect();
    for peer in &mut peers {
        peer.text("join 7");
        peer.expect("joined");
    }
    for round in 0..50 {
        for (index, peer) in peers.iter_mut().enumerate() {
            peer.text(&format!("say 7 {index}:{round}"));
        }
    }
    let heard: Vec<Vec<Heard>> = peers.iter_mut().map(|peer| (0..400).map(|_| peer.hear()).collect()).collect();
    assert!(heard.windows(2).all(|two| two[0] == two[1]));
}

#[test]
fn a_server_that_stops_closes_everyone() {
    let host = Hosted::new(open());
    let mut peers: Vec<Peer> = (0..10).map(|_| Peer::new(host.address)).collect();
    host.log.wait("new", 10);
    let stopping = std::thread::spawn(move || drop(host));
    peers.iter_mut().for_each(|peer| peer.expect_close(1012));
    stopping.join().unwrap();
}
