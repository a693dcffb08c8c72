//! A Redis that is gone for a while, and a server that was asleep: what its clients are told, and that all goes on by itself.

use std::time::{Duration, Instant};

use parlor_testkit::process::Signal;
use parlor_testkit::{Client, wait_until};
use serde_json::json;

use super::cluster::{Cluster, LEFT_WITHIN};

/// Asks again until it is answered `ok`.
fn insist(client: &mut Client, request: serde_json::Value) {
    wait_until("it is done", || client.try_ok(request.clone()).is_some());
}

#[test]
fn without_redis_reading_goes_on_and_writing_is_refused_and_both_go_on_afterwards() {
    let mut cluster = Cluster::start(2);
    let (mut ann, mut bo) = (cluster.nodes[0].connect(), cluster.nodes[1].connect());
    ann.join("lobby");
    bo.join("lobby");
    ann.say("lobby", "before");
    assert_eq!(bo.event("message")["body"], "before");
    cluster.redis.kill();
    // The first request may have reached Redis just before its end. Of those after it that is out of the question.
    let begun = Instant::now();
    let first = ann.ask(json!({"type": "say", "room": "lobby", "body": "lost"}));
    match ann.answer_unless_closed(&first) {
        Some(answer) => assert_eq!(answer["code"], "unavailable", "{answer}"),
        None => {
            assert_eq!(ann.closed().code, 1012);
            let token = ann.token.clone();
            ann = cluster.nodes[0].connect();
            ann.resume(&token);
            ann.join("lobby");
        }
    }
    println!("the first was let down after {:?}", begun.elapsed());
    for _ in 0..3 {
        ann.refused(json!({"type": "say", "room": "lobby", "body": "lost"}), "unavailable");
    }
    for node in &cluster.nodes {
        let words = node.server.wait_for("/readyz", 503);
        assert!(words.contains("Redis") && !words.contains("password"), "{words}");
        assert_eq!(node.server.get("/healthz").status, 200);
    }
    // What is at hand is still read.
    let again = bo.ok(json!({"type": "join", "room": "lobby"}));
    assert_eq!(again["events"].as_array().unwrap().last().unwrap()["body"], "before");
    let mut late = cluster.nodes[1].connect();
    assert_eq!(late.ok(json!({"type": "join", "room": "lobby"}))["seq"], again["seq"]);
    assert!(late.ok(json!({"type": "users"}))["count"].as_u64() >= Some(2));

    cluster.redis.start_again();
    insist(&mut ann, json!({"type": "say", "room": "lobby", "body": "after"}));
    assert_eq!(bo.event_where("message", |event| event["body"] == "after")["seq"], 3, "nothing of what was refused");
    assert_eq!(late.event("message")["body"], "after");
    cluster.wait_until_ready();
    // Who came meanwhile is known everywhere by now, and nobody has left.
    cluster.wait_until_on(&[ann.id(), bo.id(), late.id()]);
    assert!(ann.all().iter().all(|event| event["type"] != "left"));
}

#[test]
fn a_redis_that_sleeps_for_a_moment_costs_nobody_anything() {
    let cluster = Cluster::start(2);
    let (mut ann, mut bo) = (cluster.nodes[0].connect(), cluster.nodes[1].connect());
    ann.join("lobby");
    bo.join("lobby");
    cluster.redis.stop(true);
    let asked = ann.ask(json!({"type": "say", "room": "lobby", "body": "patience"}));
    std::thread::sleep(Duration::from_millis(1200));
    cluster.redis.stop(false);
    assert_eq!(ann.answer(&asked)["type"], "ok");
    assert_eq!(bo.event("message")["body"], "patience");
    assert!(bo.all().iter().all(|event| event["type"] != "left"));
}

/// The request has reached Redis, or not: nobody can know. So its client is closed, comes back, and finds out.
#[test]
fn a_request_whose_answer_is_lost_is_answered_neither_yes_nor_no() {
    let cluster = Cluster::start(2);
    let (mut ann, mut bo) = (cluster.nodes[0].connect(), cluster.nodes[1].connect());
    ann.rename("Ann");
    ann.join("lobby");
    bo.join("lobby");
    let token = ann.token.clone();
    cluster.nodes[0].network.swallow_answers(true);
    let say = json!({"type": "say", "room": "lobby", "body": "once", "key": "k"});
    let asked = ann.ask(say.clone());
    assert_eq!(ann.answer_unless_closed(&asked), None);
    assert_eq!(ann.closed().code, 1012);
    cluster.nodes[0].network.cut();
    cluster.nodes[0].network.swallow_answers(false);
    let mut back = cluster.nodes[1].connect();
    back.resume(&token);
    back.join("lobby");
    assert_eq!(back.ok(say)["seq"], 2);
    assert_eq!(bo.event("message")["body"], "once");
    assert!(bo.all_of("message").is_empty(), "once");
    cluster.wait_until_ready();
}

#[test]
fn a_server_that_wakes_after_its_lease_writes_nothing_and_starts_over() {
    let cluster = Cluster::start(2);
    let (mut ann, mut bo) = (cluster.nodes[0].connect(), cluster.nodes[1].connect());
    ann.rename("Ann");
    ann.join("lobby");
    bo.join("lobby");
    let asleep = &cluster.nodes[0].server;
    asleep.signal(Signal::STOP);
    let begun = Instant::now();
    let asked = ann.ask(json!({"type": "say", "room": "lobby", "body": "too late"}));
    assert_eq!(bo.event("left")["user"]["name"], "Ann");
    assert!(begun.elapsed() < LEFT_WITHIN);
    // Somebody else has the name once its time is over; here, the user comes back by another server.
    let mut other = cluster.nodes[1].connect();
    other.resume(&ann.token);
    other.join("lobby");
    asleep.signal(Signal::CONT);
    assert_eq!(ann.answer_unless_closed(&asked).filter(|answer| answer["type"] == "ok"), None);
    assert_eq!(ann.closed().code, 1012);
    cluster.wait_until_ready();
    cluster.wait_until_on(&[bo.id(), other.id()]);
    assert!(bo.all_of("message").is_empty(), "it has written nothing");
    let mut back = cluster.nodes[0].connect();
    assert_eq!(back.join("lobby")["online"], 3, "bo, the guest who asks, and who came back");
}
