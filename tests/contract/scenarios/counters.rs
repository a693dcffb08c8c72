//! Counters that many press.

use std::thread;

use parlor_testkit::list;
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn many_presses_add_up(on: On) {
    const PRESSES: i64 = 60;
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    ann.ok(json!({"type": "create", "kind": "counter", "room": "votes"}));
    assert_eq!(ann.join("votes")["value"], 0);
    ann.forget_heard();
    let sum: i64 = thread::scope(|scope| {
        let pressers: Vec<_> = (0..8)
            .map(|n| {
                let mut presser = house.person(&format!("presser {n}"));
                scope.spawn(move || {
                    presser.join("votes");
                    let steps: Vec<i64> = (0..PRESSES).map(|press| if (press + n) % 3 == 0 { -1 } else { 1 }).collect();
                    let asked: Vec<Value> = steps
                        .iter()
                        .map(|by| presser.ask(json!({"type": "count", "room": "votes", "by": by})))
                        .collect();
                    for (id, by) in asked.iter().zip(&steps) {
                        let counted = presser.answer(id);
                        let event = presser.event_where("counted", |event| event["seq"] == counted["seq"]);
                        assert_eq!(event["value"], counted["value"], "{by}");
                        assert_eq!(event["by"], presser.user);
                    }
                    steps.iter().sum::<i64>()
                })
            })
            .collect();
        pressers.into_iter().map(|presser| presser.join().unwrap()).sum()
    });
    let counted = ann.all_of("counted");
    assert_eq!(counted.len(), 8 * PRESSES as usize);
    let mut value = 0;
    for event in &counted {
        let now = event["value"].as_i64().unwrap();
        assert_eq!((now - value).abs(), 1, "each is one press: {event}");
        value = now;
    }
    assert_eq!(value, sum);
    let joined = ann.ok(json!({"type": "join", "room": "votes", "limit": 1}));
    assert_eq!((&joined["value"], &joined["events"]), (&json!(sum), &json!([counted.last()])));
}

pub fn steps_are_one_up_or_one_down(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.ok(json!({"type": "create", "kind": "counter", "room": "votes"}));
    ann.join("votes");
    for by in [json!(0), json!(2), json!(-2), json!(1.5), json!("1"), json!(null), json!(true), json!(u64::MAX)] {
        ann.refused(json!({"type": "count", "room": "votes", "by": by}), "bad_request");
    }
    ann.hears_nothing();
    let down = ann.ok(json!({"type": "count", "room": "votes", "by": -1}));
    assert_eq!(down["value"], -1);
    let event = ann.event("counted");
    assert_eq!(event, json!({"type": "counted", "room": "votes", "seq": down["seq"], "value": -1, "by": ann.user}));
}

pub fn people_talk_in_counter_rooms(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.ok(json!({"type": "create", "kind": "counter", "room": "votes"}));
    ann.join("votes");
    ann.say("votes", "up?");
    ann.ok(json!({"type": "count", "room": "votes", "by": 1}));
    let kinds: Vec<Value> = list(&ann.join("votes")["events"]).iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["created", "message", "counted"]);
}
