//! Who somebody is: tokens and names.

use parlor_testkit::{Client, eventually, list, text};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn a_token_brings_the_identity_back(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    ann.join("lobby");
    let (id, token) = (ann.id(), ann.token.clone());
    drop(ann);
    let mut back = house.guest();
    assert_ne!(back.id(), id, "first one is a guest again");
    let answer = back.resume(&token);
    assert_eq!((back.id(), back.name()), (id.clone(), "Ann".to_owned()), "{answer}");
    back.join("lobby");
    back.say("lobby", "It's me");
    assert_eq!(back.event("message")["from"], json!({"id": id, "name": "Ann"}));
    let newer = back.token.clone();
    assert_eq!(house.again(&newer).id(), id, "the token of the answer is one too");
}

pub fn tokens_that_do_not_verify_are_forbidden(on: On) {
    let house = House::open(on, &["--secret", "one secret of sixteen"]);
    let elsewhere = House::open(on, &["--secret", "another secret of sixteen"]);
    let mut ann = house.guest();
    let foreign = elsewhere.guest().token.clone();
    let mine = ann.token.clone();
    let mut forged = mine.clone().into_bytes();
    forged[mine.len() / 2] = if forged[mine.len() / 2] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for token in ["", "x", "🦀", &foreign, &forged, &mine[1..], &mine[..mine.len() - 1], &format!("{mine}A")] {
        ann.refused(json!({"type": "resume", "token": token}), "forbidden");
    }
    ann.resume(&mine);
}

pub fn identities_outlive_the_server_with_its_secret(on: On) {
    let mut house = House::open(on, &["--secret", "one secret of sixteen"]);
    let ann = house.person("Ann");
    house.kill();
    house.restart();
    let mut back = house.guest();
    back.resume(&ann.token);
    assert_eq!((back.id(), back.name()), (ann.id(), "Ann".to_owned()));

    house.kill();
    house.restart_with(&["--secret", "another secret of sixteen"]);
    house.guest().refused(json!({"type": "resume", "token": ann.token}), "forbidden");
}

pub fn a_made_up_secret_is_kept_beside_the_journal(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db"]);
    let ann = house.person("Ann");
    house.kill();
    house.restart();
    let mut back = house.guest();
    back.resume(&ann.token);
    assert_eq!((back.id(), back.name()), (ann.id(), "Ann".to_owned()));
}

pub fn a_name_is_one_persons(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    let mut bo = house.guest();
    for same in ["Ann", "ann", "ANN", "Ａｎｎ", " Ann ", "A\u{200d}nn"] {
        let answer = bo.request(json!({"type": "rename", "name": same}));
        let code = &answer["code"];
        assert!(code == "name_taken" || (same.contains('\u{200d}') && code == "bad_request"), "{same}: {answer}");
    }
    assert_eq!(ann.rename("ANN")["user"]["name"], "ANN", "one's own name in other letters");
    bo.rename("Ann B");
    ann.refused(json!({"type": "rename", "name": "ann b"}), "name_taken");
    ann.rename("Cleo");
    assert_eq!(bo.rename("Ann")["user"]["name"], "Ann", "a name that was given up is free");
}

pub fn a_name_is_reserved_for_a_while(on: On) {
    let house = House::open(on, &[]);
    let ann = house.person("Ann");
    let (id, token) = (ann.id(), ann.token.clone());
    let mut bo = house.guest();
    drop(ann);
    eventually("Ann is gone", || is_off(&mut bo, &id).then_some(()));
    bo.refused(json!({"type": "rename", "name": "Ann"}), "name_taken");
    let told = bo.ok(json!({"type": "tell", "to": "Ann", "body": "reserved names resolve"}));
    assert_eq!(told["delivered"], 0);
    assert_eq!(house.again(&token).name(), "Ann");
}

pub fn a_name_that_went_to_somebody_else_is_not_given_back(on: On) {
    let house = House::open(on, &["--name-reservation", "100ms"]);
    let ann = house.person("Ann");
    let (id, token) = (ann.id(), ann.token.clone());
    drop(ann);
    let mut bo = house.guest();
    eventually("the name is free", || {
        (bo.request(json!({"type": "rename", "name": "Ann"}))["type"] == "ok").then_some(())
    });
    let back = house.again(&token);
    assert_eq!(back.id(), id);
    assert!(back.name().starts_with("guest-"), "{}", back.name());
    let told = bo.ok(json!({"type": "tell", "to": id, "body": "by id"}));
    assert_eq!(told["delivered"], 1);
}

pub fn names_are_made_canonical(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let longest = "𠀀".repeat(32);
    for (given, taken) in [
        ("e\u{301}ric", "éric"),
        ("  Ann  ", "Ann"),
        ("Ann   Lee", "Ann Lee"),
        ("安娜", "安娜"),
        ("a_b-c.d 9", "a_b-c.d 9"),
        ("هند", "هند"),
        (&longest, &longest),
    ] {
        let answer = ann.rename(given);
        assert_eq!(answer["user"]["name"], taken, "{given}");
        assert_eq!(answer["user"]["id"], ann.welcome["user"]["id"]);
        assert_eq!(house.again(&ann.token).name(), taken, "the name is signed in");
    }
}

