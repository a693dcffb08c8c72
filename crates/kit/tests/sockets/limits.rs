//! Those who ask for too much, and code that fails over what they ask.

use std::time::Duration;

use parlor_kit::{Limits, Origins, Rate};

use parlor_testkit::frames::{PING, TEXT, frame};
use parlor_testkit::{Heard, Peer};

use super::server::{Hosted, open};

fn rate(refusals: u32) -> Option<Rate> {
    Some(Rate { per_second: 0.01, burst: 5.0, refusals, refusals_within: Duration::from_secs(100) })
}

#[test]
fn who_asks_too_often_is_refused_then_closed() {
    let host = Hosted::new(open().rate(rate(10)));
    let mut peer = Peer::new(host.address);
    let flood: Vec<u8> = (0..100).flat_map(|index| frame(TEXT, index.to_string())).collect();
    peer.raw(&flood);
    let (mut taken, mut refused) = (0, 0);
    let code = loop {
        match peer.hear() {
            Heard::Text(text) if text.starts_with("slower: ") => {
                assert!(text["slower: ".len()..].parse::<u64>().unwrap() > 0);
                refused += 1;
            }
            Heard::Text(text) => {
                assert_eq!(text, taken.to_string());
                taken += 1;
            }
            Heard::Close(code, _) => break code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((refused, code), (9, 4003));
    assert!(taken <= 5);
    host.log.wait("left", 1);
    assert_eq!(host.sample("rate_limited_total"), 9);
}

#[test]
fn what_makes_no_sense_counts_too() {
    let host = Hosted::new(open().rate(rate(3)));
    let mut peer = Peer::new(host.address);
    for _ in 0..5 {
        peer.text("nonsense");
        peer.expect("what?");
    }
    for _ in 0..2 {
        peer.text("nonsense");
        peer.expect("what?");
    }
    peer.text("nonsense");
    peer.expect_close(4003);
}

#[test]
fn an_app_may_answer_with_a_close() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    peer.raw(&[frame(TEXT, "abuse"), frame(TEXT, "after")].concat());
    peer.expect("never!");
    peer.expect_close(4500);
    host.log.wait("left", 1);
}

#[test]
fn a_panic_ends_the_session_that_caused_it() {
    let host = Hosted::new(open());
    let mut others: Vec<Peer> = (0..4).map(|_| Peer::new(host.address)).collect();
    for count in 1..=4 {
        let mut peer = Peer::new(host.address);
        peer.raw(&[frame(TEXT, "panic"), frame(TEXT, "after")].concat());
        peer.expect_close(1011);
        host.log.wait("left", count);
    }
    for other in &mut others {
        other.text("still here");
        other.expect("still here");
    }
    assert_eq!(host.sample("session_panics_total"), 4);
    assert_eq!(host.log.count("left"), 4);
}

#[test]
fn who_has_enough_under_way_is_read_no_further() {
    let host = Hosted::new(open().in_flight(8));
    let mut peer = Peer::new(host.address);
    // On each worker at least one.
    let mut others: Vec<Peer> = (0..4).map(|_| Peer::new(host.address)).collect();
    host.log.hold(true);
    let all: Vec<u8> = (0..100).flat_map(|index| frame(TEXT, index.to_string())).collect();
    peer.raw(&all);
    host.wait_sample("messages_in_total", 8);
    for _ in 0..10 {
        for other in &mut others {
            other.frame(PING, "");
            assert_eq!(other.hear(), Heard::Pong(Vec::new()), "the worker goes on");
        }
    }
    assert_eq!(host.sample("messages_in_total"), 8);
    host.log.hold(false);
    for index in 0..100 {
        peer.expect(&index.to_string());
    }
}

#[test]
fn however_often_figures_are_asked_for_the_app_is_asked_once_a_second() {
    let host = Hosted::new(open());
    let since = std::time::Instant::now();
    for _ in 0..200 {
        assert_eq!(host.gauges()[0].value, 7.0);
    }
    assert!(host.log.count("gauges") as u64 <= 1 + since.elapsed().as_secs());
}

#[test]
fn without_a_rate_nothing_is_dropped() {
    let host = Hosted::new(Limits::default().origins(Origins::Any));
    let mut peer = Peer::new(host.address);
    let quick: Vec<u8> = (0..10_000).flat_map(|index| frame(TEXT, index.to_string())).collect();
    let mut writer = peer.tcp.try_clone().unwrap();
    let writing = std::thread::spawn(move || std::io::Write::write_all(&mut writer, &quick).unwrap());
    for index in 0..10_000 {
        peer.expect(&index.to_string());
    }
    writing.join().unwrap();
}

#[test]
fn reconnecting_renews_no_rate() {
    let host = Hosted::new(open().rate(rate(1000)));
    let mut peer = Peer::new(host.address);
    for index in 0..5 {
        peer.text(&index.to_string());
        peer.expect(&index.to_string());
    }
    for round in 1..=3 {
        peer.leave();
        host.log.wait("left", round);
        peer = Peer::new(host.address);
        peer.text("again");
        assert!(matches!(peer.hear(), Heard::Text(text) if text.starts_with("slower")), "round {round}");
    }
}
