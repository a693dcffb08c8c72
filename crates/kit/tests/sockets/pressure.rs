//! Peers that send as much as they can: what they cost is bounded, and others don't notice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parlor_kit::Access;
use parlor_testkit::Peer;
use parlor_testkit::frames::{CONTINUES, PING, TEXT_BEGINS, frame};

use super::server::{Hosted, open};

/// Lets somebody else talk while `flood` runs, and returns what it returns.
fn beside<T: Send>(host: &Hosted, flood: impl FnOnce() -> T + Send) -> T {
    let is_over = AtomicBool::new(false);
    let mut other = Peer::new(host.address);
    thread::scope(|scope| {
        let flooding = scope.spawn(|| {
            let result = flood();
            is_over.store(true, Ordering::SeqCst);
            result
        });
        let mut talked = 0;
        while !flooding.is_finished() || talked < 10 {
            other.text("still here");
            other.expect("still here");
            talked += 1;
        }
        flooding.join().unwrap()
    })
}

/// Sends a million fragments with this payload, or as many as the server takes, and is closed.
fn send_a_million(host: &Hosted, payload: &str) {
    beside(host, || {
        let mut peer = Peer::new(host.address);
        peer.frame(TEXT_BEGINS, payload);
        let some = frame(CONTINUES, payload).repeat(1000);
        let _ = (0..1000).try_for_each(|_| peer.try_raw(&some)); // it is closed long before
        peer.expect_close(1009);
    });
}

#[test]
fn a_million_fragments_are_too_many_however_short_they_are() {
    let host = Hosted::new(open().frame_bytes(2_000_000));
    send_a_million(&host, "x");
    send_a_million(&host, "");
}

#[test]
fn a_million_fragments_are_refused_where_the_message_is_too_long() {
    let host = Hosted::new(open().frame_bytes(500));
    send_a_million(&host, "x");
}

#[test]
fn a_flood_of_pings_is_answered_and_nobody_waits() {
    const PINGS: usize = 100_000;
    let host = Hosted::new(open());
    beside(&host, || {
        let mut peer = Peer::new(host.address);
        let mut sending = Peer::over(peer.tcp.try_clone().unwrap());
        let some = frame(PING, "p").repeat(100);
        thread::scope(|scope| {
            scope.spawn(move || (0..PINGS / 100).for_each(|_| sending.raw(&some)));
            peer.expect_raw(&[0x8a, 1, b'p'].repeat(PINGS));
        });
    });
}

#[test]
fn ten_thousand_connections_that_say_nothing_leave_room_for_others() {
    let host = Hosted::with(open(), Access::default().handshakes(50).handshakes_per_address(40));
    beside(&host, || {
        for _ in 0..100 {
            let _silent: Vec<Peer> = (0..100).map(|_| Peer::dial(host.address)).collect();
        }
    });
    assert!(host.refused("address") + host.refused("handshakes") > 0);
}
