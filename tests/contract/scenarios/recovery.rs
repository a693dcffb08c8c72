//! `join` with `since`: everything that was missed, or an honest "no".

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parlor_testkit::{Client, eventually, list, number};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn what_was_missed_comes_in_order(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    let joined = bo.join("lobby");
    ann.say("lobby", "heard");
    let seen = bo.event("message")["seq"].clone();
    bo.ok(json!({"type": "leave", "room": "lobby"}));
    ann.forget_heard();
    let missed = fill(&mut ann, 300, "missed");
    for limit in [Value::Null, json!(1), json!(1000)] {
        let back = bo.ok(json!({"type": "join", "room": "lobby", "since": since(&joined, &seen), "limit": limit}));
        assert_eq!((&back["recovered"], list(&back["events"])), (&json!(true), &missed[..]), "whatever limit says");
    }
    for from in [0, 1, 299] {
        let back = join_since(&mut bo, since(&joined, &missed[from]["seq"]));
        assert_eq!((&back["recovered"], list(&back["events"])), (&json!(true), &missed[from + 1..]));
    }
    ann.say("lobby", "live again");
    assert_eq!(bo.event("message")["body"], "live again");
}

pub fn nothing_missed_is_nothing_to_send(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.join("lobby");
    ann.say("lobby", "x");
    ann.forget_heard();
    let joined = ann.join("lobby");
    let back = join_since(&mut ann, since(&joined, &joined["seq"]));
    assert_eq!((&back["recovered"], &back["events"]), (&json!(true), &json!([])));
    let all = join_since(&mut ann, since(&joined, &json!(0)));
    assert_eq!((&all["recovered"], &all["events"]), (&json!(true), &joined["events"]), "0: from the very beginning");
}

pub fn another_epoch_is_not_recovered(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let attic = ann.join("attic");
    let joined = ann.join("lobby");
    assert_ne!(joined["epoch"], attic["epoch"]);
    ann.say("lobby", "x");
    ann.forget_heard();
    for epoch in ["", "another", attic["epoch"].as_str().unwrap()] {
        let back = join_since(&mut ann, json!({"epoch": epoch, "seq": joined["seq"]}));
        assert_eq!((&back["recovered"], &back["epoch"]), (&json!(false), &joined["epoch"]));
        assert_eq!(list(&back["events"]).last().unwrap()["body"], "x", "the newest page instead");
    }
    let fresh = ann.ok(json!({"type": "join", "room": "just made", "since": {"epoch": "x", "seq": 5}}));
    assert_eq!(fresh["recovered"], false);
}

pub fn a_number_beyond_the_head_is_not_recovered(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let joined = ann.join("lobby");
    for seq in [number(&joined["seq"]) + 1, 1_000_000, u64::MAX] {
        let back = join_since(&mut ann, since(&joined, &json!(seq)));
        assert_eq!((&back["recovered"], &back["events"]), (&json!(false), &joined["events"]), "{seq}");
    }
}

pub fn a_trimmed_log_is_not_recovered(on: On) {
    for journal in ["memory", "parlor.db"] {
        let house = House::open(on, &["--retain", "5", "--journal", journal, "--presence-grace", "0s"]);
        let mut ann = house.guest();
        let joined = ann.join("lobby");
        fill(&mut ann, 50, "x");
        let head = number(&joined["seq"]) + 50;
        eventually("the log is trimmed", || {
            ann.ok(json!({"type": "leave", "room": "lobby"}));
            let back = join_since(&mut ann, since(&joined, &joined["seq"]));
            (back["recovered"] == false).then_some(())
        });
        let back = join_since(&mut ann, since(&joined, &json!(head - 3)));
        assert_eq!((&back["recovered"], list(&back["events"]).len()), (&json!(true), 3), "what is kept is enough");
        assert_eq!(back["epoch"], joined["epoch"]);
        let page = ann.ok(json!({"type": "history", "room": "lobby", "limit": 1000}));
        assert!((5..50).contains(&list(&page["events"]).len()));
        assert_eq!(
            (number(&page["events"].as_array().unwrap().last().unwrap()["seq"]), &page["more"]),
            (head, &json!(false))
        );
        assert_eq!(ann.say("lobby", "on")["seq"], head + 1, "numbers go on");
    }
}