pub fn names_that_are_none(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let too_long = "x".repeat(33);
    for name in ["", "   ", &too_long, "a\nb", "a\u{0}b", "a\u{202e}b", "a\u{2066}b", "<b>", "a@b", "🦀", "a/b"] {
        let answer = ann.refused(json!({"type": "rename", "name": name}), "bad_request");
        assert!(text(&answer["message"]).contains("name"), "{answer}");
    }
}

pub fn who_shares_a_room_hears_of_a_new_name(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.guest(), house.person("Bo"), house.person("Cleo"));
    let was = ann.name();
    for room in ["lobby", "attic"] {
        bo.join(room);
        ann.join(room);
    }
    cleo.join("cellar");
    for client in [&mut ann, &mut bo, &mut cleo] {
        client.forget_heard();
    }
    ann.rename("Ann");
    let renamed = json!([{"type": "renamed", "user": {"id": ann.id(), "name": "Ann"}, "was": was}]);
    assert_eq!(Value::from(bo.all()), renamed, "once, though two rooms are shared");
    cleo.hears_nothing();
    ann.say("lobby", "x");
    assert_eq!(bo.event("message")["from"]["name"], "Ann");
    let joined = cleo.join("lobby");
    assert!(list(&joined["members"]).contains(&json!({"id": ann.id(), "name": "Ann"})), "{joined}");
}

pub fn nobody_is_believed_to_be_somebody_else(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    bo.join("lobby");
    let claims = json!({"from": ann.user, "user": ann.user, "by": ann.user, "name": "Ann", "token": ann.token, "session": ann.welcome["session"]});
    let with_claims = |mut request: Value| {
        for (name, value) in claims.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    };
    bo.ok(with_claims(json!({"type": "say", "room": "lobby", "body": "I am Ann"})));
    assert_eq!(ann.event("message")["from"], bo.user);
    bo.ok(with_claims(json!({"type": "tell", "to": ann.id(), "body": "I am Ann"})));
    assert_eq!(ann.event("private")["from"], bo.user);
    bo.ok(with_claims(json!({"type": "typing", "room": "lobby"})));
    assert_eq!(ann.event("typing")["user"], bo.user);
    bo.ok(json!({"type": "create", "kind": "counter", "room": "votes"}));
    bo.join("votes");
    let mut count = with_claims(json!({"type": "count", "room": "votes"}));
    count["by"] = json!(1);
    bo.ok(count);
    assert_eq!(bo.event("counted")["by"], bo.user);
}

pub fn a_guest_who_did_nothing_is_forgotten(on: On) {
    let house = House::open(on, &["--presence-grace", "0s"]);
    let mut bo = house.guest();
    let mut guest = house.guest();
    guest.join("lobby"); // costs nothing
    let (id, token) = (guest.id(), guest.token.clone());
    guest.close();
    eventually("the guest is forgotten", || {
        let answer = bo.request(json!({"type": "tell", "to": id, "body": "?"}));
        (answer["code"] == "no_such_user").then_some(())
    });
    assert_eq!(house.again(&token).id(), id, "but the token still says who it was");
}

/// Whether somebody is no longer on.
fn is_off(asker: &mut Client, id: &str) -> bool {
    let users = asker.ok(json!({"type": "users"}));
    list(&users["users"]).iter().all(|user| user["id"] != id)
}

pub fn signing_out_everywhere_leaves_one_token(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db"]);
    let ann = house.person("Ann");
    let (mut phone, mut laptop) = (house.again(&ann.token), house.again(&ann.token));
    laptop.refused(json!({"type": "sign_out"}), "bad_request");
    laptop.refused(json!({"type": "sign_out", "everywhere": false}), "bad_request");
    let answer = laptop.ok(json!({"type": "sign_out", "everywhere": true}));
    assert_eq!(answer["user"], json!({"id": ann.id(), "name": "Ann"}));
    let closed = phone.closed();
    assert_eq!(closed.code, 4501);
    assert!(!closed.reason.is_empty());
    let fresh = text(&answer["token"]);
    for _ in 0..2 {
        let mut guest = house.guest();
        for void in [&ann.token, &phone.token, &laptop.token] {
            guest.refused(json!({"type": "resume", "token": void}), "forbidden");
        }
        assert_eq!(house.again(&fresh).id(), ann.id());
        house.kill();
        house.restart();
    }
}

pub fn a_transfer_is_good_for_one_resume(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    let older = text(&ann.ok(json!({"type": "transfer"}))["token"]);
    let given = ann.ok(json!({"type": "transfer"}));
    assert!(chrono::DateTime::parse_from_rfc3339(&text(&given["expires_at"])).is_ok(), "{given}");
    let mut guest = house.guest();
    guest.refused(json!({"type": "resume", "token": older}), "forbidden");
    let resumed = guest.ok(json!({"type": "resume", "token": given["token"]}));
    assert_eq!(resumed["user"], ann.user);
    assert_eq!(house.again(&text(&resumed["token"])).id(), ann.id(), "it gives a token to keep");
    house.guest().refused(json!({"type": "resume", "token": given["token"]}), "forbidden");
    let last = ann.ok(json!({"type": "transfer"}));
    ann.ok(json!({"type": "sign_out", "everywhere": true}));
    house.guest().refused(json!({"type": "resume", "token": last["token"]}), "forbidden");
}
