//! Every message's exact JSON, in scripts that insta keeps: whatever is said there is what clients rely on.

use parlor_testkit::process::Signal;
use serde_json::json;

use crate::stage::{House, On, Script};

pub fn opening(on: On) {
    let house = House::open_with_defaults(on);
    let mut script = Script::default();
    let mut ann = house.guest();
    script.welcome(&ann);
    script.ask(&mut ann, json!({"type": "rename", "name": "Ann"}));
    script.hear(&mut ann, "renamed");
    let token = ann.token.clone();
    drop(ann);
    let mut ann = house.guest();
    script.note("another connection");
    script.welcome(&ann);
    script.ask(&mut ann, json!({"type": "resume", "token": token}));
    script.freeze("opening");
}

pub fn errors(on: On) {
    let house = House::open(on, &["--max-rooms", "3"]);
    let mut script = Script::default();
    let mut ann = house.guest();
    for junk in ["no JSON", "[]", r#"{"type":"ping","id":1.5}"#] {
        script.note(junk);
        ann.send_text(junk);
        script.hear(&mut ann, "error");
    }
    script.ask(&mut ann, json!({"type": "shout"}));
    script.ask(&mut ann, json!({"type": "say", "room": "lobby"}));
    script.ask(&mut ann, json!({"type": "say", "room": "lobby", "body": "x"}));
    script.ask(&mut ann, json!({"type": "join", "key": "x"}));
    script.ask(&mut ann, json!({"type": "tell", "to": "Nobody", "body": "x"}));
    script.ask(&mut ann, json!({"type": "resume", "token": "x"}));
    script.ask(&mut ann, json!({"type": "create", "kind": "chat", "room": "lobby"}));
    script.ask(&mut ann, json!({"type": "create", "kind": "chat", "room": "lobby"}));
    ann.join("lobby");
    script.ask(&mut ann, json!({"type": "play", "room": "lobby", "column": 3}));
    script.ask(&mut ann, json!({"type": "count", "room": "lobby", "by": 1}));
    ann.join("two");
    ann.join("three");
    script.ask(&mut ann, json!({"type": "join", "room": "four"}));

    let house = House::open(on, &["--rate-burst", "1", "--rate-per-second", "1"]);
    let mut ann = house.guest();
    script.note("too fast");
    ann.ask(json!({"type": "ping"}));
    script.ask(&mut ann, json!({"type": "ping"}));
    script.freeze("errors");
}

pub fn talking(on: On) {
    let house = House::open(on, &[]);
    let mut script = Script::default();
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    script.ask(&mut ann, json!({"type": "join", "room": "lobby"}));
    bo.join("lobby");
    script.ask(&mut ann, json!({"type": "say", "room": "lobby", "body": "Hello", "key": "k"}));
    script.hear(&mut bo, "message");
    script.ask(&mut ann, json!({"type": "typing", "room": "lobby"}));
    script.hear(&mut bo, "typing");
    script.ask(&mut bo, json!({"type": "history", "room": "lobby", "limit": 1}));
    bo.ok(json!({"type": "leave", "room": "lobby"}));
    script.note("Bo comes back to the lobby");
    let joined = ann.join("lobby");
    script.ask(&mut bo, json!({"type": "join", "room": "lobby", "since": {"epoch": joined["epoch"], "seq": 1}}));
    script.ask(&mut ann, json!({"type": "leave", "room": "lobby"}));
    script.freeze("talking");
}

pub fn private_messages(on: On) {
    let house = House::open(on, &[]);
    let mut script = Script::default();
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    script.ask(&mut ann, json!({"type": "tell", "to": "Bo", "body": "Hello"}));
    script.hear(&mut ann, "private");
    script.hear(&mut bo, "private");
    script.ask(&mut bo, json!({"type": "join", "room": "@inbox"}));
    script.ask(&mut bo, json!({"type": "history", "room": "@inbox"}));
    script.freeze("private_messages");
}

pub fn who_is_there(on: On) {
    let house = House::open(on, &["--presence-room", "2", "--presence-grace", "0s"]);
    let mut script = Script::default();
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    bo.join("lobby");
    script.hear(&mut ann, "joined");
    script.ask(&mut ann, json!({"type": "users", "room": "lobby"}));
    bo.rename("Bob");
    script.hear(&mut ann, "renamed");
    bo.close();
    script.hear(&mut ann, "left");
    script.note("two more");
    let [mut cleo, mut dan] = ["Cleo", "Dan"].map(|name| house.person(name));
    cleo.join("lobby");
    dan.join("lobby");
    script.hear(&mut ann, "crowd");
    script.freeze("who_is_there");
}

