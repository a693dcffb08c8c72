//! Promises that bad luck or an attacker once broke: nothing is lost, doubled or left unanswered.

use serde_json::{Value, json};

use super::following::Shared;
use super::stage::{Stage, settings, text, types};

#[test]
fn a_new_name_survives_a_message_that_waited() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    stage.harness.hold_journal();
    stage.say(bob.client, &json!({"type": "say", "room": "lobby", "body": "occupies the room"}));
    stage.say(ann.client, &json!({"type": "say", "room": "lobby", "body": "waits"}));
    stage.say(ann.client, &json!({"id": 1, "type": "rename", "name": "Ann"}));
    stage.harness.release_journal(Ok(()));
    let renamed = stage.hear(ann.client).into_iter().find(|frame| frame["re"] == 1).unwrap();
    assert_eq!(renamed["type"], "ok");
    let mut stage = stage.again(settings());
    assert_eq!(stage.resume(&ann.token).name, "Ann");
}

/// The rename's record is the one that keeps its user: if it fails, another is written.
#[test]
fn who_spoke_is_kept_though_their_rename_failed() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    stage.harness.hold_journal();
    stage.say(bob.client, &json!({"type": "say", "room": "lobby", "body": "occupies the room"}));
    stage.say(ann.client, &json!({"id": 1, "type": "say", "room": "lobby", "body": "waits", "key": "k"}));
    stage.say(ann.client, &json!({"id": 2, "type": "rename", "name": "Ann"}));
    stage.harness.release_journal(Err("full"));
    let heard = stage.hear(ann.client);
    let said = heard.iter().find(|frame| frame["re"] == 1).unwrap();
    assert_eq!(
        (&said["type"], &heard.iter().find(|frame| frame["re"] == 2).unwrap()["code"]),
        (&json!("ok"), &json!("unavailable"))
    );
    let mut stage = stage.again(settings());
    let again = stage.resume(&ann.token);
    assert_eq!(again.name, ann.name);
    stage.join(again.client, "lobby");
    let repeated = stage.ok(again.client, json!({"type": "say", "room": "lobby", "body": "waits", "key": "k"}));
    assert_eq!(repeated["seq"], said["seq"], "its keys are known, so the user was kept");
}

#[test]
fn a_tell_under_one_key_is_told_once_also_while_the_addressee_is_looked_up() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let second = stage.resume(&ann.token);
    stage.ok(bob.client, json!({"type": "rename", "name": "Bob"}));
    stage.harness.drop_client(bob.client);
    stage.pass(3600);
    stage.harness.hold_reads();
    let tell = json!({"id": 1, "type": "tell", "to": bob.id, "body": "once", "key": "k"});
    stage.say(ann.client, &tell);
    stage.say(second.client, &tell);
    stage.harness.release_reads();
    let answer = |stage: &mut Stage, client| stage.hear(client).into_iter().find(|frame| frame["re"] == 1).unwrap();
    let (one, other) = (answer(&mut stage, ann.client), answer(&mut stage, second.client));
    assert_eq!((&one["type"], &one["id"], &one["seq"]), (&json!("ok"), &other["id"], &other["seq"]));
    let bob = stage.resume(&bob.token);
    assert_eq!(stage.join(bob.client, "@inbox")["seq"], 1);
    assert_eq!(stage.harness.open_requests(), 0);
}

#[test]
fn an_inbox_that_begins_again_has_another_epoch() {
    let journal = Shared::new();
    let mut stage = Stage::on(Box::new(journal.clone()), settings());
    let (ann, bob) = (stage.enter(), stage.enter());
    for _ in 0..3 {
        stage.ok(ann.client, json!({"type": "tell", "to": bob.id, "body": "before"}));
    }
    let known = stage.join(bob.client, "@inbox");
    journal.drop_log(&format!("inbox/{}", bob.id));
    for _ in 0..4 {
        stage.ok(ann.client, json!({"type": "tell", "to": bob.id, "body": "after"}));
    }
    let since = json!({"epoch": known["epoch"], "seq": known["seq"]});
    let joined = stage.ok(bob.client, json!({"type": "join", "room": "@inbox", "since": since}));
    assert_eq!(joined["recovered"], false);
    assert_ne!(joined["epoch"], known["epoch"]);
    assert_eq!((joined["events"].as_array().unwrap().len(), &joined["seq"]), (4, &json!(4)));
}

/// An empty inbox is known by an epoch before its first message: that one begins it.
#[test]
fn an_empty_inbox_keeps_the_epoch_it_was_joined_under() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let known = stage.join(bob.client, "@inbox");
    stage.ok(ann.client, json!({"type": "tell", "to": bob.id, "body": "first"}));
    let since = json!({"epoch": known["epoch"], "seq": 0});
    let joined = stage.ok(bob.client, json!({"type": "join", "room": "@inbox", "since": since}));
    assert_eq!((&joined["recovered"], joined["events"].as_array().unwrap().len()), (&json!(true), 1));
}

struct Table {
    stage: Stage,
    watcher: super::stage::Someone,
}

