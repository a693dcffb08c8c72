//! The shared counter.

use parlor_testkit::Peer;
use parlor_testkit::frames::BINARY;
use serde_json::{Value, json};

use crate::{Example, hear};

fn act(peer: &mut Peer, action: &str) {
    peer.text(&json!({"action": action}).to_string());
}

fn users(count: usize) -> Value {
    json!({"type": "users", "count": count})
}

fn value(value: i64) -> Value {
    json!({"type": "value", "value": value})
}

#[test]
fn counter_tells_users_first_and_then_the_value() {
    let counter = Example::start("counter");
    let mut ann = counter.connect("/");
    assert_eq!([hear(&mut ann), hear(&mut ann)], [users(1), value(0)]);
    act(&mut ann, "plus");
    assert_eq!(hear(&mut ann), value(1));
    let mut bo = counter.connect("/any/path?at=all");
    assert_eq!([hear(&mut bo), hear(&mut bo)], [users(2), value(1)]);
    assert_eq!(hear(&mut ann), users(2));
    for (action, now) in [("minus", 0), ("minus", -1), ("plus", 0)] {
        act(&mut bo, action);
        assert_eq!([hear(&mut ann), hear(&mut bo)], [value(now), value(now)]);
    }
    drop(bo);
    assert_eq!(hear(&mut ann), users(1));
}

#[test]
fn counter_passes_over_what_it_does_not_know() {
    let counter = Example::start("counter");
    let mut ann = counter.connect("/");
    hear(&mut ann);
    hear(&mut ann);
    for junk in ["", "plus", "[]", "{}", r#"{"action":"times"}"#, r#"{"action":5}"#, r#"{"type":"plus"}"#] {
        ann.text(junk);
    }
    ann.frame(BINARY, r#"{"action":"plus"}"#);
    act(&mut ann, "plus");
    assert_eq!(hear(&mut ann), value(1), "only this one counted");
}

#[test]
fn counter_slows_nobody_down() {
    const PRESSES: i64 = 2000;
    let counter = Example::start("counter");
    let mut ann = counter.connect("/");
    hear(&mut ann);
    hear(&mut ann);
    for _ in 0..PRESSES {
        act(&mut ann, "plus");
    }
    for now in 1..=PRESSES {
        assert_eq!(hear(&mut ann), value(now));
    }
}
