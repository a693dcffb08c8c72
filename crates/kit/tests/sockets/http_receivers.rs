//! How frames reach clients over HTTP, and that none is lost.

use std::thread;
use std::time::Duration;

use parlor_testkit::{HttpPeer, PATIENCE, Part};

use super::http_peers::{HttpSession, frames, is_silent, json, next_event, next_line};
use super::nodes::Nodes;
use super::server::open;

fn is(frame: (u64, String), n: u64, text: &str) {
    assert_eq!(frame, (n, text.to_owned()));
}

pub fn frames_stay_until_they_are_acknowledged(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    ann.say(&["one", "two"]);
    ann.wait_for(0, 2);
    assert_eq!(ann.poll("").len(), 2, "asked again, told again");
    is(ann.poll("ack=1")[0].clone(), 2, "two");
    assert_eq!(ann.get("/poll?ack=0").status, 410, "it has the first one");
    assert_eq!(ann.poll("").len(), 1, "without a number: after what is acknowledged");
    assert!(ann.poll("ack=2").is_empty());
    let ahead = ann.get("/poll?ack=3");
    assert_eq!((ahead.status, &json(&ahead)["max"]), (400, &2.into()));
    assert_eq!(ann.get("/poll?wait_ms=30001").status, 400);
    ann.send("ack=2", &["three"]);
    is(ann.wait_for(2, 1)[0].clone(), 3, "three");
}

pub fn a_poll_waits_for_a_frame_and_frames_between_polls_are_not_lost(nodes: Nodes) {
    let host = nodes.host(open());
    let (mut ann, mut bo) = (HttpSession::open(host.address), HttpSession::open(host.address));
    ann.say(&["join 1"]);
    ann.wait_for(0, 1);
    let mut waiting = ann.receive_later("/poll?ack=1&wait_ms=30000");
    assert!(waiting.part(Duration::from_millis(50)).is_none());
    bo.say(&["say 1 between", "say 1 polls"]);
    let answer = waiting.answer(false).unwrap();
    let first = frames(&answer);
    is(first[0].clone(), 2, "between");
    let all = ann.wait_for(1, 2);
    is(all[1].clone(), 3, "polls");
}

pub fn a_stream_of_events_goes_on_where_the_last_one_was_cut(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    let mut events = ann.receive("/events", "");
    ann.say(&["one"]);
    assert_eq!(next_event(&mut events), ["id: 1", "data: \"one\""]);
    events.cut();
    ann.say(&["two", "three"]);
    let mut events = ann.receive("/events", "Last-Event-ID: 1\r\n");
    assert_eq!(next_event(&mut events), ["id: 2", "data: \"two\""]);
    assert_eq!(next_event(&mut events), ["id: 3", "data: \"three\""]);
    ann.send("ack=3", &["four"]);
    assert_eq!(next_event(&mut events), ["id: 4", "data: \"four\""]);
    let mut lines = ann.receive("/stream?ack=3", "");
    is(next_line(&mut lines), 4, "four");
}

pub fn answers_have_the_headers_that_proxies_and_browsers_need(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    for (target, kind) in
        [("/poll", "application/json"), ("/events", "text/event-stream"), ("/stream", "application/x-ndjson")]
    {
        let mut peer = HttpPeer::dial(host.address);
        peer.send("GET", &ann.path(target), "", b"").unwrap();
        let head = peer.head().unwrap();
        assert_eq!(head.header("content-type"), Some(kind));
        assert_eq!((head.header("cache-control"), head.header("x-accel-buffering")), (Some("no-store"), Some("no")));
        let target = ann.path(target);
        let looked = ann.peer.request("HEAD", &target, "", b"");
        assert_eq!((looked.status, looked.header("content-type")), (200, Some(kind)));
    }
    ann.say(&["hello"]);
    let target = ann.path("/poll");
    ann.peer.request("HEAD", &target, "", b"");
    assert_eq!(ann.wait_for(0, 1).len(), 1, "looking takes nothing, on a connection that is kept");
}

