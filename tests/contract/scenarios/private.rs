//! `tell` and `@inbox`.

use parlor_testkit::{Client, eventually, list, number};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn both_sides_hear_it_each_with_their_own_numbers(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    let mut anns_other = house.again(&ann.token);
    let mut bos_other = house.again(&bo.token);
    let first = tell(&mut cleo, &bo.id(), "from Cleo");
    assert_eq!((&first["seq"], &first["delivered"]), (&json!(1), &json!(2)));
    for client in [&mut bo, &mut bos_other] {
        client.event("private");
    }
    let told = tell(&mut ann, &bo.id(), "from Ann");
    assert_eq!((&told["seq"], &told["delivered"]), (&json!(1), &json!(2)), "the number is the sender's");
    let heard = |seq: u64| json!({"type": "private", "seq": seq, "id": told["id"], "at": told["at"], "from": ann.user, "to": bo.user, "body": "from Ann"});
    let (anns, bos) = (heard(1), heard(2));
    assert_eq!(ann.event("private"), anns);
    assert_eq!(anns_other.event("private"), anns);
    assert_eq!(bo.event("private"), bos);
    assert_eq!(bos_other.event("private"), bos);
    for client in [&mut ann, &mut anns_other, &mut bo, &mut bos_other] {
        client.hears_nothing();
    }
    let back = tell(&mut bo, &ann.id(), "back");
    assert_eq!((&back["seq"], &back["delivered"]), (&json!(3), &json!(2)));
    assert_eq!(ann.event("private")["seq"], 2);
}

pub fn to_a_name(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    for name in ["Bo", "bO", "  BO "] {
        tell(&mut ann, name, name);
        assert_eq!(bo.event("private")["to"], bo.user, "{name}");
    }
    let mut guest = house.guest();
    tell(&mut ann, &guest.name(), "a guest has a name too");
    guest.event("private");
}

pub fn to_oneself(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    let mut other = house.again(&ann.token);
    let id = ann.id();
    let told = tell(&mut ann, &id, "note");
    for client in [&mut ann, &mut other] {
        let heard = client.all();
        assert_eq!(heard.len(), 1, "{heard:#?}");
        assert_eq!((&heard[0]["seq"], &heard[0]["id"]), (&told["seq"], &told["id"]));
        assert_eq!((&heard[0]["from"], &heard[0]["to"]), (&client.user, &client.user));
    }
    assert_eq!(inbox(&mut ann)["seq"], 1, "one inbox, one event");
    tell(&mut ann, &id, "another");
    assert_eq!(ann.event("private")["seq"], 2);
}

pub fn the_absent_find_it_in_their_inbox(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    let mut bo = house.person("Bo");
    tell(&mut ann, &bo.id(), "while you are here");
    let heard = bo.event("private");
    let since = inbox(&mut bo);
    let since = json!({"epoch": since["epoch"], "seq": since["seq"]});
    let (id, token) = (bo.id(), bo.token.clone());
    bo.close();
    let away = eventually("Bo is away", || {
        let told = tell(&mut ann, &id, "while you are away");
        (told["delivered"] == 0).then_some(told)
    });
    let mut back = house.again(&token);
    let joined = back.ok(json!({"type": "join", "room": "@inbox", "since": since}));
    assert_eq!(joined["recovered"], true);
    let missed = list(&joined["events"]);
    assert!(missed.iter().all(|event| number(&event["seq"]) > number(&heard["seq"])), "{joined}");
    let last = missed.last().unwrap();
    assert_eq!((&last["id"], &last["body"], &last["at"]), (&away["id"], &json!("while you are away"), &away["at"]));
    back.hears_nothing();
}

pub fn nobody_else_hears_it(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    for client in [&mut ann, &mut bo, &mut cleo] {
        client.join("lobby");
        client.ok(json!({"type": "join", "room": "@inbox"}));
    }
    cleo.forget_heard();
    tell(&mut ann, &bo.id(), "secret");
    cleo.hears_nothing();
    assert_eq!(inbox(&mut cleo)["events"], json!([]));
    assert_eq!(cleo.ok(json!({"type": "history", "room": "@inbox"}))["events"], json!([]));
    for room in [format!("@{}", bo.id()), "@Bo".to_owned()] {
        cleo.refused(json!({"type": "join", "room": room}), "bad_request");
        cleo.refused(json!({"type": "history", "room": room}), "bad_request");
    }
    cleo.refused(json!({"type": "say", "room": "@inbox", "body": "x"}), "bad_request");
}

pub fn nobody_to_tell(on: On) {
    let house = House::open(on, &["--name-reservation", "0s"]);
    let mut ann = house.person("Ann");
    let never = "0190a6f2-3b8e-7c31-9a44-1d2e3f405162";
    for to in [never, "Nobody", "@inbox"] {
        let answer = ann.request(json!({"type": "tell", "to": to, "body": "x"}));
        assert_eq!(answer["code"], if to.starts_with('@') { "bad_request" } else { "no_such_user" }, "{answer}");
    }
    let bo = house.person("Bo");
    let id = bo.id();
    bo.close();
    eventually("the name means nobody", || {
        (ann.request(json!({"type": "tell", "to": "Bo", "body": "x"}))["code"] == "no_such_user").then_some(())
    });
    assert_eq!(tell(&mut ann, &id, "by id all the same")["delivered"], 0);
}

