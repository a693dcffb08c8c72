//! `watch_time`.

use chrono::DateTime;
use parlor_testkit::{Client, number, text};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn regular_ticks_are_the_same_for_all(on: On) {
    let house = House::open(on, &[]);
    let mut watchers: Vec<Client> = (0..3).map(|_| house.guest()).collect();
    for watcher in &mut watchers {
        let watching = watcher.ok(json!({"type": "watch_time", "every_ms": 100}));
        assert_eq!((&watching["every_ms"], &watching["mode"]), (&json!(100), &json!("regular")));
    }
    // A tick of the last one's that all of them must have heard.
    let shared = watchers[2].event("tick");
    let from = number(&shared["n"]);
    let mut ticks = vec![shared];
    ticks.extend((0..5).map(|_| watchers[2].event("tick")));
    for tick in &ticks {
        assert_eq!(millis(tick), number(&tick["n"]) * 100, "on the wall clock: {tick}");
        assert_eq!(tick["every_ms"], 100);
    }
    assert!(ticks.is_sorted_by_key(|tick| number(&tick["n"])));
    for watcher in &mut watchers[..2] {
        let mut same: Vec<Value> = Vec::new();
        while same.len() < ticks.len() {
            same.extend(Some(watcher.event("tick")).filter(|tick| number(&tick["n"]) >= from));
        }
        assert_eq!(same, ticks, "the same for all");
    }
}

pub fn intervals_are_rounded_up(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    assert_eq!(ann.ok(json!({"type": "watch_time"}))["every_ms"], 1000);
    for (asked, given) in [
        (1, 100),
        (100, 100),
        (101, 200),
        (200, 200),
        (250, 250),
        (251, 500),
        (700, 1000),
        (1001, 2000),
        (5000, 5000),
        (5001, 10_000),
        (29_999, 30_000),
        (60_000, 60_000),
        (60_001, 60_000),
        (u64::MAX, 60_000),
    ] {
        let watching = ann.ok(json!({"type": "watch_time", "every_ms": asked}));
        assert_eq!((&watching["every_ms"], &watching["mode"]), (&json!(given), &json!("regular")), "{asked}");
    }
}

pub fn another_watch_replaces_the_first(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut other) = (house.guest(), house.guest());
    other.ok(json!({"type": "watch_time", "every_ms": 100}));
    ann.ok(json!({"type": "watch_time", "every_ms": 100}));
    ann.event("tick");
    ann.ok(json!({"type": "watch_time", "every_ms": 60_000}));
    hears_no_tick_of(100, &mut ann, &mut other);
    ann.ok(json!({"type": "watch_time", "every_ms": 100}));
    ann.event("tick");
    assert_eq!(ann.ok(json!({"type": "unwatch_time"})).as_object().unwrap().len(), 2);
    hears_no_tick_of(100, &mut ann, &mut other);
    ann.ok(json!({"type": "unwatch_time"}));
}

/// While somebody else hears some.
fn hears_no_tick_of(every_ms: u64, client: &mut Client, other: &mut Client) {
    client.forget_heard();
    other.forget_heard();
    for _ in 0..3 {
        other.event("tick");
    }
    let ticks = client.all_of("tick");
    assert!(ticks.iter().all(|tick| tick["every_ms"] != every_ms), "{ticks:#?}");
}

pub fn random_ticks_come_to_each_by_itself(on: On) {
    let house = House::open(on, &[]);
    let mut watchers: Vec<Client> = (0..3).map(|_| house.guest()).collect();
    for watcher in &mut watchers {
        assert_eq!(watcher.ok(json!({"type": "watch_time", "mode": "random"}))["mode"], "random");
    }
    for watcher in &mut watchers {
        let ticks: Vec<Value> = (0..2).map(|_| watcher.event("tick")).collect();
        assert!(millis(&ticks[1]) - millis(&ticks[0]) >= 1000, "a second or more apart: {ticks:#?}");
    }
}

pub fn wrong_watches(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    for (field, value) in [
        ("every_ms", json!("x")),
        ("every_ms", json!(-1)),
        ("every_ms", json!(1.5)),
        ("mode", json!("often")),
        ("mode", json!(1)),
    ] {
        ann.refused(json!({"type": "watch_time", field: value}), "bad_request");
    }
}

fn millis(tick: &Value) -> u64 {
    DateTime::parse_from_rfc3339(&text(&tick["at"])).unwrap().timestamp_millis().try_into().unwrap()
}