pub fn lists(on: On) {
    let house = House::open(on, &[]);
    let mut script = Script::default();
    let mut ann = house.person("Ann");
    script.ask(&mut ann, json!({"type": "rooms"}));
    script.ask(&mut ann, json!({"type": "create", "kind": "chat", "room": "lobby"}));
    ann.ok(json!({"type": "create", "kind": "counter", "room": "votes"}));
    ann.ok(json!({"type": "create", "kind": "connect4", "room": "table"}));
    ann.join("votes");
    script.ask(&mut ann, json!({"type": "rooms"}));
    script.ask(&mut ann, json!({"type": "users"}));
    script.freeze("lists");
}

pub fn counters(on: On) {
    let house = House::open(on, &[]);
    let mut script = Script::default();
    let mut ann = house.person("Ann");
    script.ask(&mut ann, json!({"type": "create", "kind": "counter", "room": "votes", "unlisted": true}));
    script.ask(&mut ann, json!({"type": "join", "room": "votes"}));
    script.ask(&mut ann, json!({"type": "count", "room": "votes", "by": -1}));
    script.hear(&mut ann, "counted");
    script.freeze("counters");
}

pub fn clock_and_echo(on: On) {
    let house = House::open(on, &[]);
    let mut script = Script::default();
    let mut ann = house.guest();
    script.ask(&mut ann, json!({"type": "watch_time", "every_ms": 99}));
    script.hear(&mut ann, "tick");
    script.ask(&mut ann, json!({"type": "watch_time", "mode": "random"}));
    script.ask(&mut ann, json!({"type": "unwatch_time"}));
    script.ask(&mut ann, json!({"type": "echo", "body": {"b": [1.5, null], "a": "x"}}));
    script.ask(&mut ann, json!({"type": "ping"}));
    script.freeze("clock_and_echo");
}

pub fn connect4(on: On) {
    let house = House::open(on, &[]);
    let mut script = Script::default();
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    let secrets = script.ask(&mut ann, json!({"type": "create", "kind": "connect4", "room": "table"}));
    script.ask(&mut ann, json!({"type": "join", "room": "table", "seat": secrets["seat"]}));
    script.ask(&mut bo, json!({"type": "join", "key": secrets["join"]}));
    script.hear(&mut ann, "seated");
    script.ask(&mut cleo, json!({"type": "join", "key": secrets["watch"]}));
    script.ask(&mut cleo, json!({"type": "play", "room": "table", "column": 0}));
    script.ask(&mut bo, json!({"type": "play", "room": "table", "column": 0}));
    script.ask(&mut ann, json!({"type": "play", "room": "table", "column": 3}));
    script.hear(&mut cleo, "played");
    script.note("Bo drops in his turn");
    bo = house.guest();
    bo.rename("Bob");
    let away = cleo.event("away");
    script.server(&away);
    let seat = json!({"type": "join", "room": "table", "sit": true});
    script.ask(&mut bo, seat);
    script.ask(&mut ann, json!({"type": "resign", "room": "table"}));
    script.hear(&mut cleo, "ended");
    script.ask(&mut ann, json!({"type": "play", "room": "table", "column": 3}));
    script.ask(&mut ann, json!({"type": "rematch", "room": "table"}));
    script.hear(&mut cleo, "rematch_offered");
    script.ask(&mut cleo, json!({"type": "join", "room": "table", "limit": 1}));

    script.note("another table");
    let create = json!({"type": "create", "kind": "connect4", "room": "another"});
    let mut table = super::table::Table::laid(create, ann, bo);
    for n in 0..7 {
        let play = json!({"type": "play", "room": "another", "column": n % 2});
        let client = if n % 2 == 0 { &mut table.red } else { &mut table.yellow };
        client.ok(play);
    }
    let last = table.yellow.event_where("played", |event| event["turn"].is_null());
    script.server(&last);
    script.hear(&mut table.yellow, "ended");
    for client in [&mut table.yellow, &mut table.red] {
        client.ok(json!({"type": "rematch", "room": "another"}));
    }
    script.hear(&mut table.yellow, "rematched");
    table.yellow.ok(json!({"type": "play", "room": "another", "column": 3}));
    script.note("red drops in their turn, and comes back");
    table.red = house.guest();
    script.hear(&mut table.yellow, "away");
    table.red.ok(json!({"type": "join", "room": "another", "seat": table.secrets["seat"]}));
    script.hear(&mut table.yellow, "back");
    script.freeze("connect4");
}

pub fn closing(on: On) {
    let house = House::open(on, &[]);
    let mut script = Script::default();
    let mut ann = house.guest();
    house.signal(Signal::TERM);
    script.hear(&mut ann, "closing");
    let closed = ann.closed();
    script.note(&format!("closed: {} {}", closed.code, closed.reason));
    script.freeze("closing");
}
