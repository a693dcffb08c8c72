//! Older events, page by page.

use parlor_testkit::{Client, eventually, list, number};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn pages_lead_back_to_the_first_event(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    ann.ok(json!({"type": "create", "kind": "chat", "room": "lobby"}));
    let mut all = list(&ann.join("lobby")["events"]).to_vec();
    ann.say_all("lobby", (0..249).map(|n| format!("message {n}")));
    all.extend(ann.all());
    assert_eq!(all.len(), 250);

    let mut bo = house.guest();
    let newest = bo.ok(json!({"type": "history", "room": "lobby"}));
    assert_eq!((list(&newest["events"]), &newest["more"]), (&all[200..], &json!(true)), "50 if not said");
    let joined = bo.join("lobby");
    assert_eq!((list(&joined["events"]), &joined["recovered"]), (&all[200..], &json!(false)));
    let joined = bo.ok(json!({"type": "join", "room": "lobby", "limit": 1000}));
    assert_eq!(list(&joined["events"]), all);
    let joined = bo.ok(json!({"type": "join", "room": "lobby", "limit": 3}));
    assert_eq!(list(&joined["events"]), &all[247..]);
    let page = bo.ok(json!({"type": "history", "room": "lobby", "limit": 1000}));
    assert_eq!((list(&page["events"]), &page["more"]), (&all[..], &json!(false)));
    for (before, limit) in [(251_usize, 7), (250, 1), (101, 100), (2, 5), (1_000_000, 3)] {
        let page = bo.ok(json!({"type": "history", "room": "lobby", "before": before, "limit": limit}));
        let to = 250.min(before - 1);
        let from = to.saturating_sub(limit);
        assert_eq!((list(&page["events"]), &page["more"]), (&all[from..to], &json!(from > 0)), "{before} {limit}");
    }
    for before in [0, 1] {
        let page = bo.ok(json!({"type": "history", "room": "lobby", "before": before}));
        assert_eq!((&page["events"], &page["more"]), (&json!([]), &json!(false)));
    }
    assert_eq!(turn_back(&mut bo, "lobby", 17), all);
}

pub fn pages_are_bounded_in_bytes(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let mut all = list(&ann.join("lobby")["events"]).to_vec();
    ann.say_all("lobby", (0..60).map(|_| "🦀".repeat(4096)));
    all.extend(ann.all());
    let joined = ann.ok(json!({"type": "join", "room": "lobby", "limit": 1000}));
    let page = ann.ok(json!({"type": "history", "room": "lobby", "limit": 1000}));
    assert_eq!(page["more"], true);
    for answer in [joined, page] {
        let events = list(&answer["events"]);
        assert!(answer["events"].to_string().len() <= 256 * 1024);
        assert!(events.len() > 8 && events == &all[all.len() - events.len()..], "the newest that fit");
    }
    assert_eq!(turn_back(&mut ann, "lobby", 1000), all);
}

pub fn a_room_in_use_keeps_no_more_than_the_newest(on: On) {
    for journal in ["memory", "parlor.db"] {
        let house = House::open(on, &["--retain", "5", "--journal", journal]);
        let mut ann = house.guest();
        ann.join("lobby");
        ann.say_all("lobby", (0..20).map(|n| format!("message {n}")));
        let all = ann.all();
        let page = ann.ok(json!({"type": "history", "room": "lobby", "limit": 1000}));
        assert_eq!((list(&page["events"]), &page["more"]), (&all[15..], &json!(false)), "{journal}");
        let joined = house.guest().join("lobby");
        assert_eq!(list(&joined["events"]), &all[15..], "{journal}");
    }
}

pub fn a_room_in_use_keeps_nothing_that_is_too_old(on: On) {
    for journal in ["memory", "parlor.db"] {
        let house = House::open(on, &["--retain-age", "1s", "--journal", journal]);
        let mut ann = house.guest();
        let joined = ann.join("lobby");
        ann.say("lobby", "soon forgotten");
        eventually("the room's events are gone", || {
            let page = ann.ok(json!({"type": "history", "room": "lobby"}));
            (page["events"] == json!([]) && page["more"] == false).then_some(())
        });
        assert_eq!(ann.say("lobby", "new")["seq"], number(&joined["seq"]) + 2, "{journal}: numbers go on");
    }
}

pub fn the_largest_message_that_settings_allow_can_be_read(on: On) {
    for (settings, body) in [
        (["--frame-bytes=252KiB", "--body-chars=1000000"], "x".repeat(252 * 1024 - 200)),
        (["--frame-bytes=1MiB", "--body-chars=43008"], "\u{1}".repeat(43_008)),
        (["--frame-bytes=1MiB", "--body-chars=43008"], "🦀".repeat(43_008)),
    ] {
        let house = House::open(on, &settings);
        let mut ann = house.guest();
        ann.join("lobby");
        ann.ok(json!({"type": "say", "room": "lobby", "body": body}));
        let page = ann.ok(json!({"type": "history", "room": "lobby", "limit": 1}));
        assert_eq!(page["events"][0]["body"], json!(body));
        let joined = house.guest().join("lobby");
        assert_eq!(list(&joined["events"]).last().map(|event| &event["body"]), Some(&json!(body)));
    }
}

pub fn what_is_no_page(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.join("lobby");
    for (field, value) in [
        ("limit", json!(0)),
        ("limit", json!(1001)),
        ("limit", json!(-1)),
        ("limit", json!(1.5)),
        ("before", json!(-1)),
        ("before", json!("1")),
    ] {
        ann.refused(json!({"type": "history", "room": "lobby", field: value}), "bad_request");
        if field == "limit" {
            ann.refused(json!({"type": "join", "room": "lobby", field: value}), "bad_request");
        }
    }
}

/// The whole log, from the newest page to the oldest.
fn turn_back(client: &mut Client, room: &str, limit: usize) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    let mut request = json!({"type": "history", "room": room, "limit": limit});
    loop {
        let page = client.ok(request.clone());
        let older = list(&page["events"]);
        events.splice(0..0, older.iter().cloned());
        if page["more"] == false {
            return events;
        }
        request["before"] = json!(number(&older[0]["seq"]));
    }
}
