//! Sends of clients over HTTP.

use std::thread;
use std::time::Duration;

use parlor_kit::Rate;
use parlor_testkit::{HttpPeer, wait_until};

use super::http_peers::{HttpSession, json};
use super::nodes::Nodes;
use super::server::open;

fn texts(frames: Vec<(u64, String)>) -> Vec<String> {
    frames.into_iter().map(|(_, text)| text).collect()
}

pub fn several_messages_in_one_send_are_done_in_order(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    ann.say(&["one", "two\nlines", "three"]);
    assert_eq!(texts(ann.wait_for(0, 3)), ["one", "two\nlines", "three"]);
}

pub fn a_repeated_send_is_done_once_and_a_gap_is_refused(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    for _ in 0..3 {
        assert_eq!(ann.send("n=1", &["one"]).status, 202);
    }
    let gap = ann.send("n=3", &["three"]);
    assert_eq!((gap.status, &json(&gap)["code"], &json(&gap)["max"]), (409, &"out_of_order".into(), &2.into()));
    assert_eq!(ann.send("n=2", &["two"]).status, 202);
    ann.say(&["last"]);
    assert_eq!(texts(ann.wait_for(0, 3)), ["one", "two", "last"]);
}

pub fn what_is_wrong_is_named_and_nothing_is_done(nodes: Nodes) {
    let host = nodes.host(open().frame_bytes(100));
    let mut ann = HttpSession::open(host.address);
    for (query, body, status, code, named) in [
        ("n=0", &b"\"x\""[..], 400, "bad_request", "\"n\" must be an integer from 1"),
        ("n=-1", b"\"x\"", 400, "bad_request", "\"n\" must be an integer"),
        ("ack=first", b"\"x\"", 400, "bad_request", "\"ack\" must be an integer from 0"),
        ("ack=1", b"\"x\"", 400, "bad_request", "\"ack\" must be an integer from 0 to 0"),
        ("", b"\"good\"\nno json", 400, "bad_request", "JSON string"),
        ("", b"\"good\"\n\xff", 400, "bad_request", "JSON string"),
        ("", &[b'"'; 101], 413, "too_big", "100 bytes"),
        ("", &[b'\n'; 401], 413, "too_big", "400 bytes"),
        ("", &[b'\n'; 3000], 413, "too_big", "400 bytes"),
    ] {
        let mut peer = HttpPeer::dial(host.address); // what was not read ends the connection
        let answer = peer.request("POST", &ann.path(&format!("/send?{query}")), "", body);
        let told = json(&answer);
        assert_eq!((answer.status, told["code"].as_str().unwrap()), (status, code), "{told}");
        assert!(told["message"].as_str().unwrap().contains(named), "{named}: {told}");
        assert_eq!(told["type"], "error");
    }
    let target = ann.path("/send");
    let zipped = ann.peer.request("POST", &target, "Content-Encoding: gzip\r\n", b"x");
    assert_eq!((zipped.status, json(&zipped)["code"].as_str().unwrap()), (415, "bad_request"));
    ann.say(&["after"]);
    assert_eq!(texts(ann.wait_for(0, 1)), ["after"]);
}

pub fn a_long_body_of_short_messages_is_taken(nodes: Nodes) {
    let host = nodes.host(open().frame_bytes(1000));
    let mut ann = HttpSession::open(host.address);
    let messages: Vec<String> = (0..400).map(|n| n.to_string()).collect();
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    ann.say(&messages);
    let mut heard = Vec::new();
    while heard.len() < 400 {
        heard.extend(texts(ann.wait_for(heard.len() as u64, 1)));
    }
    assert_eq!(heard, messages);
}

pub fn sends_wait_while_the_app_works_and_are_refused_when_too_many_do(nodes: Nodes) {
    let host = nodes.host(open().frame_bytes(100).in_flight(1));
    let mut ann = HttpSession::open(host.address);
    host.log.hold(true);
    ann.say(&["first", "second"]);
    let message = "x".repeat(90);
    let full = vec![message.as_str(); 4];
    ann.say(&full); // beside what the app has not got yet
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let (to, path) = (host.address, ann.path("/send"));
            let body = format!("\"{message}\"");
            thread::spawn(move || HttpPeer::dial(to).request("POST", &path, "", body.as_bytes()).status)
        })
        .collect();
    wait_until("all places of those who wait are taken", || {
        let (to, path) = (host.address, ann.path("/send"));
        let mut peer = HttpPeer::dial(to);
        peer.tcp.set_nodelay(true).unwrap();
        peer.send("POST", &path, "", b"\"more\"").unwrap();
        let mut byte = [0];
        peer.tcp.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        peer.tcp.peek(&mut byte).is_ok_and(|bytes| bytes == 1) && {
            let answer = peer.answer(false).unwrap();
            answer.status == 429 && answer.header("retry-after") == Some("1")
        }
    });
    host.log.hold(false);
    let statuses: Vec<u16> = waiting.into_iter().map(|one| one.join().unwrap()).collect();
    assert!(statuses.iter().all(|status| [202, 429].contains(status)), "{statuses:?}");
    let mut heard = Vec::new();
    while heard.len() < 6 {
        heard.extend(texts(ann.wait_for(heard.len() as u64, 1)));
    }
    assert_eq!(heard[..3], ["first", "second", &message]);
}

pub fn a_flood_is_refused_and_then_closed_with_its_reason(nodes: Nodes) {
    let rate = Rate { per_second: 0.01, burst: 5.0, refusals: 10, refusals_within: Duration::from_secs(100) };
    let host = nodes.host(open().rate(rate));
    let mut ann = HttpSession::open(host.address);
    let flood = vec!["hello"; 100];
    let mut frames = Vec::new();
    ann.say(&flood);
    let close = loop {
        let answer = ann.get(&format!("/poll?ack={}&wait_ms=1000", frames.len()));
        frames.extend(super::http_peers::frames(&answer));
        if let Some(close) = json(&answer).get("close") {
            break close.clone();
        }
    };
    let refused = frames.iter().filter(|(_, text)| text.starts_with("slower: ")).count();
    assert_eq!((close["code"].as_u64(), refused), (Some(4003), 9), "{frames:?}");
    host.log.wait("left", 1);
    assert_eq!(host.sample("4003"), 1);
}

pub fn a_message_over_which_the_app_panics_costs_this_session_alone(nodes: Nodes) {
    let host = nodes.host(open());
    let (mut ann, mut bo) = (HttpSession::open(host.address), HttpSession::open(host.address));
    ann.say(&["panic"]);
    let answer = ann.get("/poll?wait_ms=30000");
    assert_eq!(json(&answer)["close"]["code"], 1011, "{answer:?}");
    bo.say(&["hello"]);
    assert_eq!(texts(bo.wait_for(0, 1)), ["hello"]);
}

pub fn lists_wait_until_the_one_before_is_acknowledged(nodes: Nodes) {
    let host = nodes.host(open());
    let mut ann = HttpSession::open(host.address);
    ann.say(&["list 1000", "list 1000", "hello"]);
    let first = ann.wait_for(0, 2);
    assert_eq!(host.log.count("list"), 1);
    assert_eq!(first.len(), 2, "one list, and what does not wait for it");
    assert_eq!(ann.wait_for(2, 1).len(), 1);
    assert_eq!(host.log.count("list"), 2);
}
