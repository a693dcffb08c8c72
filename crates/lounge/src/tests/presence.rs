//! Presence: joined, left, graces, crowds.

use serde_json::{Value, json};

use super::stage::{Stage, settings, types};

#[test]
fn a_reload_is_silent() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    stage.hear(ann.client);
    stage.harness.drop_client(bob.client);
    stage.pass(9);
    let bob = stage.resume(&bob.token);
    assert_eq!(stage.join(bob.client, "lobby")["online"], 2);
    stage.pass(60);
    assert_eq!(stage.hear(ann.client), Vec::<Value>::new());
}

#[test]
fn who_drops_has_left_after_the_grace() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    stage.hear(ann.client);
    stage.harness.drop_client(bob.client);
    stage.pass_ms(9_999);
    assert_eq!(stage.hear(ann.client), Vec::<Value>::new());
    stage.pass_ms(1);
    let left = json!({"type": "left", "room": "lobby", "user": {"id": bob.id, "name": bob.name}, "online": 1});
    assert_eq!(stage.hear(ann.client), [left]);
    assert_eq!(stage.ok(ann.client, json!({"type": "users", "room": "lobby"}))["count"], 1);
}

/// The first drop's timer must not end the grace of the second.
#[test]
fn each_drop_has_a_grace_of_its_own() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    stage.harness.drop_client(bob.client);
    stage.pass(6);
    let again = stage.resume(&bob.token);
    stage.join(again.client, "lobby");
    stage.harness.drop_client(again.client);
    stage.hear(ann.client);
    stage.pass(9);
    assert_eq!(stage.hear(ann.client), Vec::<Value>::new());
    stage.pass(1);
    assert_eq!(types(&stage.hear(ann.client)), ["left"]);
}

#[test]
fn who_leaves_on_purpose_has_left_at_once() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    stage.hear(ann.client);
    stage.ok(bob.client, json!({"type": "leave", "room": "lobby"}));
    assert_eq!(types(&stage.hear(ann.client)), ["left"]);
    assert_eq!(stage.error(bob.client, json!({"type": "say", "room": "lobby", "body": "x"})), "not_in_room");
    assert_eq!(stage.error(bob.client, json!({"type": "leave", "room": "lobby"})), "not_in_room");
    stage.ok(ann.client, json!({"type": "say", "room": "lobby", "body": "x"}));
    assert_eq!(stage.hear(bob.client), Vec::<Value>::new());
}

#[test]
fn a_user_is_there_as_long_as_a_session_is() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    let second = stage.resume(&bob.token);
    assert_eq!(second.id, bob.id);
    stage.hear(ann.client);
    assert_eq!(stage.join(second.client, "lobby")["online"], 2);
    assert_eq!(stage.join(second.client, "lobby")["members"].as_array().unwrap().len(), 2);
    stage.ok(bob.client, json!({"type": "leave", "room": "lobby"}));
    stage.harness.drop_client(bob.client);
    stage.pass(60);
    assert_eq!(stage.hear(ann.client), Vec::<Value>::new());
    stage.ok(second.client, json!({"type": "leave", "room": "lobby"}));
    assert_eq!(types(&stage.hear(ann.client)), ["left"]);
}

#[test]
fn a_crowd_is_counted() {
    let mut stage = Stage::with(crate::settings::LoungeSettings { presence_room: 3, ..settings() });
    let people: Vec<_> = (0..3).map(|_| stage.enter()).collect();
    for one in &people {
        stage.join(one.client, "lobby");
    }
    stage.deaf(&people.iter().map(|one| one.client).collect::<Vec<_>>());
    let more: Vec<_> = (0..4).map(|_| stage.enter()).collect();
    for one in &more {
        let joined = stage.join(one.client, "lobby");
        assert_eq!(joined["members"].as_array().unwrap().len(), 3);
        assert!(joined["members"].as_array().unwrap().contains(&json!({"id": one.id, "name": one.name})));
    }
    assert_eq!(stage.hear(people[0].client), Vec::<Value>::new());
    stage.pass_ms(0);
    assert_eq!(stage.hear(people[0].client), [json!({"type": "crowd", "room": "lobby", "online": 7})]);
    stage.ok(more[0].client, json!({"type": "leave", "room": "lobby"}));
    stage.ok(more[1].client, json!({"type": "leave", "room": "lobby"}));
    stage.pass_ms(999);
    assert_eq!(stage.hear(people[0].client), Vec::<Value>::new());
    stage.pass_ms(1);
    assert_eq!(stage.hear(people[0].client), [json!({"type": "crowd", "room": "lobby", "online": 5})]);
    // Out of the crowd: the last step is told as a number still.
    stage.ok(more[2].client, json!({"type": "leave", "room": "lobby"}));
    stage.ok(more[3].client, json!({"type": "leave", "room": "lobby"}));
    stage.pass(1);
    assert_eq!(stage.hear(people[0].client), [json!({"type": "crowd", "room": "lobby", "online": 3})]);
    stage.ok(people[2].client, json!({"type": "leave", "room": "lobby"}));
    assert_eq!(types(&stage.hear(people[0].client)), ["left"]);
}

/// Joining costs the same however many are there.
#[test]
fn a_thousand_clients_in_one_room() {
    let mut stage = Stage::new();
    let first = stage.enter().client;
    stage.join(first, "lobby");
    for _ in 1..1000 {
        let client = stage.enter().client;
        let joined = stage.harness.heard(client);
        assert!(joined.is_empty());
        stage.say(client, &json!({"id": 1, "type": "join", "room": "lobby"}));
        let joined = stage.harness.heard(client).concat();
        assert!(joined.len() < 10_000, "{}", joined.len());
    }
    stage.pass(2);
    let heard = stage.hear(first);
    assert_eq!(types(&heard).iter().filter(|word| **word == "joined").count(), 63);
    assert_eq!(heard.last().unwrap()["online"], 1000);
    stage.ok(first, json!({"type": "say", "room": "lobby", "body": "hello"}));
    assert_eq!(stage.ok(first, json!({"type": "users"}))["count"], 1000);
}

#[test]
fn a_room_that_nobody_is_in_is_unloaded_and_not_lost() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    stage.join(ann, "lobby");
    stage.ok(ann, json!({"type": "say", "room": "lobby", "body": "hello"}));
    stage.ok(ann, json!({"type": "leave", "room": "lobby"}));
    let in_use = |stage: &Stage| {
        let gauges = parlor_core::App::gauges(stage.harness.app());
        gauges.iter().find(|gauge| gauge.name == "rooms_in_use").unwrap().value
    };
    assert_eq!(in_use(&stage), 0.0);
    let joined = stage.join(ann, "lobby");
    assert_eq!(in_use(&stage), 1.0);
    assert_eq!(joined["seq"], 2);
    assert_eq!(joined["events"][1]["body"], "hello");
}
