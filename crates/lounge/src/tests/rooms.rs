//! Rooms: made, joined, spoken in, left.

use serde_json::{Value, json};

use super::stage::{Stage, settings, types};

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

#[test]
fn rooms_are_made_once() {
    let mut stage = Stage::new();
    let (ann, bob, cid) = (stage.enter().client, stage.enter().client, stage.enter().client);
    stage.harness.hold_journal();
    stage.say(ann, &json!({"id": 1, "type": "create", "kind": "chat", "room": "lobby"}));
    stage.say(bob, &json!({"id": 1, "type": "create", "kind": "counter", "room": "lobby"}));
    stage.say(cid, &json!({"id": 1, "type": "join", "room": "lobby"}));
    stage.harness.release_journal(Ok(()));
    assert_eq!(stage.hear(ann)[0]["room"], "lobby");
    assert_eq!(stage.hear(bob)[0]["code"], "name_taken");
    let joined = stage.hear(cid).remove(0);
    assert_eq!((&joined["type"], &joined["kind"]), (&json!("ok"), &json!("chat")));
    assert_eq!(stage.error(ann, json!({"type": "create", "kind": "chat", "room": "lobby"})), "name_taken");
    let made = stage.ok(ann, json!({"type": "create", "kind": "counter", "unlisted": true}));
    assert_eq!(stage.join(bob, made["room"].as_str().unwrap())["value"], 0);
    let listed = stage.ok(ann, json!({"type": "rooms"}));
    assert_eq!(listed["rooms"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed["rooms"][0]["room"], &listed["rooms"][0]["online"], &listed["rooms"][0]["seq"]),
        (&json!("lobby"), &json!(1), &json!(1))
    );
    stage.join(ann, "lobby");
    assert_eq!(stage.ok(ann, json!({"type": "rooms"}))["rooms"][0]["online"], 2);
    let said = stage.ok(ann, json!({"type": "say", "room": "lobby", "body": "hello"}));
    let listed = stage.ok(bob, json!({"type": "rooms"}));
    assert_eq!((&listed["rooms"][0]["seq"], &listed["rooms"][0]["last_at"]), (&json!(2), &said["at"]));
}

#[test]
fn a_room_that_can_not_be_made_is_not_there() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    stage.harness.hold_journal();
    stage.say(ann, &json!({"id": 1, "type": "join", "room": "lobby"}));
    stage.say(ann, &json!({"id": 2, "type": "ping"}));
    stage.say(bob, &json!({"id": 1, "type": "join", "room": "lobby"}));
    stage.harness.release_journal(Err("full"));
    let heard = stage.hear(ann);
    assert_eq!((&heard[0]["code"], &heard[1]["re"]), (&json!("unavailable"), &json!(2)));
    assert_eq!(stage.hear(bob)[0]["code"], "unavailable");
    assert_eq!(stage.ok(ann, json!({"type": "rooms"}))["rooms"], json!([]));
    assert_eq!(stage.join(ann, "lobby")["seq"], 1);
}

#[test]
fn rooms_are_bounded() {
    let mut few = settings();
    few.rooms = 3;
    few.rooms_per_client = 2;
    let mut stage = Stage::with(few);
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    stage.join(ann, "a");
    stage.join(ann, "b");
    stage.join(ann, "a");
    assert_eq!(stage.error(ann, json!({"type": "join", "room": "c"})), "bad_request");
    stage.join(bob, "c");
    assert_eq!(stage.error(ann, json!({"type": "join", "room": "c"})), "bad_request");
    assert_eq!(stage.error(bob, json!({"type": "join", "room": "d"})), "server_full");
    assert_eq!(stage.error(bob, json!({"type": "create", "kind": "chat"})), "server_full");
    stage.ok(ann, json!({"type": "leave", "room": "a"}));
    stage.join(ann, "c");
}

#[test]
fn rooms_made_from_one_address_are_limited() {
    let mut few = settings();
    few.room_creation.burst = 2;
    few.room_creation.every = std::time::Duration::from_secs(10);
    let mut stage = Stage::with(few);
    let ann = stage.enter().client;
    stage.join(ann, "a");
    stage.harness.set_journal_fault(Some("full"));
    for _ in 0..5 {
        assert_eq!(stage.error(ann, json!({"type": "join", "room": "b"})), "unavailable", "it does not count");
    }
    stage.harness.set_journal_fault(None);
    stage.join(ann, "b");
    let (refused, _) = stage.ask(ann, json!({"type": "join", "room": "c"}));
    assert_eq!((&refused["code"], &refused["retry_after_ms"]), (&json!("rate_limited"), &json!(10_000)));
    stage.join(ann, "a");
    stage.pass(10);
    stage.join(ann, "c");
}

