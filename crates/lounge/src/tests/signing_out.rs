//! `sign_out`: tokens that are void.

use std::time::Duration;

use serde_json::json;

use super::stage::{Stage, settings, text};
use parlor_core::Close;

#[test]
fn signing_out_voids_all_other_tokens_and_ends_the_other_sessions() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    let (second, third) = (stage.resume(&ann.token), stage.resume(&ann.token));
    let bob = stage.enter();
    let answer = stage.ok(second.client, json!({"type": "sign_out", "everywhere": true}));
    assert_eq!(answer["user"]["id"], ann.id);
    for client in [ann.client, third.client] {
        let close = stage.harness.closed(client).unwrap();
        assert_eq!(close.code, Close::REMOVED);
        assert!(!close.reason.is_empty());
        stage.harness.drop_client(client);
    }
    assert!(stage.harness.is_open(second.client) && stage.harness.is_open(bob.client));
    let fresh = text(&answer["token"]);
    for token in [&ann.token, &second.token, &third.token] {
        assert_eq!(stage.error(bob.client, json!({"type": "resume", "token": token})), "forbidden");
        assert_eq!(stage.error(second.client, json!({"type": "resume", "token": token})), "forbidden");
    }
    assert_eq!(stage.resume(&fresh).id, ann.id);
    // Also when nobody is in memory, and after a restart.
    stage.harness.drop_client(second.client);
    stage.pass(3600);
    let mut stage = stage.again(settings());
    let guest = stage.enter().client;
    assert_eq!(stage.error(guest, json!({"type": "resume", "token": ann.token})), "forbidden");
    let back = stage.resume(&fresh);
    assert_eq!(back.id, ann.id);
    // A second time, the token of the first is void too.
    let again = stage.ok(back.client, json!({"type": "sign_out", "everywhere": true}));
    assert_eq!(stage.error(guest, json!({"type": "resume", "token": fresh})), "forbidden");
    assert_eq!(stage.resume(&text(&again["token"])).id, ann.id);
}

#[test]
fn a_rename_beside_it_changes_nothing_about_it() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    let second = stage.resume(&ann.token);
    stage.harness.hold_journal();
    stage.say(ann.client, &json!({"id": 1, "type": "rename", "name": "Ann"}));
    stage.say(second.client, &json!({"id": 1, "type": "sign_out", "everywhere": true}));
    for _ in 0..2 {
        stage.harness.release_journal(Ok(()));
        stage.harness.hold_journal();
    }
    stage.harness.release_journal(Ok(()));
    let renamed = stage.hear(ann.client).into_iter().find(|frame| frame["re"] == 1).unwrap();
    let signed_out = stage.hear(second.client).into_iter().find(|frame| frame["re"] == 1).unwrap();
    let mut stage = stage.again(settings());
    let guest = stage.enter().client;
    assert_eq!(stage.error(guest, json!({"type": "resume", "token": renamed["token"]})), "forbidden");
    assert_eq!(stage.resume(&text(&signed_out["token"])).name, "Ann");
}

#[test]
fn of_two_sessions_that_sign_out_at_once_the_first_stays() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    let second = stage.resume(&ann.token);
    stage.harness.hold_journal();
    for client in [second.client, ann.client] {
        stage.say(client, &json!({"id": 1, "type": "sign_out", "everywhere": true}));
    }
    stage.harness.release_journal(Ok(()));
    assert_eq!(stage.harness.closed(ann.client).unwrap().code, Close::REMOVED);
    assert!(stage.harness.is_open(second.client));
    let answer = stage.hear(second.client).into_iter().find(|frame| frame["re"] == 1).unwrap();
    stage.harness.drop_client(ann.client);
    assert_eq!(stage.resume(&text(&answer["token"])).id, ann.id);
    assert_eq!(stage.harness.open_requests(), 0);
}

#[test]
fn a_session_that_was_ended_does_nothing_more() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let second = stage.resume(&ann.token);
    for client in [ann.client, second.client, bob.client] {
        stage.join(client, "lobby");
    }
    stage.harness.hold_journal();
    stage.say(second.client, &json!({"type": "sign_out", "everywhere": true}));
    // These two wait for each other behind the sign-out.
    stage.say(ann.client, &json!({"type": "rename", "name": "Mallory"}));
    stage.say(ann.client, &json!({"type": "say", "room": "lobby", "body": "queued"}));
    stage.harness.release_journal(Ok(()));
    // Its socket is not closed yet.
    stage.say(ann.client, &json!({"type": "say", "room": "lobby", "body": "late"}));
    let heard = stage.hear(bob.client);
    assert!(heard.iter().all(|frame| frame["type"] != "message" && frame["type"] != "renamed"), "{heard:?}");
    assert_eq!(stage.harness.open_requests(), 0);
}

#[test]
fn signing_out_voids_a_token_for_another_device() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    let given = stage.ok(ann.client, json!({"type": "transfer"}));
    stage.ok(ann.client, json!({"type": "sign_out", "everywhere": true}));
    let guest = stage.enter().client;
    assert_eq!(stage.error(guest, json!({"type": "resume", "token": given["token"]})), "forbidden");
}

/// Nobody would have the one token that is valid.
#[test]
fn a_sign_out_whose_session_is_gone_before_it_is_written_voids_nothing() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    let second = stage.resume(&ann.token);
    stage.harness.hold_journal();
    stage.say(ann.client, &json!({"type": "rename", "name": "Ann"}));
    stage.say(second.client, &json!({"type": "sign_out", "everywhere": true}));
    stage.harness.drop_client(second.client);
    stage.harness.release_journal(Ok(()));
    assert!(stage.harness.is_open(ann.client));
    assert_eq!(stage.resume(&ann.token).id, ann.id);
}

#[test]
fn what_can_not_be_written_signs_nobody_out() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    let second = stage.resume(&ann.token);
    stage.harness.set_journal_fault(Some("full"));
    assert_eq!(stage.error(second.client, json!({"type": "sign_out", "everywhere": true})), "unavailable");
    stage.harness.set_journal_fault(None);
    assert!(stage.harness.is_open(ann.client));
    assert_eq!(stage.resume(&ann.token).id, ann.id);
}

/// The record that says so is kept for the retention; an older token of a user without a record may be one that is void.
#[test]
fn a_token_that_was_not_used_for_the_whole_retention_is_void() {
    let retention = Duration::from_secs(100);
    let mut stage = Stage::with(crate::LoungeSettings { user_retention: retention, ..settings() });
    let ann = stage.enter();
    stage.harness.drop_client(ann.client);
    stage.pass(99);
    let ann = stage.resume(&ann.token);
    stage.harness.drop_client(ann.client);
    stage.pass(100);
    let guest = stage.enter().client;
    assert_eq!(stage.error(guest, json!({"type": "resume", "token": ann.token})), "forbidden");
}
