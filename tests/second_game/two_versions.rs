//! A rolling upgrade: a server that knows one game more, and so kinds and fields of events that the older one does not, takes
//! over from it. There is no older release yet; this program is the newer one.

use parlor_testkit::redis::Redis;
use parlor_testkit::{Client, Launch};
use serde_json::{Value, json};

use crate::server::SECRET;

pub fn a_newer_server_takes_over_from_an_older_one() {
    let redis = Redis::start();
    let (journal, secret) = (format!("--journal={}", redis.url()), format!("--secret={SECRET}"));
    let mut older = Launch::new(env!("CARGO_BIN_EXE_parlor")).flags(&[&journal, &secret]).start();
    let newer = Launch::new(crate::program().to_str().unwrap()).flags(&["--journal", &redis.url()]).start();
    let (mut ann, mut bo) = (Client::connect(older.address), Client::connect(newer.address));
    ann.rename("Ann");
    let joined = ann.join("lobby");
    bo.join("lobby");

    // The older one serves what it knows, and leaves alone what it does not.
    let square = |client: &mut Client, square: u64| {
        client.ok(json!({"type": "play", "room": "squares", "square": square}));
    };
    let made = bo.ok(json!({"type": "create", "kind": "tic-tac-toe", "room": "squares"}));
    bo.ok(json!({"type": "join", "room": "squares", "seat": made["seat"]}));
    let mut cy = Client::connect(newer.address);
    cy.ok(json!({"type": "join", "key": made["join"]}));
    square(&mut bo, 4);
    square(&mut cy, 0);
    let game = ann.ok(json!({"type": "create", "kind": "connect4", "room": "discs"}));
    ann.ok(json!({"type": "join", "room": "discs", "seat": game["seat"]}));
    let sat = bo.ok(json!({"type": "join", "key": game["join"]}));
    ann.ok(json!({"type": "play", "room": "discs", "column": 3}));
    assert_eq!(bo.event_where("played", |event| event["room"] == "discs")["column"], 3);
    bo.ok(json!({"type": "play", "room": "discs", "column": 3}));
    ann.say("lobby", "from the older");
    bo.say("lobby", "from the newer");
    let bodies = |client: &mut Client| -> Vec<Value> {
        client.all_of("message").into_iter().map(|event| event["body"].clone()).collect()
    };
    assert_eq!(bodies(&mut ann), ["from the older", "from the newer"]);
    assert_eq!(bodies(&mut bo), ["from the older", "from the newer"]);

    // Drained, it sends its clients to the newer one, where all goes on.
    let token = ann.token.clone();
    assert_eq!(older.stop(), Some(0), "{}", older.log());
    assert_eq!(ann.closed().code, 1012);
    assert!(!older.log().contains("panicked"), "{}", older.log());
    let mut ann = Client::connect(newer.address);
    ann.resume(&token);
    assert_eq!(ann.name(), "Ann");
    let back = ann.ok(json!({"type": "join", "room": "lobby", "since": {"epoch": joined["epoch"], "seq": 1}}));
    assert_eq!((&back["recovered"], back["events"].as_array().map(Vec::len)), (&json!(true), Some(2)));
    let seat = ann.ok(json!({"type": "join", "room": "discs", "seat": game["seat"]}));
    assert_eq!((&seat["game"]["you"], &seat["game"]["moves"]), (&json!("red"), &json!([3, 3])));
    ann.ok(json!({"type": "play", "room": "discs", "column": 0}));
    assert_eq!(sat["game"]["you"], "yellow");
    let watched = ann.ok(json!({"type": "join", "key": made["watch"]}));
    let squares: Vec<&Value> = watched["events"].as_array().unwrap().iter().map(|event| &event["square"]).collect();
    assert!(squares.contains(&&json!(4)) && squares.contains(&&json!(0)), "{watched}");
}
