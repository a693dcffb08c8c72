//! Rooms: made, joined, spoken in, left.

use serde_json::{Value, json};

use super::stage::{Stage, types};

#[test]
fn what_is_said_is_heard_by_all_and_answered() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let joined = stage.join(ann.client, "lobby");
    assert_eq!(joined["seq"], 1);
    assert_eq!(joined["kind"], "chat");
    assert_eq!(joined["recovered"], false);
    assert_eq!(joined["members"], json!([{"id": ann.id, "name": ann.name}]));
    assert_eq!(joined["events"][0]["type"], "created");
    let joined = stage.join(bob.client, "lobby");
    assert_eq!(joined["online"], 2);
    let heard = stage.hear(ann.client);
    assert_eq!(
        heard,
        [json!({"type": "joined", "room": "lobby", "user": {"id": bob.id, "name": bob.name}, "online": 2})]
    );

    let (said, own) = stage.ask(ann.client, json!({"type": "say", "room": "lobby", "body": "hello"}));
    assert_eq!(said["seq"], 2);
    let heard = stage.hear(bob.client);
    assert_eq!(own, heard);
    assert_eq!(heard[0]["body"], "hello");
    assert_eq!(heard[0]["id"], said["id"]);
    assert_eq!(heard[0]["at"], said["at"]);
    assert_eq!(heard[0]["from"], json!({"id": ann.id, "name": ann.name}));
    assert_eq!(stage.harness.in_flight(ann.client), 0);
}

#[test]
fn join_and_say_may_be_sent_in_one_go() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    stage.harness.hold_journal();
    stage.say(ann, &json!({"id": 1, "type": "join", "room": "lobby"}));
    stage.say(ann, &json!({"id": 2, "type": "say", "room": "lobby", "body": "a"}));
    stage.say(ann, &json!({"id": 3, "type": "say", "room": "lobby", "body": "b"}));
    assert_eq!(stage.hear(ann), Vec::<Value>::new());
    assert_eq!(stage.harness.in_flight(ann), 3);
    stage.harness.release_journal(Ok(()));
    let heard = stage.hear(ann);
    assert_eq!(types(&heard), ["ok", "message", "ok", "message", "ok"]);
    assert_eq!(heard[0]["seq"], 1);
    assert_eq!(heard[4]["seq"], 3);
    assert_eq!(stage.harness.in_flight(ann), 0);
}
