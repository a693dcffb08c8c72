//! Limits that one sender or one address can't get around.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::stage::{Someone, Stage, settings, text};
use crate::LoungeSettings;

fn from(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn enter(stage: &mut Stage, address: IpAddr) -> Someone {
    let client = stage.harness.connect_from(address);
    let welcome = stage.hear(client).remove(0);
    Someone {
        client,
        id: text(&welcome["user"]["id"]),
        name: text(&welcome["user"]["name"]),
        token: text(&welcome["token"]),
    }
}

fn small_inbox() -> Stage {
    Stage::with(LoungeSettings { inbox_events: 40, ..settings() })
}

/// A user who is known and not here, with a message that is not read.
fn absent(stage: &mut Stage) -> Someone {
    let (bob, friend) = (enter(stage, from(1)), enter(stage, from(2)));
    stage.ok(bob.client, json!({"type": "rename", "name": "Bob"}));
    stage.harness.drop_client(bob.client);
    stage.ok(friend.client, json!({"type": "tell", "to": bob.id, "body": "not read yet"}));
    stage.harness.drop_client(friend.client);
    stage.pass(3600);
    bob
}

fn tell(stage: &mut Stage, by: &Someone, to: &Someone) -> Value {
    stage.ask(by.client, json!({"type": "tell", "to": to.id, "body": "flood"})).0
}

fn refused(answers: &[Value]) -> usize {
    answers.iter().filter(|answer| answer["code"] == "rate_limited").count()
}

#[test]
fn one_sender_fills_a_quarter_of_an_inbox() {
    let mut stage = small_inbox();
    let bob = absent(&mut stage);
    let ann = enter(&mut stage, from(3));
    let answers: Vec<Value> = (0..60).map(|_| tell(&mut stage, &ann, &bob)).collect();
    assert_eq!(refused(&answers), 50);
    stage.pass(30 * 24 * 3600);
    assert_eq!(tell(&mut stage, &ann, &bob)["code"], "rate_limited", "nobody has read it");
    let other = enter(&mut stage, from(4));
    assert_eq!(tell(&mut stage, &other, &bob)["type"], "ok");
    assert_eq!(tell(&mut stage, &ann, &other)["type"], "ok", "other inboxes are open");
    // The owner comes and reads: the sender may go on.
    let bob = stage.resume(&bob.token);
    let inbox = stage.ok(bob.client, json!({"type": "join", "room": "@inbox", "limit": 100}));
    assert_eq!(inbox["events"][0]["body"], "not read yet");
    assert_eq!(tell(&mut stage, &ann, &bob)["type"], "ok");
}

#[test]
fn many_senders_of_one_address_fill_a_quarter_too() {
    let mut stage = small_inbox();
    let bob = absent(&mut stage);
    let mut answers = Vec::new();
    for _ in 0..30 {
        let guest = enter(&mut stage, from(3));
        answers.extend((0..5).map(|_| tell(&mut stage, &guest, &bob)));
        stage.harness.drop_client(guest.client);
    }
    assert_eq!(answers.len() - refused(&answers), 10);
    let bob = stage.resume(&bob.token);
    let inbox = stage.ok(bob.client, json!({"type": "join", "room": "@inbox", "limit": 100}));
    assert_eq!((&inbox["events"][0]["body"], &inbox["seq"]), (&json!("not read yet"), &json!(11)));
}

#[test]
fn what_waits_in_an_inbox_counts_over_restarts() {
    let again = |stage: Stage| stage.again(LoungeSettings { inbox_events: 40, ..settings() });
    let mut stage = small_inbox();
    let bob = absent(&mut stage);
    let mut kept = 0;
    for _ in 0..5 {
        let ann = enter(&mut stage, from(3));
        let answers: Vec<Value> = (0..7).map(|_| tell(&mut stage, &ann, &bob)).collect();
        kept += answers.len() - refused(&answers);
        stage = again(stage);
    }
    assert_eq!(kept, 10);
    // What was read counts no more, over a restart too.
    let reader = stage.resume(&bob.token);
    let inbox = stage.ok(reader.client, json!({"type": "join", "room": "@inbox", "limit": 100}));
    assert_eq!((&inbox["events"][0]["body"], &inbox["seq"]), (&json!("not read yet"), &json!(11)));
    stage.harness.drop_client(reader.client);
    let mut stage = again(stage);
    let ann = enter(&mut stage, from(3));
    let answers: Vec<Value> = (0..20).map(|_| tell(&mut stage, &ann, &bob)).collect();
    assert_eq!(refused(&answers), 10);
    let bob = stage.resume(&bob.token);
    let since = json!({"epoch": inbox["epoch"], "seq": inbox["seq"]});
    let missed = stage.ok(bob.client, json!({"type": "join", "room": "@inbox", "since": since}));
    assert_eq!((&missed["recovered"], missed["events"].as_array().unwrap().len()), (&json!(true), 10));
}

#[test]
fn a_flood_to_somebody_who_is_here_is_slowed_down() {
    let mut stage = small_inbox();
    let (ann, bob) = (enter(&mut stage, from(1)), enter(&mut stage, from(2)));
    let answers: Vec<Value> = (0..60).map(|_| tell(&mut stage, &ann, &bob)).collect();
    assert_eq!(refused(&answers), 50);
    assert!(answers[59]["retry_after_ms"].as_u64().unwrap() <= 1000);
    for _ in 0..100 {
        stage.pass(1);
        assert_eq!(tell(&mut stage, &ann, &bob)["type"], "ok", "a talk goes on");
    }
}

#[test]
fn a_message_that_was_not_written_fills_nothing() {
    let mut stage = small_inbox();
    let bob = absent(&mut stage);
    let ann = enter(&mut stage, from(3));
    stage.harness.set_journal_fault(Some("full"));
    for _ in 0..30 {
        assert_eq!(tell(&mut stage, &ann, &bob)["code"], "unavailable");
    }
    stage.harness.set_journal_fault(None);
    let answers: Vec<Value> = (0..20).map(|_| tell(&mut stage, &ann, &bob)).collect();
    assert_eq!(refused(&answers), 10);
}

#[test]
fn inboxes_of_guests_count_for_the_address_that_fills_them() {
    let mut few = settings();
    few.user_creation.burst = 5;
    let mut stage = Stage::with(few);
    let ann = enter(&mut stage, from(1));
    let guests: Vec<Someone> = (0..10).map(|_| enter(&mut stage, from(2))).collect();
    let answers: Vec<Value> = guests.iter().map(|guest| tell(&mut stage, &ann, guest)).collect();
    assert_eq!(refused(&answers), 6, "ann herself is one of the five");
    assert_eq!(tell(&mut stage, &ann, &guests[0])["type"], "ok", "an inbox counts once");
}

fn rooms(rooms: usize, rooms_per_address: usize) -> Stage {
    Stage::with(LoungeSettings { rooms, rooms_per_address, ..settings() })
}

fn create(stage: &mut Stage, by: &Someone, room: &str) -> Value {
    stage.ask(by.client, json!({"type": "create", "kind": "chat", "room": room})).0
}

#[test]
fn one_address_has_so_many_rooms() {
    let mut stage = rooms(100, 5);
    let ann = enter(&mut stage, from(1));
    let answers: Vec<Value> = (0..10).map(|n| create(&mut stage, &ann, &format!("room {n}"))).collect();
    assert_eq!(refused(&answers), 5);
    assert_eq!(stage.error(ann.client, json!({"type": "join", "room": "one more"})), "rate_limited");
    stage.join(ann.client, "lobby");
    let bob = enter(&mut stage, from(2));
    stage.join(bob.client, "bob's");
    // Also after a restart.
    let mut stage = stage.again(LoungeSettings { rooms: 100, rooms_per_address: 5, ..settings() });
    let ann = enter(&mut stage, from(1));
    assert_eq!(create(&mut stage, &ann, "one more")["code"], "rate_limited");
}

#[test]
fn empty_rooms_make_place_for_others() {
    let mut stage = rooms(6, 100);
    let (ann, bob) = (enter(&mut stage, from(1)), enter(&mut stage, from(2)));
    for n in 0..4 {
        create(&mut stage, &ann, &format!("empty {n}"));
    }
    stage.join(ann.client, "in use");
    stage.join(ann.client, "spoken in");
    stage.ok(ann.client, json!({"type": "say", "room": "spoken in", "body": "x"}));
    stage.ok(ann.client, json!({"type": "leave", "room": "spoken in"}));
    assert_eq!(create(&mut stage, &ann, "ann's next")["code"], "server_full", "not by her own");
    for room in ["one", "two"] {
        stage.join(bob.client, room);
    }
    let listed = stage.ok(bob.client, json!({"type": "rooms"}));
    let names: Vec<&str> =
        listed["rooms"].as_array().unwrap().iter().map(|room| room["room"].as_str().unwrap()).collect();
    assert_eq!(names, ["empty 2", "empty 3", "in use", "one", "spoken in", "two"]);
    // Rooms in which something was said or somebody is stay, however many want one.
    for room in ["three", "four", "five"] {
        let other = enter(&mut stage, from(9));
        stage.ask(other.client, json!({"type": "join", "room": room}));
    }
    for room in ["in use", "spoken in", "one", "two"] {
        stage.ok(bob.client, json!({"type": "history", "room": room}));
    }
}

#[test]
fn rooms_that_are_kept_always_open() {
    let mut few = settings();
    (few.rooms, few.rooms_per_address) = (1, 1);
    few.room_creation.burst = 1;
    few.kept_rooms = vec![crate::RoomName::parse("hall").unwrap()];
    let mut stage = Stage::with(few);
    let ann = enter(&mut stage, from(1));
    stage.join(ann.client, "tea");
    assert_ne!(create(&mut stage, &ann, "milk")["type"], "ok");
    stage.join(ann.client, "lobby");
    stage.join(ann.client, "hall");
    for room in ["lobby", "hall", "tea"] {
        stage.ok(ann.client, json!({"type": "leave", "room": room}));
    }
    let bob = enter(&mut stage, from(2));
    stage.pass(3600);
    stage.ask(bob.client, json!({"type": "join", "room": "other"}));
    for room in ["lobby", "hall"] {
        stage.ok(bob.client, json!({"type": "history", "room": room}));
    }
}
