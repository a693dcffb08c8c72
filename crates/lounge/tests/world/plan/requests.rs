//! Every request of the contract, as somebody might make it.

use serde_json::{Value, json};

use super::dice::Dice;

const ROOMS: [&str; 8] = ["hall", "hall", "attic", "tally", "table", "table", "den", "nook"];
const NAMES: [&str; 6] = ["Ann", "ann", "ＡＮＮ", "Bo  B", "guest-3", "x_-."];
const PEOPLE: [&str; 7] = ["ann", "bob", "cid", "dan", "eve", "flo", "mal"];

/// `number` makes texts that nobody else says.
pub fn request(dice: &mut Dice, who: &str, number: u64) -> String {
    let room = dice.one_of(&ROOMS);
    let other = dice.one_of(&PEOPLE);
    let value = match dice.below(100) {
        0..18 => join(dice, who, room, other),
        18..40 => say(dice, room, other, number),
        40..50 => tell(dice, other, number),
        50..54 => json!({"type": "leave", "room": room}),
        54..58 => {
            json!({"type": "count", "room": if dice.one_in(5) { room } else { "tally" }, "by": dice.one_of(&[-1, 1])})
        }
        58..72 => play(dice, room),
        72..75 => json!({"type": "rename", "name": dice.one_of(&NAMES)}),
        75..77 => json!({"type": "sign_out", "everywhere": true}),
        77..79 => json!({"type": "transfer"}),
        79..82 => create(dice, room, number),
        82..84 => history(dice, room),
        84..86 => json!({"type": "rooms", "games": dice.one_in(2)}),
        86..88 => match dice.below(3) {
            0 => json!({"type": "users"}),
            _ => json!({"type": "users", "room": room}),
        },
        88..91 => typing(dice, room, other),
        91..94 => watch(dice),
        94 => json!({"type": "unwatch_time"}),
        95 => json!({"type": "echo", "body": {"b": [1.5, null], "a": number}}),
        96..98 => json!({"type": "resume", "token": format!("${} {other}", dice.one_of(&["token", "transfer"]))}),
        _ => json!({"type": "ping"}),
    };
    value.to_string()
}

fn join(dice: &mut Dice, who: &str, room: &str, other: &str) -> Value {
    if dice.one_in(5) {
        let mut join = json!({"type": "join", "room": "@inbox"});
        if dice.one_in(2) {
            join["since"] = json!("$since @inbox");
        }
        return join;
    }
    let is_game = matches!(room, "table" | "den");
    let mut join = json!({"type": "join", "room": room});
    if is_game {
        match dice.below(6) {
            0 => join["sit"] = json!(true),
            1 | 2 => join["seat"] = json!(format!("$seat {room} {who}")),
            3 => join["seat"] = json!(format!("$seat {room} {other}")),
            4 => join = json!({"type": "join", "key": format!("$join {room} ann")}),
            _ => join = json!({"type": "join", "key": format!("$watch {room} ann")}),
        }
    }
    if dice.one_in(3) {
        join["since"] = json!(format!("$since {room}"));
    }
    if dice.one_in(6) {
        join["limit"] = json!(dice.one_of(&[1, 2, 1000]));
    }
    join
}

fn say(dice: &mut Dice, room: &str, other: &str, number: u64) -> Value {
    let mut say = json!({"type": "say", "room": room, "body": format!("words {number}")});
    match dice.below(8) {
        0 | 1 => say["key"] = json!(format!("key {number}")),
        2 => say["key"] = json!(format!("key {}", dice.below(4))),
        3 => say["mentions"] = json!([format!("$user {other}")]),
        _ => {}
    }
    say
}

fn tell(dice: &mut Dice, other: &str, number: u64) -> Value {
    let to = if dice.one_in(4) { format!("$name {other}") } else { format!("$user {other}") };
    let mut tell = json!({"type": "tell", "to": to, "body": format!("words {number}")});
    match dice.below(4) {
        0 => tell["key"] = json!(format!("key {number}")),
        1 => tell["key"] = json!(format!("key {}", dice.below(4))),
        _ => {}
    }
    tell
}

fn play(dice: &mut Dice, room: &str) -> Value {
    let room = if room == "den" { "den" } else { "table" };
    match dice.below(12) {
        0 => json!({"type": "resign", "room": room}),
        1 => json!({"type": "rematch", "room": room}),
        2 => json!({"type": "rematch", "room": room, "offer": false}),
        _ => json!({"type": "play", "room": room, "column": dice.one_of(&[0, 1, 2, 3, 3, 4, 5, 6])}),
    }
}

fn create(dice: &mut Dice, room: &str, number: u64) -> Value {
    let kind = dice.one_of(&["chat", "counter", "connect4"]);
    match dice.below(4) {
        0 => json!({"type": "create", "kind": kind}),
        1 => json!({"type": "create", "kind": kind, "room": room}),
        _ => json!({"type": "create", "kind": kind, "room": format!("room {number}"), "unlisted": dice.one_in(3)}),
    }
}

fn history(dice: &mut Dice, room: &str) -> Value {
    let room = if dice.one_in(4) { "@inbox" } else { room };
    let mut history = json!({"type": "history", "room": room});
    if dice.one_in(2) {
        history["before"] = json!(dice.one_of(&[0, 1, 2, 5, u64::MAX]));
    }
    if dice.one_in(2) {
        history["limit"] = json!(dice.one_of(&[1, 3, 1000]));
    }
    history
}

fn typing(dice: &mut Dice, room: &str, other: &str) -> Value {
    match dice.below(3) {
        0 => json!({"type": "typing", "to": format!("$user {other}"), "on": dice.one_in(2)}),
        1 => json!({"type": "typing", "room": room, "on": false}),
        _ => json!({"type": "typing", "room": room}),
    }
}

fn watch(dice: &mut Dice) -> Value {
    match dice.below(3) {
        0 => json!({"type": "watch_time", "mode": "random"}),
        1 => json!({"type": "watch_time", "every_ms": dice.one_of(&[1, 700, 5000, 60_001])}),
        _ => json!({"type": "watch_time"}),
    }
}