#[test]
fn rooms_that_nobody_uses_go() {
    let mut short = settings();
    short.room_retention = std::time::Duration::from_secs(100);
    let mut stage = Stage::with(short);
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    let first = stage.join(ann, "a");
    stage.join(bob, "b");
    stage.ok(ann, json!({"type": "leave", "room": "a"}));
    stage.pass(99);
    stage.ok(ann, json!({"type": "history", "room": "a"}));
    stage.pass(60);
    assert_eq!(stage.error(ann, json!({"type": "history", "room": "a"})), "no_such_room");
    stage.ok(bob, json!({"type": "say", "room": "b", "body": "somebody is here"}));
    let again = stage.join(ann, "a");
    assert_eq!(again["seq"], 1);
    assert_ne!(again["epoch"], first["epoch"]);
}

#[test]
fn who_comes_while_a_room_goes_has_it_made_anew() {
    let mut short = settings();
    short.room_retention = std::time::Duration::from_secs(100);
    let mut stage = Stage::with(short);
    let ann = stage.enter().client;
    let first = stage.join(ann, "a");
    stage.ok(ann, json!({"type": "leave", "room": "a"}));
    for (fault, is_new) in [(Err("full"), false), (Ok(()), true)] {
        stage.harness.hold_journal();
        stage.pass(200);
        stage.say(ann, &json!({"id": 1, "type": "join", "room": "a"}));
        stage.say(ann, &json!({"id": 2, "type": "say", "room": "a", "body": "x"}));
        assert_eq!(stage.hear(ann), Vec::<Value>::new());
        stage.harness.release_journal(fault);
        let heard = stage.hear(ann);
        assert_eq!(types(&heard), ["ok", "message", "ok"]);
        assert_eq!(heard[0]["epoch"] != first["epoch"], is_new);
        stage.ok(ann, json!({"type": "leave", "room": "a"}));
    }
}

#[test]
fn what_can_not_be_written_did_not_happen() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    stage.join(ann, "lobby");
    stage.join(bob, "lobby");
    stage.deaf(&[ann, bob]);
    stage.harness.hold_journal();
    for id in 1..4 {
        stage.say(ann, &json!({"id": id, "type": "say", "room": "lobby", "body": id.to_string()}));
    }
    // The first is being written, the others wait: they are decided when it has failed, and can be written.
    stage.harness.release_journal(Err("full"));
    let heard = stage.hear(ann);
    assert_eq!((&heard[0]["re"], &heard[0]["code"]), (&json!(1), &json!("unavailable")));
    assert_eq!(heard[0]["retry_after_ms"], 1000);
    let bodies: Vec<_> = stage.hear(bob).iter().map(|event| (event["seq"].clone(), event["body"].clone())).collect();
    assert_eq!(bodies, [(json!(2), json!("2")), (json!(3), json!("3"))]);
}