pub fn a_room_that_was_deleted_begins_anew(on: On) {
    for journal in ["memory", "parlor.db"] {
        let house = House::open(on, &["--room-retention", "1s", "--journal", journal]);
        let mut ann = house.guest();
        let joined = ann.join("lobby");
        ann.say("lobby", "x");
        ann.ok(json!({"type": "leave", "room": "lobby"}));
        eventually("the room is gone", || (ann.ok(json!({"type": "rooms"}))["rooms"] == json!([])).then_some(()));
        ann.forget_heard();
        let back = join_since(&mut ann, since(&joined, &joined["seq"]));
        assert_eq!(back["recovered"], false);
        assert_ne!(back["epoch"], joined["epoch"], "another log of the same name");
        assert!(list(&back["events"]).iter().all(|event| event["type"] != "message"), "{back}");
    }
}

pub fn too_many_events_are_not_recovered(on: On) {
    let house = House::open(on, &["--recover-events", "10"]);
    let mut ann = house.guest();
    assert_eq!(ann.welcome["limits"]["recover_events"], 10);
    let joined = ann.join("lobby");
    let events = fill(&mut ann, 60, "x");
    let first = number(&events[0]["seq"]);
    let enough = join_since(&mut ann, since(&joined, &json!(first + 49)));
    assert_eq!((&enough["recovered"], list(&enough["events"])), (&json!(true), &events[50..]));
    let too_many = join_since(&mut ann, since(&joined, &json!(first + 48)));
    assert_eq!((&too_many["recovered"], list(&too_many["events"])), (&json!(false), &events[10..]));
}

pub fn too_many_bytes_are_not_recovered(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let joined = ann.join("lobby");
    let events = fill(&mut ann, 60, &"🦀".repeat(4000));
    let back = join_since(&mut ann, since(&joined, &joined["seq"]));
    assert_eq!(back["recovered"], false, "960 KiB are too many");
    assert!(back["events"].to_string().len() <= 256 * 1024);
    let fits = join_since(&mut ann, since(&joined, &events[31]["seq"]));
    assert_eq!((&fits["recovered"], list(&fits["events"])), (&json!(true), &events[32..]), "450 KiB are not");
}

pub fn joining_in_the_middle_of_traffic_loses_and_doubles_nothing(on: On) {
    let house = House::open(on, &["--recover-events", "100000", "--retain", "100000"]);
    let mut first = house.guest();
    let joined = first.join("lobby");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let _over = Over(&is_over); // also if this fails, or the writers would never end
        for writer in 0..3 {
            let (house, is_over) = (&house, &is_over);
            scope.spawn(move || {
                let mut writer = house.person(&format!("writer {writer}"));
                writer.join("lobby");
                let mut n = 0;
                while !is_over.load(Ordering::SeqCst) {
                    writer.say("lobby", &n.to_string());
                    n += 1;
                }
            });
        }
        let readers: Vec<_> = (0..4)
            .map(|reader| {
                let (house, joined) = (&house, &joined);
                scope.spawn(move || read_with_breaks(house, joined, 25, 1 + reader * 3))
            })
            .collect();
        let logs: Vec<Vec<Value>> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        let longest = logs.iter().max_by_key(|log| log.len()).unwrap();
        assert!(longest.len() > 100, "there was traffic");
        for log in &logs {
            assert_eq!(log[..], longest[..log.len()]);
        }
    });
}

/// Sets it when dropped.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Comes and goes, hearing `at_once` live events each time; all that was recovered and heard.
fn read_with_breaks(house: &House, joined: &Value, times: usize, at_once: usize) -> Vec<Value> {
    let mut log = list(&joined["events"]).to_vec();
    let first = number(&joined["seq"]) + 1 - log.len() as u64;
    for _ in 0..times {
        let mut reader = house.guest();
        let seq = log.last().map_or(first - 1, |event| number(&event["seq"]));
        let back = join_since(&mut reader, since(joined, &json!(seq)));
        assert_eq!(back["recovered"], true);
        log.extend(list(&back["events"]).iter().cloned());
        log.extend((0..at_once).map(|_| reader.event("message")));
    }
    let numbers: Vec<u64> = log.iter().map(|event| number(&event["seq"])).collect();
    assert_eq!(numbers, (first..first + log.len() as u64).collect::<Vec<_>>(), "no gap, no repeat");
    log
}

/// Says things; the events of it.
fn fill(client: &mut Client, count: usize, body: &str) -> Vec<Value> {
    client.forget_heard();
    client.say_all("lobby", (0..count).map(|n| format!("{n} {body}")));
    let events = client.all_of("message");
    assert_eq!(events.len(), count);
    events
}

fn since(joined: &Value, seq: &Value) -> Value {
    json!({"epoch": joined["epoch"], "seq": seq})
}

fn join_since(client: &mut Client, since: Value) -> Value {
    client.ok(json!({"type": "join", "room": "lobby", "since": since}))
}