pub fn the_same_key_again_tells_nothing_twice(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    let request = json!({"type": "tell", "to": bo.id(), "body": "x", "key": "k"});
    let first = ann.ok(request.clone());
    let asked: Vec<Value> = (0..3).map(|_| ann.ask(request.clone())).collect();
    for id in &asked {
        let again = ann.answer(id);
        for field in ["id", "seq", "at", "delivered"] {
            assert_eq!(again[field], first[field], "{field}");
        }
    }
    let mut back = house.again(&ann.token);
    assert_eq!(back.ok(request)["id"], first["id"]);
    ann.join("lobby");
    let said = ann.ok(json!({"type": "say", "room": "lobby", "body": "x", "key": "k"}));
    assert_ne!(said["id"], first["id"], "what is told and what is said are two things");
    assert_eq!(bo.all_of("private").len(), 1);
}

pub fn the_inbox_is_a_log(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    let empty = inbox(&mut bo);
    assert_eq!((&empty["room"], &empty["kind"], &empty["seq"]), (&json!("@inbox"), &json!("inbox"), &json!(0)));
    assert_eq!((&empty["events"], &empty["recovered"]), (&json!([]), &json!(false)));
    let mut heard = Vec::new();
    for n in 0..20 {
        let (from, to) = if n % 3 == 0 { (&mut bo, ann.id()) } else { (&mut ann, bo.id()) };
        tell(from, &to, &format!("message {n}"));
        heard.push(bo.event("private"));
    }
    let joined = inbox(&mut bo);
    assert_eq!(list(&joined["events"]), heard, "the same events as live");
    let since = json!({"epoch": joined["epoch"], "seq": 13});
    let caught_up = bo.ok(json!({"type": "join", "room": "@inbox", "since": since, "limit": 1}));
    assert_eq!((&caught_up["recovered"], list(&caught_up["events"])), (&json!(true), &heard[13..]));
    let page = bo.ok(json!({"type": "history", "room": "@inbox", "before": 11, "limit": 5}));
    assert_eq!((list(&page["events"]), &page["more"]), (&heard[5..10], &json!(true)));
    let page = bo.ok(json!({"type": "history", "room": "@inbox", "before": 4}));
    assert_eq!((list(&page["events"]), &page["more"]), (&heard[..3], &json!(false)));
    let wrong = bo.ok(json!({"type": "join", "room": "@inbox", "since": {"epoch": joined["epoch"], "seq": 21}}));
    assert_eq!((&wrong["recovered"], list(&wrong["events"])), (&json!(false), &heard[..]));
}

pub fn the_inbox_outlives_the_server(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db"]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    tell(&mut ann, &bo.id(), "one");
    let since = inbox(&mut bo);
    let token = bo.token.clone();
    bo.close();
    let id = ann.ok(json!({"type": "tell", "to": "Bo", "body": "two"}))["id"].clone();
    house.kill();
    house.restart();
    let mut bo = house.again(&token);
    let joined =
        bo.ok(json!({"type": "join", "room": "@inbox", "since": {"epoch": since["epoch"], "seq": since["seq"]}}));
    assert_eq!((&joined["recovered"], &joined["events"][0]["id"]), (&json!(true), &id));
    let mut ann = house.again(&ann.token);
    assert_eq!(inbox(&mut ann)["seq"], 2);
    assert_eq!(tell(&mut ann, &bo.id(), "three")["delivered"], 1);
    assert_eq!(bo.event("private")["seq"], 3);
}

pub fn who_was_not_here_for_long_is_forgotten(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db", "--user-retention", "4s", "--name-reservation", "0s"]);
    let (ann, bo) = (house.person("Ann"), house.person("Bo"));
    let (token, id) = (ann.token.clone(), bo.id());
    drop((ann, bo));
    house.kill();
    house.restart();
    eventually("Bo is forgotten", || {
        let answer = house.again(&token).request(json!({"type": "tell", "to": id, "body": "x"}));
        (answer["code"] == "no_such_user").then_some(())
    });
}

pub fn writing_is_told_to_one_person(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    let mut bos_other = house.again(&bo.token);
    for client in [&mut bo, &mut cleo] {
        client.join("lobby");
    }
    cleo.forget_heard();
    bo.forget_heard();
    ann.ok(json!({"type": "typing", "to": bo.id()}));
    ann.ok(json!({"type": "typing", "to": bo.id(), "on": false}));
    for client in [&mut bo, &mut bos_other] {
        let told = |on: bool| json!({"type": "private_typing", "user": ann.user, "on": on});
        assert_eq!([client.event("private_typing"), client.event("private_typing")], [told(true), told(false)]);
        client.hears_nothing();
    }
    ann.hears_nothing();
    cleo.hears_nothing();
    ann.ok(json!({"type": "typing", "to": uuid::Uuid::new_v4().to_string()}));
    ann.refused(json!({"type": "typing", "to": "Bo"}), "bad_request");
    ann.refused(json!({"type": "typing", "to": bo.id(), "room": "lobby"}), "bad_request");
}

fn tell(client: &mut Client, to: &str, body: &str) -> Value {
    client.ok(json!({"type": "tell", "to": to, "body": body}))
}

fn inbox(client: &mut Client) -> Value {
    client.ok(json!({"type": "join", "room": "@inbox"}))
}
