//! How the server goes.

use std::time::Duration;

use parlor_testkit::process::Signal;
use parlor_testkit::{number, text};
use serde_json::json;

use crate::stage::{House, On};

/// What it promises.
const STOP_TIME: Duration = Duration::from_secs(10);

pub fn a_stop_is_announced(on: On) {
    stops_in_good_order(on, Signal::TERM);
}

pub fn an_interrupt_is_a_stop_too(on: On) {
    stops_in_good_order(on, Signal::INT);
}

fn stops_in_good_order(on: On, signal: Signal) {
    let mut house = House::open(on, &["--journal", "parlor.db"]);
    let mut clients = [house.person("Ann"), house.person("Bo"), house.guest()];
    let joined = clients[0].join("lobby");
    let said = clients[0].say("lobby", "last words");
    house.signal(signal);
    for client in &mut clients {
        let closing = client.event("closing");
        assert!(!text(&closing["reason"]).is_empty());
        assert!(number(&closing["reconnect_after_ms"]) > 0);
        let closed = client.closed();
        assert_eq!(closed.code, 1012, "{closed:?}");
        assert!(!closed.reason.is_empty());
    }
    let status = house.ended_within(STOP_TIME).expect("it ends in time");
    assert_eq!(status.code(), Some(0), "{}", house.log());
    house.restart();
    let mut back = house.again(&clients[0].token);
    let since = json!({"epoch": joined["epoch"], "seq": joined["seq"]});
    let joined = back.ok(json!({"type": "join", "room": "lobby", "since": since}));
    assert_eq!((&joined["recovered"], &joined["events"][0]["id"]), (&json!(true), &said["id"]));
}

pub fn a_client_that_does_not_read_is_not_waited_for(on: On) {
    let mut house = House::open(on, &[]);
    let mut lazy = house.guest();
    let body = "x".repeat(60_000);
    lazy.join("lobby");
    for _ in 0..200 {
        lazy.ask(json!({"type": "echo", "body": body}));
    }
    house.signal(Signal::TERM);
    let status = house.ended_within(STOP_TIME + Duration::from_secs(2)).expect("it ends in time");
    assert_eq!(status.code(), Some(0), "{}", house.log());
}
