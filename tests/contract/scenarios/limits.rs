//! How much one may ask, and how many may come.

use std::net::{IpAddr, Ipv4Addr};
use std::thread;
use std::time::Duration;

use parlor_testkit::wire::{Opening, Refused};
use parlor_testkit::{eventually, number};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn too_many_requests_are_refused(on: On) {
    let house = House::open(on, &["--rate-per-second", "1", "--rate-burst", "6"]);
    let mut ann = house.guest();
    ann.join("lobby");
    let asked: Vec<Value> =
        (0..20).map(|n| ann.ask(json!({"type": "say", "room": "lobby", "body": n.to_string()}))).collect();
    let answers: Vec<Value> = asked.iter().map(|id| ann.answer(id)).collect();
    let said = answers.iter().filter(|answer| answer["type"] == "ok").count();
    assert!((5..15).contains(&said), "{answers:#?}");
    let refused: Vec<&Value> = answers.iter().filter(|answer| answer["type"] == "error").collect();
    assert!(
        refused.iter().all(|answer| answer["code"] == "rate_limited" && number(&answer["retry_after_ms"]) > 0),
        "{refused:#?}"
    );
    let events = eventually("a request is taken again", || {
        let answer = ann.request(json!({"type": "history", "room": "lobby"}));
        if let Some(after) = answer.get("retry_after_ms") {
            thread::sleep(Duration::from_millis(number(after)));
        }
        answer.get("events").cloned()
    });
    let kept = events.as_array().unwrap().iter().filter(|event| event["type"] == "message").count();
    assert_eq!(kept, said, "what was refused was not done");
    assert_eq!(
        (&ann.welcome["limits"]["rate_per_second"], &ann.welcome["limits"]["rate_burst"]),
        (&json!(1), &json!(6))
    );
}

pub fn who_goes_on_all_the_same_is_closed(on: On) {
    let house = House::open(on, &["--rate-per-second", "1", "--rate-burst", "1"]);
    let mut ann = house.guest();
    let mut bo = house.guest();
    for _ in 0..600 {
        ann.send(json!({"type": "ping"}));
    }
    let closed = ann.closed();
    assert_eq!(closed.code, 4003);
    assert!(!closed.reason.is_empty());
    bo.ok(json!({"type": "ping"}));
}

pub fn so_many_clients(on: On) {
    let house = House::open(on, &["--max-clients", "2"]);
    let (ann, mut bo) = (house.guest(), house.guest());
    assert_eq!(house.try_guest(&Opening::default()).err(), Some(Refused(503)));
    bo.ok(json!({"type": "ping"}));
    drop(ann);
    eventually("there is a place", || house.try_guest(&Opening::default()).ok());
}

pub fn so_many_clients_of_one_address(on: On) {
    let house = House::open(on, &["--max-clients-per-address", "2"]);
    let from = |last| Opening { from: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))), ..Opening::default() };
    let clients = [(); 2].map(|()| house.try_guest(&from(1)).unwrap());
    assert_eq!(house.try_guest(&from(1)).err(), Some(Refused(503)));
    house.try_guest(&from(2)).unwrap();
    drop(clients);
    eventually("there is a place", || house.try_guest(&from(1)).ok());
}

pub fn settings_stand_in_the_welcome(on: On) {
    let house = House::open(
        on,
        &[
            "--frame-bytes",
            "32KiB",
            "--body-chars",
            "10",
            "--rooms-per-client",
            "2",
            "--recover-events",
            "5",
            "--heartbeat",
            "7s",
        ],
    );
    let mut ann = house.guest();
    let limits = ann.welcome["limits"].clone();
    for (limit, value) in [("frame_bytes", 32 * 1024), ("body_chars", 10), ("rooms", 2), ("recover_events", 5)] {
        assert_eq!(limits[limit], value, "{limit}");
    }
    assert_eq!(ann.welcome["heartbeat_ms"], 7000);
    ann.join("one");
    ann.join("two");
    let refused = ann.refused(json!({"type": "join", "room": "three"}), "bad_request");
    assert_eq!((&refused["field"], &refused["max"], &refused["unit"]), (&json!("room"), &json!(2), &json!("rooms")));
    ann.say("one", "0123456789");
    let refused = ann.refused(json!({"type": "say", "room": "one", "body": "0123456789!"}), "bad_request");
    assert_eq!((&refused["field"], &refused["max"]), (&json!("body"), &json!(10)));
}