#[test]
fn a_counter_counts_every_press_once() {
    let mut stage = Stage::new();
    let people: Vec<_> = (0..5).map(|_| stage.enter().client).collect();
    stage.ok(people[0], json!({"type": "create", "kind": "counter", "room": "tally"}));
    for client in &people {
        stage.join(*client, "tally");
    }
    stage.deaf(&people);
    stage.harness.hold_journal();
    for (n, client) in people.iter().enumerate() {
        stage.say(*client, &json!({"id": 1, "type": "count", "room": "tally", "by": if n == 4 { -1 } else { 1 }}));
    }
    stage.harness.release_journal(Ok(()));
    let heard = stage.hear(people[0]);
    let values: Vec<_> =
        heard.iter().filter(|frame| frame["type"] == "counted").map(|frame| frame["value"].as_i64().unwrap()).collect();
    assert_eq!(values, [1, 2, 3, 4, 3]);
    let seqs: Vec<_> =
        heard.iter().filter(|frame| frame["type"] == "counted").map(|frame| frame["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [2, 3, 4, 5, 6]);
    let answer = stage.hear(people[4]).into_iter().find(|frame| frame["type"] == "ok").unwrap();
    assert_eq!((&answer["value"], &answer["seq"]), (&json!(3), &json!(6)));
    stage.join(people[0], "talk");
    assert_eq!(stage.error(people[0], json!({"type": "count", "room": "talk", "by": 1})), "bad_request");
    assert_eq!(stage.error(people[0], json!({"type": "play", "room": "talk", "column": 1})), "no_such_game");
    stage.ok(people[0], json!({"type": "say", "room": "tally", "body": "one may talk here too"}));
    assert_eq!(stage.join(people[0], "tally")["value"], 3);
}

#[test]
fn too_long_a_body_is_refused() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    stage.join(ann, "lobby");
    stage.ok(ann, json!({"type": "say", "room": "lobby", "body": "é".repeat(4096)}));
    assert_eq!(stage.error(ann, json!({"type": "say", "room": "lobby", "body": "é".repeat(4097)})), "bad_request");
    assert_eq!(stage.error(ann, json!({"type": "tell", "to": "ann", "body": "é".repeat(4097)})), "bad_request");
}

#[test]
fn lists_come_in_pages() {
    let mut many = settings();
    many.room_creation.burst = 10_000;
    many.rooms_per_address = 10_000;
    let mut stage = Stage::with(many);
    let ann = stage.enter().client;
    for n in 0..3000 {
        stage.ok(ann, json!({"type": "create", "kind": "chat", "room": format!("room {n:05}")}));
    }
    let (mut after, mut names) = (Value::Null, Vec::new());
    let mut pages = 0;
    loop {
        let mut ask = json!({"type": "rooms"});
        if !after.is_null() {
            ask["after"] = after;
        }
        let page = stage.ok(ann, ask);
        assert!(page.to_string().len() < 260 * 1024);
        names.extend(page["rooms"].as_array().unwrap().iter().map(|room| room["room"].as_str().unwrap().to_owned()));
        pages += 1;
        after = page["next"].clone();
        if page["more"] == false {
            break;
        }
    }
    assert!(pages > 1);
    assert_eq!(names, (0..3000).map(|n| format!("room {n:05}")).collect::<Vec<_>>());
    assert_eq!(stage.error(ann, json!({"type": "users", "after": "x"})), "bad_request");
    assert_eq!(stage.error(ann, json!({"type": "rooms", "after": "@x"})), "bad_request");
}

#[test]
fn the_clock_ticks_for_all_at_once() {
    let mut stage = Stage::new();
    let (ann, bob, cid) = (stage.enter().client, stage.enter().client, stage.enter().client);
    let watching = stage.ok(ann, json!({"type": "watch_time", "every_ms": 240}));
    assert_eq!((&watching["every_ms"], &watching["mode"]), (&json!(250), &json!("regular")));
    stage.pass_ms(100);
    stage.ok(bob, json!({"type": "watch_time", "every_ms": 250}));
    stage.pass_ms(400);
    let heard = stage.hear(ann);
    assert_eq!(heard, stage.hear(bob));
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1]["n"].as_u64().unwrap(), heard[0]["n"].as_u64().unwrap() + 1);
    assert_eq!(heard[1]["n"].as_u64().unwrap() * 250, stage.harness.now().as_millis());
    assert_eq!(heard[1]["at"], stage.harness.now().to_string());
    // Another watch replaces the first; ticks never double.
    stage.ok(ann, json!({"type": "unwatch_time"}));
    stage.ok(bob, json!({"type": "watch_time"}));
    stage.ok(ann, json!({"type": "watch_time", "every_ms": 250}));
    stage.pass(1);
    assert_eq!(stage.hear(ann).len(), 4);
    assert_eq!(stage.hear(bob).len(), 1);
    stage.ok(cid, json!({"type": "watch_time", "mode": "random"}));
    stage.harness.drop_client(ann);
    stage.ok(bob, json!({"type": "unwatch_time"}));
    stage.pass(60);
    let heard = stage.hear(cid);
    assert!((20..=60).contains(&heard.len()), "{}", heard.len());
    let counts: Vec<_> = heard.iter().map(|tick| tick["n"].as_u64().unwrap()).collect();
    assert_eq!(counts, (1..=heard.len() as u64).collect::<Vec<_>>());
    assert_eq!(stage.hear(bob), Vec::<Value>::new());
    stage.harness.drop_client(cid);
    stage.pass(3600);
    let gauges = parlor_core::App::gauges(stage.harness.app());
    assert_eq!(gauges.iter().find(|gauge| gauge.name == "clock_watchers").unwrap().value, 0.0);
}

