//! `say` and `typing`.

use parlor_testkit::{Client, list, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{House, On};

pub fn everybody_hears_a_message(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    ann.join("lobby");
    let before = number(&bo.join("lobby")["seq"]);
    cleo.join("attic");
    cleo.forget_heard();
    let body = "<img src=x onerror=alert(1)> \u{0} \"\\ 🦀 \u{202e}\n e\u{301}";
    let said = ann.say("lobby", body);
    let heard = bo.event("message");
    assert_eq!(ann.event("message"), heard, "who says something hears it too");
    assert_eq!(
        heard,
        json!({"type": "message", "room": "lobby", "seq": before + 1, "id": said["id"], "at": said["at"], "from": ann.user, "body": body})
    );
    assert_eq!(said["seq"], heard["seq"]);
    assert_eq!(Uuid::try_parse(&text(&said["id"])).unwrap().get_version_num(), 7);
    let next = bo.say("lobby", "second");
    let time = |said: &Value| Uuid::try_parse(&text(&said["id"])).unwrap().get_timestamp().unwrap().to_unix();
    assert!(time(&next) >= time(&said), "ids sort by time, to the millisecond");
    assert_eq!(number(&next["seq"]), before + 2);
    cleo.hears_nothing();
}

pub fn bodies_have_bounds(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.join("lobby");
    for body in ["x".repeat(4096), "🦀".repeat(4096)] {
        ann.say("lobby", &body);
        assert_eq!(ann.event("message")["body"], json!(body), "characters count, not bytes");
    }
    for body in [String::new(), "x".repeat(4097), "🦀".repeat(4097)] {
        let refused = ann.refused(json!({"type": "say", "room": "lobby", "body": body}), "bad_request");
        assert!(text(&refused["message"]).contains("body"), "{refused}");
        let bound = if body.is_empty() { ("min", json!(1)) } else { ("max", json!(4096)) };
        let told = ann.refused(json!({"type": "tell", "to": ann.id(), "body": body}), "bad_request");
        for refused in [refused, told] {
            assert_eq!((&refused["field"], &refused["unit"]), (&json!("body"), &json!("characters")), "{refused}");
            assert_eq!(refused[bound.0], bound.1, "{refused}");
        }
    }
    ann.hears_nothing();
}

pub fn the_same_key_again_says_nothing_twice(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    for room in ["lobby", "attic"] {
        ann.join(room);
        bo.join(room);
    }
    let longest = "k".repeat(64);
    let first = say(&mut ann, "lobby", "one", &longest);
    for body in ["one", "another body makes no difference"] {
        assert_same(&say(&mut ann, "lobby", body, &longest), &first);
    }
    let elsewhere = say(&mut ann, "attic", "one", &longest);
    let by_another = say(&mut bo, "lobby", "one", &longest);
    let another = say(&mut ann, "lobby", "one", "another key");
    for other in [&elsewhere, &by_another, &another] {
        assert_ne!(other["id"], first["id"], "another room, user or key: another message");
    }
    assert_eq!(bo.all_of("message").len(), 4);
}

pub fn the_same_key_from_two_connections_at_once(on: On) {
    let house = House::open(on, &["--journal", "parlor.db"]);
    let mut ann = house.person("Ann");
    let mut other = house.again(&ann.token);
    for client in [&mut ann, &mut other] {
        client.join("lobby");
        client.forget_heard();
    }
    for round in 0..20 {
        let request = json!({"type": "say", "room": "lobby", "body": "x", "key": format!("key {round}")});
        let asked: Vec<Value> = (0..3).map(|_| ann.ask(request.clone())).collect();
        let asked_too = other.ask(request);
        let first = other.answer(&asked_too);
        assert_eq!(first["type"], "ok");
        for id in &asked {
            assert_same(&ann.answer(id), &first);
        }
    }
    assert_eq!(ann.all_of("message").len(), 20);
}

pub fn the_same_key_after_a_lost_connection(on: On) {
    let house = House::open(on, &[]);
    let mut bo = house.person("Bo");
    bo.join("lobby");
    let mut ann = house.person("Ann");
    for round in 0..20 {
        let body = format!("message {round}");
        let request = json!({"type": "say", "room": "lobby", "body": body, "key": body});
        ann.join("lobby");
        ann.ask(request.clone());
        let token = ann.token.clone();
        drop(ann); // nobody knows whether it was taken
        ann = house.again(&token);
        ann.join("lobby");
        ann.ok(request);
    }
    let heard: Vec<String> = bo.all_of("message").iter().map(|event| text(&event["body"])).collect();
    assert_eq!(heard, (0..20).map(|round| format!("message {round}")).collect::<Vec<_>>());
}

pub fn the_same_key_after_a_restart(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db"]);
    let mut ann = house.person("Ann");
    ann.join("lobby");
    let first = say(&mut ann, "lobby", "one", "key");
    let told = ann.ok(json!({"type": "tell", "to": ann.id(), "body": "note", "key": "key"}));
    house.kill();
    house.restart();
    let mut back = house.again(&ann.token);
    back.join("lobby");
    assert_same(&say(&mut back, "lobby", "one", "key"), &first);
    let again = back.ok(json!({"type": "tell", "to": ann.id(), "body": "note", "key": "key"}));
    for field in ["id", "seq", "at"] {
        assert_eq!(again[field], told[field], "{field}"); // nobody it reached is there any more, so not `delivered`
    }
    let events = back.ok(json!({"type": "history", "room": "lobby"}));
    assert_eq!(list(&events["events"]).iter().filter(|event| event["type"] == "message").count(), 1);
    assert_eq!(list(&back.ok(json!({"type": "history", "room": "@inbox"}))["events"]).len(), 1);
    back.hears_nothing();
}

pub fn typing_is_told_to_the_others(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    let before = bo.join("lobby")["seq"].clone();
    ann.forget_heard();
    ann.ok(json!({"type": "typing", "room": "lobby"}));
    ann.send(json!({"type": "typing", "room": "lobby"}));
    ann.hears_nothing();
    let typing = json!({"type": "typing", "room": "lobby", "user": ann.user});
    assert_eq!(bo.all(), [typing.clone(), typing]);
    assert_eq!(bo.join("lobby")["seq"], before, "it is not kept");
}

pub fn mentions_are_sent_along(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    bo.join("lobby");
    let say = |mentions: Value| json!({"type": "say", "room": "lobby", "body": "look, @Bo", "mentions": mentions});
    ann.ok(say(json!([bo.id(), ann.id(), bo.id()])));
    let heard = bo.event("message");
    assert_eq!(heard["mentions"], json!([bo.id(), ann.id()]), "each once, in order");
    let page = bo.ok(json!({"type": "history", "room": "lobby"}));
    assert_eq!(list(&page["events"]).last(), Some(&heard));
    for none in [json!([]), Value::Null] {
        ann.ok(say(none));
        assert_eq!(bo.event_where("message", |event| event["seq"] != heard["seq"]).get("mentions"), None);
        bo.forget_heard();
    }
    let too_many: Vec<String> = (0..17).map(|_| Uuid::new_v4().to_string()).collect();
    for wrong in [json!("Bo"), json!(["Bo"]), json!([1]), json!({}), json!(too_many)] {
        let answer = ann.request(say(wrong));
        assert_eq!(answer["code"], "bad_request", "{answer}");
        assert!(text(&answer["message"]).contains("\"mentions\" must be a list of at most 16"), "{answer}");
    }
}

pub fn typing_can_end(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    bo.join("lobby");
    ann.ok(json!({"type": "typing", "room": "lobby", "on": false}));
    assert_eq!(bo.all(), [json!({"type": "typing_ended", "room": "lobby", "user": ann.user})]);
    ann.ok(json!({"type": "typing", "room": "lobby", "on": true}));
    assert_eq!(bo.all(), [json!({"type": "typing", "room": "lobby", "user": ann.user})]);
    bo.refused(json!({"type": "typing", "room": "attic", "on": false}), "not_in_room");
    bo.refused(json!({"type": "typing", "room": "lobby", "on": "no"}), "bad_request");
}

fn say(client: &mut Client, room: &str, body: &str, key: &str) -> Value {
    client.ok(json!({"type": "say", "room": room, "body": body, "key": key}))
}

/// The first answer again: all but `re`.
fn assert_same(answer: &Value, first: &Value) {
    let bare = |answer: &Value| {
        let mut answer = answer.clone();
        answer.as_object_mut().unwrap().shift_remove("re");
        answer
    };
    assert_eq!(bare(answer), bare(first));
}
