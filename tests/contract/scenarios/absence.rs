//! Games: who holds a seat, and who is away. Nothing here is about one game: [`crate::game`] says which is played.

use parlor_testkit::{list, text};
use serde_json::{Value, json};

use super::table::Table;
use crate::game;
use crate::stage::{House, On};

pub fn a_seat_comes_back_on_any_connection(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.open(0, 2);
    let secret = table.seat_of_red();
    table.red = house.guest(); // not even the same user
    let joined = table.red.ok(secret);
    let shown = &joined["game"];
    let first = json!(game().first());
    assert_eq!((&shown["you"], &shown["moves"], &shown["turn"]), (&first, &json!(game().opening[..2]), &first));
    table.yellow = house.guest();
    table.yellow.ok(json!({"type": "join", "room": table.room, "seat": table.seat}));
    table.open(2, 6);
    table.log();
}

pub fn the_newest_holder_plays(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let room = table.room.clone();
    let play = |n: usize| game().play(&room, game().opening[n]);
    let mut newest = house.guest();
    newest.ok(table.seat_of_red());
    newest.ok(play(0));
    table.yellow.ok(play(1));
    let answer = table.red.request(play(4));
    assert_eq!(answer["code"], "not_your_turn", "another holds the seat now: {answer}");
    newest.ok(play(2));
    let moves: Vec<Value> =
        table.log().iter().filter(|event| event["type"] == "played").map(|event| event[game().field].clone()).collect();
    assert_eq!(moves, game().opening[..3]);
    table.yellow.ok(play(3));
    let seat = table.seat_of_red();
    table.red.ok(seat);
    table.red.ok(play(4));
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
        assert_eq!((&away["room"], &away["player"]), (&json!(table.room), &json!(game().first())));
        assert!(chrono::DateTime::parse_from_rfc3339(&text(&away["forfeits_at"])).is_ok());
        assert_eq!(away.get("seq"), None, "it is not kept");
        let joined = house.guest().join(&table.room);
        let players = &joined["game"]["players"];
        assert_eq!(
            (&players[game().first()]["online"], &players[game().second()]["online"]),
            (&json!(false), &json!(true))
        );
        assert_eq!(players[game().first()]["forfeits_at"], away["forfeits_at"]);
        table.red.ok(seat.clone());
        assert_eq!(table.yellow.event("back"), json!({"type": "back", "room": table.room, "player": game().first()}));
    }
    table.win();
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
    table.red.ok(game().play(&room, game().opening[0]));
    assert_eq!(table.red.event("away")["player"], game().second(), "now it is their turn");
    table.yellow.ok(json!({"type": "join", "room": room, "seat": seat}));
    assert_eq!(table.red.event("back")["player"], game().second());
    // Two connections hold the seat; one goes.
    let mut second = house.guest();
    second.ok(json!({"type": "join", "room": room, "seat": seat}));
    let user = second.user.clone();
    drop(second);
    table.red.event_where("left", |event| event["user"] == user);
    table.yellow.ok(game().play(&room, game().opening[1]));
    let heard = table.red.all();
    assert!(heard.iter().all(|event| event["type"] != "away"), "somebody held it all the time: {heard:#?}");
}

pub fn away_too_long_is_a_forfeit(on: On) {
    let house = House::open(on, &["--forfeit-after", "300ms"]);
    let mut table = Table::lay(&house);
    table.open(0, 1);
    let (seat, room) = (table.seat.clone(), table.room.clone());
    table.yellow = house.guest();
    assert_eq!(table.red.event("away")["player"], game().second());
    let ended = table.red.event("ended");
    assert_eq!(
        (&ended["result"], &ended["winner"], &ended["line"]),
        (&json!("forfeited"), &json!(game().first()), &json!([]))
    );
    assert_eq!(ended["seq"], 5);
    let back = table.yellow.ok(json!({"type": "join", "room": room, "seat": seat}));
    assert_eq!((&back["game"]["status"], &back["game"]["result"]), (&json!("over"), &json!("forfeited")));
    table.yellow.refused(game().play(&room, game().opening[0]), "game_over");
    for client in [&mut table.red, &mut table.yellow] {
        client.ok(json!({"type": "rematch", "room": room}));
    }
    table.yellow.ok(game().play(&room, game().opening[0]));
    table.log();
}

pub fn a_restart_does_not_stop_the_countdown(on: On) {
    let mut house = House::open(on, &["--journal", "parlor.db", "--forfeit-after", "300ms"]);
    let mut table = Table::lay(&house);
    table.open(0, 1);
    house.kill();
    house.restart();
    table.red = house.guest();
    let joined = table.red.ok(table.seat_of_red());
    let last = list(&joined["events"]).last().unwrap().clone();
    let ended = if last["type"] == "ended" { last } else { table.red.event("ended") };
    assert_eq!(
        (&ended["result"], &ended["winner"]),
        (&json!("forfeited"), &json!(game().first())),
        "yellow did not come back"
    );
    table.log();
}