/// A body's first bytes bring its head through proxies that wait for some.
pub fn a_body_that_goes_on_begins_at_once(nodes: Nodes) {
    let host = nodes.host(open());
    let ann = HttpSession::open(host.address);
    let mut events = ann.receive("/events", "");
    assert_eq!(events.part(PATIENCE), Some(Part::Line("retry: 1000".into())));
    let mut lines = ann.receive("/stream", "");
    assert_eq!(lines.part(PATIENCE), Some(Part::Line(String::new())));
}

pub fn the_later_of_two_receivers_wins_and_the_earlier_ends_empty(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    let mut first = ann.receive_later("/poll?wait_ms=30000");
    let mut second = ann.receive("/stream", "");
    assert_eq!(frames(&first.answer(false).unwrap()), []);
    let mut third = ann.receive("/events", "");
    assert_eq!(second.end(), (vec![], Part::End));
    let mut fourth = ann.receive_later("/poll?wait_ms=30000");
    assert_eq!(third.end().1, Part::End);
    ann.say(&["hello"]);
    is(frames(&fourth.answer(false).unwrap())[0].clone(), 1, "hello");
}

pub fn a_quiet_stream_shows_that_it_is_alive_and_keeps_its_session(nodes: Nodes) {
    let limits = open().heartbeat(Duration::from_millis(100)).heartbeat_timeout(Duration::from_millis(400));
    let host = nodes.host(limits);
    let ann = HttpSession::open(host.address);
    let mut events = ann.receive("/events", "");
    for _ in 0..10 {
        loop {
            match events.part(PATIENCE) {
                Some(Part::Line(line)) if line == ":" => break,
                Some(Part::Line(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(host.log.count("left"), 0, "after more than its patience without a request");
    let mut silent = HttpSession::open(host.address);
    host.log.wait("left", 1);
    assert_eq!(json(&silent.get("/poll"))["close"]["code"], 4001);
}

pub fn polls_alone_keep_a_session(nodes: Nodes) {
    let limits = open().heartbeat(Duration::from_millis(100)).heartbeat_timeout(Duration::from_millis(600));
    let host = nodes.host(limits);
    let mut ann = HttpSession::open(host.address);
    for _ in 0..6 {
        assert!(ann.poll("wait_ms=30000").is_empty(), "answered before the session is given up");
    }
    assert_eq!(host.log.count("left"), 0);
}

pub fn more_than_the_bound_ends_the_session_with_its_reason(nodes: Nodes) {
    let host = nodes.host(open().outbox_bytes(1 << 20));
    let mut ann = HttpSession::open(host.address);
    ann.say(&["pour 11 100000"]);
    host.log.wait("left", 1);
    let answer = ann.get("/poll?wait_ms=30000");
    let close = &json(&answer)["close"];
    assert_eq!(close["code"], 4000, "{answer:?}");
    assert!(close["reason"].as_str().unwrap().contains("too slow"), "{close}");
    assert_eq!(host.sample("slow_consumers_total"), 1);
    ann.peer = HttpPeer::dial(host.address); // that was the last answer on its connection
    let ended = ann.get("/events");
    assert_eq!((ended.status, &json(&ended)["close"]["code"]), (404, &4000.into()));
}

pub fn a_stream_keeps_the_newest_and_tells_when_older_ones_are_gone(nodes: Nodes) {
    let host = nodes.host(open().outbox_bytes(1 << 20));
    let mut ann = HttpSession::open(host.address);
    let mut lines = ann.receive("/stream", "");
    for n in 1..=30 {
        ann.say(&["pour 1 100000"]);
        assert_eq!(next_line(&mut lines).0, n);
    }
    lines.cut();
    let gone = ann.get("/events?ack=10");
    assert_eq!((gone.status, json(&gone)["code"].as_str()), (410, Some("gone")));
    let kept = json(&gone)["min"].as_u64().unwrap();
    assert!((20..=21).contains(&kept), "ten fit into a mebibyte: {kept}");
    assert_eq!(next_line(&mut ann.receive(&format!("/stream?ack={kept}"), "")).0, kept + 1);
    let mut events = ann.receive("/events", "Last-Event-ID: 30\r\n");
    assert!(is_silent(&mut events, Duration::from_millis(100)));
}

/// Frames that an earlier stream took make room for newer ones. A later stream that begins before them has a gap ahead.
pub fn a_stream_ends_before_a_gap_and_the_next_request_is_told_of_it(nodes: Nodes) {
    let host = nodes.host(open().outbox_bytes(16 << 20));
    let mut ann = HttpSession::open(host.address);
    let mut first = ann.receive("/stream", "");
    ann.say(&["pour 150 100000"]); // more than a system's buffers of a connection hold
    (1..=150).for_each(|n| assert_eq!(next_line(&mut first).0, n));
    first.cut();
    let mut second = ann.receive("/stream", "");
    ann.say(&["pour 150 100000"]);
    let mut seen = 0;
    loop {
        let item: serde_json::Value = match second.part(PATIENCE) {
            Some(Part::Line(line)) if line.is_empty() => continue,
            Some(Part::Line(line)) => serde_json::from_str(&line).unwrap(),
            other => break assert_eq!(other, Some(Part::End)),
        };
        seen += 1;
        assert_eq!(item["n"].as_u64(), Some(seen), "a gap, or a close");
    }
    let gone = ann.get(&format!("/stream?ack={seen}"));
    assert_eq!((gone.status, json(&gone)["code"].as_str()), (410, Some("gone")));
    let kept = json(&gone)["min"].as_u64().unwrap();
    assert_eq!(next_line(&mut ann.receive(&format!("/stream?ack={kept}"), "")).0, kept + 1);
}

pub fn a_receiver_that_is_dropped_in_the_middle_loses_nothing(nodes: Nodes) {
    let host = nodes.host(open().outbox_bytes(64 << 20));
    let mut ann = HttpSession::open(host.address);
    ann.say(&["pour 40 100000"]);
    let mut seen = 0;
    for way in ["stream", "poll", "stream", "poll", "stream", "poll"] {
        let mut peer = HttpPeer::over(parlor_testkit::socket::Dial::NARROW.connect(host.address), host.address);
        peer.send("GET", &ann.path(&format!("/{way}?ack={seen}&wait_ms=1000")), "", b"").unwrap();
        peer.head().unwrap();
        if way == "stream" {
            for _ in 0..5 {
                seen += 1;
                assert_eq!(next_line(&mut peer).0, seen);
            }
        }
        peer.cut(); // the rest was on its way
    }
    while seen < 40 {
        for (n, _) in ann.wait_for(seen, 1) {
            seen += 1;
            assert_eq!(n, seen);
        }
    }
}

pub fn both_halves_race_and_everything_comes_once_in_order(nodes: Nodes) {
    const MESSAGES: u64 = 400;
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    let (to, path) = (host.address, ann.path("/send"));
    let sender = thread::spawn(move || {
        let mut peer = HttpPeer::dial(to);
        for n in 1..=MESSAGES {
            for _ in 0..1 + n % 2 {
                let answer = peer.request("POST", &format!("{path}?n={n}"), "", format!("\"{n}\"").as_bytes());
                assert_eq!(answer.status, 202, "{answer:?}");
            }
        }
    });
    let mut seen = 0;
    while seen < MESSAGES {
        let mut lines = ann.receive(&format!("/stream?ack={seen}"), "");
        let mut frames = vec![next_line(&mut lines)];
        frames.extend(ann.poll(&format!("ack={}", frames[0].0)));
        for (n, text) in frames {
            seen += 1;
            assert_eq!((n, text), (seen, seen.to_string()));
        }
    }
    sender.join().unwrap();
}
