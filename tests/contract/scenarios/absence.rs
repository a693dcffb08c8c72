//! Connect Four: who holds a seat, and who is away.

use parlor_testkit::{list, text};
use serde_json::{Value, json};

use super::table::{RED_WINS, Table};
use crate::stage::{House, On};

pub fn a_seat_comes_back_on_any_connection(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&[3, 3]);
    let secret = table.seat_of_red();
    table.red = house.guest(); // not even the same user
    let joined = table.red.ok(secret);
    let game = &joined["game"];
    assert_eq!((&game["you"], &game["moves"], &game["turn"]), (&json!("red"), &json!([3, 3]), &json!("red")));
    table.yellow = house.guest();
    table.yellow.ok(json!({"type": "join", "room": table.room, "seat": table.seat}));
    table.play(&[0, 1, 0, 1]);
    table.log();
}

pub fn the_newest_holder_plays(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut newest = house.guest();
    newest.ok(table.seat_of_red());
    newest.ok(json!({"type": "play", "room": table.room, "column": 0}));
    table.yellow.ok(json!({"type": "play", "room": table.room, "column": 1}));
    let answer = table.red.request(json!({"type": "play", "room": table.room, "column": 6}));
    assert_eq!(answer["code"], "not_your_turn", "another holds the seat now: {answer}");
    newest.ok(json!({"type": "play", "room": table.room, "column": 0}));
    let moves: Vec<Value> =
        table.log().iter().filter(|event| event["type"] == "played").map(|event| event["column"].clone()).collect();
    assert_eq!(moves, [0, 1, 0]);
    table.yellow.ok(json!({"type": "play", "room": table.room, "column": 1}));
    let seat = table.seat_of_red();
    table.red.ok(seat);
    table.red.ok(json!({"type": "play", "room": table.room, "column": 6}));
}

pub fn away_and_back(on: On) {
    let house = House::open(on, &["--presence-grace", "5m"]);
    let mut table = Table::lay(&house);
    let mut cleo = house.guest();
    cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    let seat = table.seat_of_red();
    for _ in 0..2 {
        table.red = house.guest(); // the one before drops, without the presence grace
        let away = table.yellow.event("away");
        assert_eq!(away, cleo.event("away"));
        assert_eq!((&away["room"], &away["player"]), (&json!(table.room), &json!("red")));
        assert!(chrono::DateTime::parse_from_rfc3339(&text(&away["forfeits_at"])).is_ok());
        assert_eq!(away.get("seq"), None, "it is not kept");
        let joined = house.guest().join(&table.room);
        let players = &joined["game"]["players"];
        assert_eq!((&players["red"]["online"], &players["yellow"]["online"]), (&json!(false), &json!(true)));
        assert_eq!(players["red"]["forfeits_at"], away["forfeits_at"]);
        table.red.ok(seat.clone());
        assert_eq!(table.yellow.event("back"), json!({"type": "back", "room": table.room, "player": "red"}));
    }
    table.play(&RED_WINS);
    assert_eq!(table.yellow.event("ended")["result"], "won");
    table.log();
}

pub fn away_off_turn_is_no_matter(on: On) {
    let house = House::open(on, &["--presence-grace", "0s"]);
    let mut table = Table::lay(&house);
    let (user, seat, room) = (table.yellow.user.clone(), table.seat.clone(), table.room.clone());
    table.yellow = house.guest(); // off turn, the one before drops
    table.red.event_where("left", |event| event["user"] == user);
    let heard = table.red.all();
    assert!(heard.iter().all(|event| event["type"] != "away"), "{heard:#?}");
    table.red.ok(json!({"type": "play", "room": room, "column": 0}));
    assert_eq!(table.red.event("away")["player"], "yellow", "now it is their turn");
    table.yellow.ok(json!({"type": "join", "room": room, "seat": seat}));
    assert_eq!(table.red.event("back")["player"], "yellow");
    // Two connections hold the seat; one goes.
    let mut second = house.guest();
    second.ok(json!({"type": "join", "room": room, "seat": seat}));
    let user = second.user.clone();
    drop(second);
    table.red.event_where("left", |event| event["user"] == user);
    table.yellow.ok(json!({"type": "play", "room": room, "column": 1}));
    let heard = table.red.all();
    assert!(heard.iter().all(|event| event["type"] != "away"), "somebody held it all the time: {heard:#?}");
}

pub fn away_too_long_is_a_forfeit(on: On) {
    let house = House::open(on, &["--forfeit-after", "300ms"]);
    let mut table = Table::lay(&house);
    table.play(&[3]);
    let (seat, room) = (table.seat.clone(), table.room.clone());
    table.yellow = house.guest();
    assert_eq!(table.red.event("away")["player"], "yellow");
    let ended = table.red.event("ended");
    assert_eq!((&ended["result"], &ended["winner"], &ended["line"]), (&json!("forfeited"), &json!("red"), &json!([])));
    assert_eq!(ended["seq"], 5);
    let back = table.yellow.ok(json!({"type": "join", "room": room, "seat": seat}));
    assert_eq!((&back["game"]["status"], &back["game"]["result"]), (&json!("over"), &json!("forfeited")));
    table.yellow.refused(json!({"type": "play", "room": room, "column": 0}), "game_over");
    for client in [&mut table.red, &mut table.yellow] {
        client.ok(json!({"type": "rematch", "room": room}));
    }
    table.yellow.ok(json!({"type": "play", "room": room, "column": 0}));
    table.log();
}

pub fn a_restart_does_not_stop_the_countdown(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db", "--forfeit-after", "300ms"]);
    let mut table = Table::lay(&house);
    table.play(&[3]);
    house.kill();
    house.restart();
    table.red = house.guest();
    let joined = table.red.ok(table.seat_of_red());
    let last = list(&joined["events"]).last().unwrap().clone();
    let ended = if last["type"] == "ended" { last } else { table.red.event("ended") };
    assert_eq!((&ended["result"], &ended["winner"]), (&json!("forfeited"), &json!("red")), "yellow did not come back");
    table.log();
}
