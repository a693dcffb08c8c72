//! Identities, names, private messages.

use serde_json::{Value, json};

use super::stage::{Stage, settings, text, types};

#[test]
fn a_token_brings_an_identity_back() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let renamed = stage.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    assert_eq!(renamed["user"], json!({"id": ann.id, "name": "Ann"}));
    stage.harness.drop_client(ann.client);
    stage.pass(3600);
    let again = stage.resume(&text(&renamed["token"]));
    assert_eq!((again.id.as_str(), again.name.as_str()), (ann.id.as_str(), "Ann"));
    let words = json!({"type": "resume", "token": format!("{}x", ann.token)});
    assert_eq!(stage.error(bob.client, words), "forbidden");
    assert_eq!(stage.ok(bob.client, json!({"type": "users"}))["count"], 2, "the guest that ann began as is gone");
}

#[test]
fn an_identity_outlives_the_server() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    let mut stage = stage.again(settings());
    // The token is of before the rename: the journal knows better.
    assert_eq!(stage.resume(&ann.token).name, "Ann");
    let guest = stage.resume(&bob.token);
    assert_eq!((guest.id, guest.name), (bob.id, bob.name));
}

#[test]
fn resume_comes_first() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(bob.client, "lobby");
    assert_eq!(stage.error(bob.client, json!({"type": "resume", "token": ann.token})), "bad_request");
    stage.ok(bob.client, json!({"type": "resume", "token": bob.token}));
    stage.ok(bob.client, json!({"type": "leave", "room": "lobby"}));
    stage.ok(bob.client, json!({"type": "rename", "name": "Bob"}));
    assert_eq!(stage.error(bob.client, json!({"type": "resume", "token": ann.token})), "bad_request");
}

#[test]
fn names_are_held_then_reserved_then_free() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    assert_eq!(stage.error(bob.client, json!({"type": "rename", "name": "ANN"})), "name_taken");
    stage.harness.drop_client(ann.client);
    stage.pass(600);
    assert_eq!(stage.error(bob.client, json!({"type": "rename", "name": "ann"})), "name_taken");
    stage.pass_ms(1);
    stage.ok(bob.client, json!({"type": "rename", "name": "ann"}));
    let ann = stage.resume(&ann.token);
    assert!(ann.name.starts_with("guest-"), "{}", ann.name);
}

#[test]
fn a_mere_guests_name_is_free_after_the_grace() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let name = json!({"type": "rename", "name": ann.name});
    stage.harness.drop_client(ann.client);
    stage.pass_ms(10_000);
    assert_eq!(stage.error(bob.client, name.clone()), "name_taken");
    stage.pass_ms(1);
    stage.ok(bob.client, name);
    assert_eq!(stage.enter().name, "guest-3");
}

#[test]
fn of_two_who_want_a_name_one_gets_it() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.harness.hold_journal();
    stage.say(ann.client, &json!({"id": 1, "type": "rename", "name": "Zoe"}));
    stage.say(bob.client, &json!({"id": 1, "type": "rename", "name": "zoe"}));
    assert_eq!(stage.hear(bob.client)[0]["code"], "name_taken");
    stage.harness.release_journal(Err("full"));
    assert_eq!(stage.hear(ann.client)[0]["code"], "unavailable");
    // Nothing happened: the name is free, and ann is who she was.
    stage.ok(bob.client, json!({"type": "rename", "name": "zoe"}));
    assert_eq!(stage.ok(ann.client, json!({"type": "resume", "token": ann.token}))["user"]["name"], ann.name);
}

#[test]
fn renames_of_one_user_go_one_after_the_other() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    let second = stage.resume(&ann.token);
    let bob = stage.enter();
    stage.harness.hold_journal();
    for (client, name) in [(ann.client, "one"), (second.client, "two"), (ann.client, "three")] {
        stage.say(client, &json!({"id": name, "type": "rename", "name": name}));
    }
    for _ in 0..3 {
        stage.harness.release_journal(Ok(()));
        stage.harness.hold_journal();
    }
    stage.harness.release_journal(Ok(()));
    let heard = stage.hear(ann.client);
    let names: Vec<_> =
        heard.iter().filter(|frame| frame["type"] == "renamed").map(|frame| &frame["user"]["name"]).collect();
    assert_eq!(names, ["one", "two", "three"]);
    stage.ok(bob.client, json!({"type": "rename", "name": "two"}));
    assert_eq!(stage.error(bob.client, json!({"type": "rename", "name": "three"})), "name_taken");
}

#[test]
fn a_new_name_is_told_once_to_who_shares_a_room() {
    let mut stage = Stage::new();
    let (ann, bob, cid) = (stage.enter(), stage.enter(), stage.enter());
    for room in ["a", "b"] {
        stage.join(ann.client, room);
        stage.join(bob.client, room);
    }
    stage.join(cid.client, "c");
    stage.deaf(&[ann.client, bob.client, cid.client]);
    let (_, own) = stage.ask(ann.client, json!({"type": "rename", "name": "Ann"}));
    let renamed = json!({"type": "renamed", "user": {"id": ann.id, "name": "Ann"}, "was": ann.name});
    assert_eq!(own, std::slice::from_ref(&renamed));
    assert_eq!(stage.hear(bob.client), [renamed]);
    assert_eq!(stage.hear(cid.client), Vec::<Value>::new());
    assert!(stage.join(bob.client, "a")["members"].to_string().contains("\"Ann\""));
    let (again, events) = stage.ask(ann.client, json!({"type": "rename", "name": "Ann"}));
    assert_eq!((&again["type"], events.len()), (&json!("ok"), 0));
}

