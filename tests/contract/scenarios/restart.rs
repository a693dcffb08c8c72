//! `kill -9`, and on again.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use parlor_testkit::process::Signal;
use parlor_testkit::{Client, eventually, list, number, text};
use serde_json::{Value, json};

use super::table::Table;
use crate::stage::{House, On};

pub fn everything_goes_on_after_a_kill(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db"]);
    let mut table = Table::lay(&house);
    for (column, colour) in [3, 2, 3, 2].into_iter().zip([0, 1].into_iter().cycle()) {
        let client = if colour == 0 { &mut table.red } else { &mut table.yellow };
        client.ok(json!({"type": "play", "room": table.room, "column": column}));
    }
    let ann = &mut table.red;
    ann.ok(json!({"type": "create", "kind": "counter", "room": "votes", "unlisted": true}));
    for room in ["lobby", "votes"] {
        ann.join(room);
    }
    ann.say("lobby", "before");
    for by in [1, 1, 1, -1] {
        ann.ok(json!({"type": "count", "room": "votes", "by": by}));
    }
    let seen: BTreeMap<String, Value> =
        ["lobby", "votes", &table.room].into_iter().map(|room| (room.to_owned(), ann.join(room))).collect();
    house.kill();
    house.restart();

    let mut ann = house.again(&table.red.token);
    assert_eq!(ann.name(), "Ann");
    let rooms = ann.ok(json!({"type": "rooms"}));
    let names: Vec<&Value> = list(&rooms["rooms"]).iter().map(|room| &room["room"]).collect();
    assert!(names.contains(&&json!("lobby")) && names.contains(&&json!(table.room)), "{rooms}");
    assert!(!names.contains(&&json!("votes")), "unlisted for ever");
    for (room, before) in &seen {
        let seq = number(&before["seq"]) - 1;
        let joined = ann.ok(json!({"type": "join", "room": room, "since": {"epoch": before["epoch"], "seq": seq}}));
        for field in ["kind", "epoch", "seq"] {
            assert_eq!(joined[field], before[field], "{field} of {room}");
        }
        assert_eq!(joined["recovered"], true);
        assert_eq!(joined["events"], json!([list(&before["events"]).last()]), "the same bytes as before");
    }
    assert_eq!(ann.join("votes")["value"], 2);
    ann.say("lobby", "after");
    assert_eq!(ann.event("message")["seq"], json!(number(&seen["lobby"]["seq"]) + 1));
    assert_eq!(ann.ok(json!({"type": "count", "room": "votes", "by": 1}))["value"], 3);

    table.red = house.guest();
    let joined = table.red.ok(json!({"type": "join", "room": table.room, "seat": table.secrets["seat"]}));
    let game = &joined["game"];
    assert_eq!((&game["moves"], &game["you"], &game["turn"]), (&json!([3, 2, 3, 2]), &json!("red"), &json!("red")));
    table.yellow = house.guest();
    table.yellow.ok(json!({"type": "join", "room": table.room, "seat": table.seat}));
    let mut cleo = house.guest();
    let watching = cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    assert_eq!(watching["game"]["players"]["yellow"]["online"], true);
    for (column, colour) in [3, 2, 3].into_iter().zip([0, 1].into_iter().cycle()) {
        let client = if colour == 0 { &mut table.red } else { &mut table.yellow };
        client.ok(json!({"type": "play", "room": table.room, "column": column}));
    }
    assert_eq!(cleo.event("ended")["winner"], "red");
    table.log();
}

pub fn what_was_answered_ok_is_there_after_a_kill(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db", "--retain", "1000000"]);
    for round in 0..3 {
        let said: Mutex<Vec<Value>> = Mutex::default();
        let house_now = &house;
        thread::scope(|scope| {
            for writer in 0..4 {
                let said = &said;
                let mut writer = house_now.person(&format!("writer {round} {writer}"));
                scope.spawn(move || {
                    writer.join("lobby");
                    for n in 0.. {
                        let request = json!({"type": "say", "room": "lobby", "body": format!("{n}")});
                        let id = writer.ask(request);
                        match writer.answer_unless_closed(&id) {
                            Some(answer) => said.lock().unwrap().push(answer),
                            None => return,
                        }
                    }
                });
            }
            // Then the writers end, whatever comes of it here.
            let _kill = KillAtLast(house_now);
            eventually("enough is said", || (said.lock().unwrap().len() >= 100).then_some(()));
        });
        house.kill();
        house.restart();
        let mut reader = house.guest();
        let joined = reader.ok(json!({"type": "join", "room": "lobby", "limit": 1}));
        let all = join_from_the_start(&mut reader, &joined);
        for answer in said.into_inner().unwrap() {
            let event = &all[usize::try_from(number(&answer["seq"])).unwrap() - 1];
            assert_eq!((&event["id"], &event["at"]), (&answer["id"], &answer["at"]), "what was answered ok is there");
        }
    }
}

struct KillAtLast<'a>(&'a House);

impl Drop for KillAtLast<'_> {
    fn drop(&mut self) {
        self.0.signal(Signal::KILL);
    }
}

/// Every event of the lobby.
fn join_from_the_start(reader: &mut Client, joined: &Value) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    let mut before = number(&joined["seq"]) + 1;
    while before > 1 {
        let page = reader.ok(json!({"type": "history", "room": "lobby", "before": before, "limit": 1000}));
        let older = list(&page["events"]);
        before = number(&older[0]["seq"]);
        events.splice(0..0, older.iter().cloned());
    }
    let numbers: Vec<u64> = events.iter().map(|event| number(&event["seq"])).collect();
    assert_eq!(numbers, (1..=number(&joined["seq"])).collect::<Vec<_>>(), "no gap, no repeat");
    events
}

pub fn without_a_disk_epochs_change(on: On) {
    let mut house = House::open(on, &["--secret", "one secret of sixteen"]);
    let mut ann = house.person("Ann");
    let before = ann.join("lobby");
    ann.say("lobby", "x");
    house.kill();
    house.restart();
    let mut ann = house.again(&ann.token);
    let since = json!({"epoch": before["epoch"], "seq": before["seq"]});
    let joined = ann.ok(json!({"type": "join", "room": "lobby", "since": since}));
    assert_eq!(joined["recovered"], false);
    assert_ne!(text(&joined["epoch"]), text(&before["epoch"]), "its log was lost");
}