#[test]
fn nothing_is_left_of_who_went() {
    let mut stage = Stage::new();
    for round in 0..3 {
        let people: Vec<_> = (0..20).map(|_| stage.enter()).collect();
        for one in &people {
            stage.join(one.client, "lobby");
            stage.ok(one.client, json!({"type": "watch_time", "mode": "random"}));
            stage.ok(one.client, json!({"type": "tell", "to": people[0].id, "body": round.to_string()}));
            stage.join(one.client, "@inbox");
        }
        for one in &people {
            stage.harness.drop_client(one.client);
        }
        stage.pass(3600);
        let gauges = parlor_core::App::gauges(stage.harness.app());
        for name in ["sessions", "users_online", "users_remembered", "rooms_in_use", "clock_watchers", "journal_waits"]
        {
            let gauge = gauges.iter().find(|gauge| gauge.name == name).unwrap();
            assert_eq!(gauge.value, 0.0, "{name}");
        }
        assert_eq!(gauges.iter().find(|gauge| gauge.name == "timers").unwrap().value, 1.0, "the sweep");
    }
}

#[test]
fn typing_echo_and_ping() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.join(ann.client, "lobby");
    stage.join(bob.client, "lobby");
    stage.deaf(&[ann.client]);
    let (_, own) = stage.ask(ann.client, json!({"type": "typing", "room": "lobby"}));
    assert_eq!(own, Vec::<Value>::new());
    let typing = json!({"type": "typing", "room": "lobby", "user": {"id": ann.id, "name": ann.name}});
    assert_eq!(stage.hear(bob.client), [typing]);
    assert_eq!(stage.error(bob.client, json!({"type": "typing", "room": "hall"})), "not_in_room");
    let body = json!({"any": [1, null, {"thing": 1.5}]});
    assert_eq!(stage.ok(ann.client, json!({"type": "echo", "body": body}))["body"], body);
    assert_eq!(stage.ok(ann.client, json!({"type": "ping"}))["server_time"], stage.harness.now().to_string());
}

#[test]
fn what_waits_is_answered_in_order_and_bounded() {
    const WAITING: u64 = 5000; // handled one within the other they would overflow the stack
    let mut stage = Stage::with(crate::settings::LoungeSettings { client_queue: WAITING as usize, ..settings() });
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    stage.ok(ann, json!({"type": "rename", "name": "Ann"}));
    stage.harness.hold_journal();
    stage.say(bob, &json!({"id": 0, "type": "join", "room": "lobby"}));
    for id in 1..=WAITING {
        stage.say(bob, &json!({"id": id, "type": "rename", "name": "ann"}));
    }
    stage.say(bob, &json!({"id": WAITING + 1, "type": "ping"}));
    let refused = stage.hear(bob);
    assert_eq!((&refused[0]["re"], &refused[0]["code"]), (&json!(WAITING + 1), &json!("unavailable")));
    stage.harness.release_journal(Ok(()));
    let heard = stage.hear(bob);
    assert_eq!(heard.len() as u64, WAITING + 1);
    for (answer, id) in heard.iter().zip(0..) {
        assert_eq!(answer["re"], id);
        assert_eq!(answer["code"], if id == 0 { Value::Null } else { json!("name_taken") });
    }
    assert_eq!(stage.harness.open_requests(), 0);
}

/// An unlisted room of any kind is for those who are in it.
#[test]
fn an_unlisted_room_tells_nothing_to_the_outside() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    for kind in ["chat", "counter"] {
        let made = stage.ok(ann, json!({"type": "create", "kind": kind, "unlisted": true}));
        stage.join(ann, made["room"].as_str().unwrap());
        for request in ["history", "users"] {
            let frame = json!({"type": request, "room": made["room"]});
            assert_eq!(stage.error(bob, frame.clone()), "not_in_room");
            stage.ok(ann, frame);
        }
        stage.join(bob, made["room"].as_str().unwrap());
        stage.ok(bob, json!({"type": "history", "room": made["room"]}));
    }
}