#[test]
fn private_messages_reach_every_session_of_both() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let second = stage.resume(&bob.token);
    let (told, own) = stage.ask(ann.client, json!({"type": "tell", "to": bob.id, "body": "psst"}));
    assert_eq!((&told["seq"], &told["delivered"]), (&json!(1), &json!(2)));
    assert_eq!(own[0]["type"], "private");
    assert_eq!(stage.hear(bob.client), own);
    assert_eq!(stage.hear(second.client), own);
    // Each side counts its own inbox.
    stage.ok(ann.client, json!({"type": "tell", "to": ann.name, "body": "a note"}));
    let (told, own) = stage.ask(ann.client, json!({"type": "tell", "to": bob.name, "body": "again"}));
    assert_eq!((&told["seq"], &own[0]["seq"]), (&json!(3), &json!(3)));
    assert_eq!(stage.hear(bob.client)[0]["seq"], 2);
    let inbox = stage.join(ann.client, "@inbox");
    assert_eq!((&inbox["room"], &inbox["kind"], &inbox["seq"]), (&json!("@inbox"), &json!("inbox"), &json!(3)));
    let bodies: Vec<_> = inbox["events"].as_array().unwrap().iter().map(|event| &event["body"]).collect();
    assert_eq!(bodies, ["psst", "a note", "again"]);
    assert_eq!(inbox["events"][0].get("room"), None);
    let history = stage.ok(bob.client, json!({"type": "history", "room": "@inbox", "before": 2}));
    assert_eq!((history["events"].as_array().unwrap().len(), &history["more"]), (1, &json!(false)));
}

#[test]
fn the_absent_find_their_messages_when_they_come() {
    let mut stage = Stage::new();
    let (ann, bob, cid) = (stage.enter(), stage.enter(), stage.enter());
    stage.ok(bob.client, json!({"type": "rename", "name": "Bob"}));
    let since = stage.join(bob.client, "@inbox");
    stage.harness.drop_client(bob.client);
    stage.harness.drop_client(cid.client);
    stage.pass(3600);
    assert_eq!(stage.error(ann.client, json!({"type": "tell", "to": "Bob", "body": "x"})), "no_such_user");
    assert_eq!(stage.error(ann.client, json!({"type": "tell", "to": cid.id, "body": "x"})), "no_such_user");
    let told = stage.ok(ann.client, json!({"type": "tell", "to": bob.id, "body": "hello"}));
    assert_eq!(told["delivered"], 0);
    let bob = stage.resume(&bob.token);
    assert_eq!(bob.name, "Bob");
    let since = json!({"epoch": since["epoch"], "seq": since["seq"]});
    let inbox = stage.ok(bob.client, json!({"type": "join", "room": "@inbox", "since": since}));
    assert_eq!(inbox["events"][0]["body"], "hello");
    assert_eq!(inbox["events"][0]["to"]["name"], "Bob");
}

/// A message that is on its way stands in the page that the journal reads, and comes live as well: once is enough.
#[test]
fn an_inbox_is_not_told_what_is_still_to_come() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.harness.hold_journal();
    stage.say(ann.client, &json!({"id": 1, "type": "tell", "to": bob.id, "body": "hello"}));
    stage.say(bob.client, &json!({"id": 1, "type": "join", "room": "@inbox"}));
    assert_eq!(stage.hear(bob.client), Vec::<Value>::new());
    stage.harness.release_journal(Ok(()));
    let heard = stage.hear(bob.client);
    assert_eq!(types(&heard), ["private", "ok"]);
    assert_eq!((&heard[0]["seq"], &heard[1]["seq"]), (&json!(1), &json!(1)));
    // And one that failed is not waited for.
    let cid = stage.enter();
    stage.harness.hold_journal();
    stage.say(ann.client, &json!({"id": 2, "type": "tell", "to": cid.id, "body": "hello"}));
    stage.say(cid.client, &json!({"id": 2, "type": "join", "room": "@inbox"}));
    stage.harness.release_journal(Err("full"));
    assert_eq!(types(&stage.hear(cid.client)), ["ok"]);
    assert_eq!(stage.hear(ann.client).last().unwrap()["code"], "unavailable");
}

#[test]
fn new_users_are_limited_by_address() {
    let mut few = settings();
    few.user_creation.burst = 2;
    let mut stage = Stage::with(few);
    let people: Vec<_> = (0..3).map(|_| stage.enter()).collect();
    for one in &people[..2] {
        stage.join(one.client, "lobby");
        stage.ok(one.client, json!({"type": "say", "room": "lobby", "body": "x"}));
        stage.ok(one.client, json!({"type": "say", "room": "lobby", "body": "x"}));
    }
    let (refused, _) = stage.ask(people[2].client, json!({"type": "tell", "to": people[0].id, "body": "x"}));
    assert_eq!((&refused["code"], &refused["retry_after_ms"]), (&json!("rate_limited"), &json!(1000)));
    stage.pass(1);
    stage.ok(people[2].client, json!({"type": "tell", "to": people[0].id, "body": "x"}));
}