/// Red is away in their turn; the countdown has a second to go.
fn red_is_about_to_forfeit(journal: Shared, room_queue: usize) -> Table {
    let few = crate::settings::LoungeSettings { room_queue, ..settings() };
    let mut stage = Stage::on(Box::new(journal), few);
    let (red, yellow, watcher) = (stage.enter(), stage.enter(), stage.enter());
    let made = stage.ok(red.client, json!({"type": "create", "kind": "connect4", "room": "table"}));
    stage.ok(red.client, json!({"type": "join", "room": "table", "seat": made["seat"]}));
    stage.ok(yellow.client, json!({"type": "join", "key": made["join"]}));
    stage.join(watcher.client, "table");
    stage.harness.drop_client(red.client);
    stage.pass(59);
    stage.deaf(&[watcher.client]);
    Table { stage, watcher }
}

#[test]
fn a_forfeit_comes_however_many_speak() {
    let Table { mut stage, watcher } = red_is_about_to_forfeit(Shared::new(), 4);
    stage.harness.hold_journal();
    for n in 0..20 {
        stage.say(watcher.client, &json!({"type": "say", "room": "table", "body": n.to_string()}));
    }
    stage.pass(1);
    stage.harness.release_journal(Ok(()));
    let heard = stage.hear(watcher.client);
    assert_eq!(types(&heard).iter().filter(|kind| **kind == "ended").count(), 1, "{heard:?}");
}

#[test]
fn a_forfeit_comes_though_another_server_wrote_in_between() {
    let journal = Shared::new();
    let Table { mut stage, watcher } = red_is_about_to_forfeit(journal.clone(), 1024);
    journal.append("room/table", &json!({"type": "message", "body": "from elsewhere"}));
    stage.pass(1);
    assert_eq!(types(&stage.hear(watcher.client)), ["message", "ended"]);
}

#[test]
fn who_joined_has_left_though_their_other_session_became_somebody_else() {
    let mut stage = Stage::new();
    let (ann, bob, watcher) = (stage.enter(), stage.enter(), stage.enter());
    stage.join(watcher.client, "lobby");
    let second = stage.resume(&ann.token);
    stage.join(ann.client, "lobby");
    assert_eq!(types(&stage.hear(watcher.client)), ["joined"]);
    stage.harness.drop_client(ann.client);
    stage.ok(second.client, json!({"type": "resume", "token": bob.token}));
    stage.pass(11);
    let heard = stage.hear(watcher.client);
    assert_eq!((types(&heard), &heard[0]["user"]["id"]), (vec!["left"], &json!(ann.id)));
    assert_eq!(stage.ok(watcher.client, json!({"type": "users", "room": "lobby"}))["count"], 1);
}

#[test]
fn a_seat_that_was_given_stays_with_who_got_it() {
    for room in ["table", "other table"] {
        let mut stage = Stage::new();
        let (ann, bob) = (stage.enter(), stage.enter());
        let second = stage.resume(&bob.token);
        let made = stage.ok(ann.client, json!({"type": "create", "kind": "connect4", "room": room}));
        stage.harness.hold_journal();
        if room == "table" {
            stage.harness.hold_reads(); // the first join still reads when the second is decided
        }
        for client in [bob.client, second.client] {
            stage.say(client, &json!({"id": 1, "type": "join", "key": made["join"]}));
        }
        stage.harness.release_journal(Ok(()));
        stage.harness.release_reads();
        let answers = [bob.client, second.client]
            .map(|client| stage.hear(client).into_iter().find(|frame| frame["re"] == 1).unwrap());
        let secrets: Vec<&Value> = answers.iter().filter_map(|answer| answer["game"].get("seat")).collect();
        assert_eq!(secrets.len(), 1, "{answers:?}");
        let tab = stage.resume(&bob.token);
        let joined = stage.ok(tab.client, json!({"type": "join", "room": room, "seat": text(secrets[0])}));
        assert_eq!(joined["game"]["you"], "yellow");
    }
}

/// The journal has the time of the writing, whenever its answer comes.
#[test]
fn changes_that_were_answered_late_can_be_followed_by_others() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    stage.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    stage.harness.hold_answers();
    stage.say(ann.client, &json!({"id": 1, "type": "sign_out", "everywhere": true}));
    stage.pass(5);
    stage.harness.release_answers();
    for name in ["Anna", "Anne"] {
        stage.ok(ann.client, json!({"type": "rename", "name": name}));
        stage.pass(5);
    }
}

/// Each of them makes its user one that is kept.
#[test]
fn the_first_lasting_acts_of_a_user_may_come_at_once() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.harness.hold_journal();
    for (id, request) in [
        json!({"type": "say", "room": "lobby", "body": "x"}),
        json!({"type": "tell", "to": bob.id, "body": "x"}),
        json!({"type": "create", "kind": "connect4"}),
        json!({"type": "rename", "name": "Ann"}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut request = request;
        request["id"] = json!(id);
        stage.say(ann.client, &request);
    }
    stage.harness.release_journal(Ok(()));
    let heard = stage.hear(ann.client);
    let answers: Vec<_> = heard.iter().filter(|frame| !frame["re"].is_null()).collect();
    assert!(answers.len() == 4 && answers.iter().all(|answer| answer["type"] == "ok"), "{answers:?}");
}
