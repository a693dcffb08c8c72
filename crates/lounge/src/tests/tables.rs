//! Games: seats, keys, moves, being away.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{Someone, Stage, settings, text, types};

struct Game {
    stage: Stage,
    red: Someone,
    yellow: Someone,
    made: Value,
    room: String,
    yellow_seat: String,
}

fn game() -> Game {
    let mut stage = Stage::new();
    let (red, yellow) = (stage.enter(), stage.enter());
    let made = stage.ok(red.client, json!({"type": "create", "kind": "connect4", "unlisted": true}));
    let room = text(&made["room"]);
    let joined = stage.ok(red.client, json!({"type": "join", "room": room, "seat": made["seat"]}));
    assert_eq!(joined["game"]["you"], "red");
    assert_eq!(joined["game"]["status"], "waiting");
    assert_eq!(joined["game"].get("seat"), None);
    let joined = stage.ok(yellow.client, json!({"type": "join", "key": made["join"]}));
    assert_eq!(joined["game"]["you"], "yellow");
    assert_eq!(joined["game"]["status"], "playing");
    assert_eq!(joined["game"]["turn"], "red");
    assert_eq!(joined["room"], room);
    let yellow_seat = text(&joined["game"]["seat"]);
    stage.deaf(&[red.client, yellow.client]);
    Game { stage, red, yellow, made, room, yellow_seat }
}

impl Game {
    fn play(&mut self, red: bool, column: u8) -> Value {
        let client = if red { self.red.client } else { self.yellow.client };
        self.stage.ok(client, json!({"type": "play", "room": self.room, "column": column}))
    }

    fn win(&mut self) {
        for (red, column) in [(true, 0), (false, 1), (true, 0), (false, 1), (true, 0), (false, 1), (true, 0)] {
            self.play(red, column);
        }
    }

    fn joined(&mut self) -> Value {
        let (client, room) = (self.red.client, self.room.clone());
        self.stage.join(client, &room)
    }
}

#[test]
fn two_play_and_a_third_watches() {
    let mut game = game();
    let watcher = game.stage.enter();
    let joined = game.stage.ok(watcher.client, json!({"type": "join", "key": game.made["watch"]}));
    assert_eq!(joined["game"]["you"], Value::Null);
    assert_eq!(joined["game"]["spectators"], 1);
    let room = game.room.clone();
    for watching in ["play", "resign", "rematch"] {
        let frame = json!({"type": watching, "room": room, "column": 3});
        assert_eq!(game.stage.error(watcher.client, frame), "not_a_player");
    }
    assert_eq!(
        game.stage.error(game.yellow.client, json!({"type": "play", "room": room, "column": 3})),
        "not_your_turn"
    );
    let moved = game.play(true, 3);
    assert_eq!(moved["row"], 0);
    let heard = game.stage.hear(watcher.client);
    let played = heard.iter().find(|event| event["type"] == "played").unwrap();
    assert_eq!(played["seq"], moved["seq"]);
    assert_eq!(played["turn"], "yellow");
    game.play(false, 3);
    game.play(true, 3);
    let joined = game.stage.join(watcher.client, &room);
    assert_eq!(joined["game"]["moves"], json!([3, 3, 3]));
}

#[test]
fn a_won_game_is_over_until_both_want_another() {
    let mut game = game();
    game.win();
    let room = game.room.clone();
    let heard = game.stage.hear(game.yellow.client);
    let ended = heard.last().unwrap();
    assert_eq!((ended["type"].as_str(), ended["winner"].as_str()), (Some("ended"), Some("red")));
    assert_eq!(game.stage.error(game.yellow.client, json!({"type": "play", "room": room, "column": 3})), "game_over");
    game.stage.ok(game.yellow.client, json!({"type": "rematch", "room": room}));
    game.stage.ok(game.red.client, json!({"type": "rematch", "room": room}));
    let heard = game.stage.hear(game.yellow.client);
    assert_eq!(types(&heard), ["rematched"], "the offer came with the answer");
    assert_eq!(game.joined()["game"]["turn"], "yellow");
}

#[test]
fn an_unlisted_game_needs_a_key() {
    let mut game = game();
    let other = game.stage.enter().client;
    let room = game.room.clone();
    assert_eq!(game.stage.error(other, json!({"type": "join", "room": room})), "forbidden");
    assert_eq!(game.stage.error(other, json!({"type": "join", "room": room, "sit": true})), "forbidden");
    assert_eq!(game.stage.error(other, json!({"type": "join", "room": room, "seat": "x"})), "forbidden");
    assert_eq!(game.stage.error(other, json!({"type": "join", "key": "x"})), "no_such_room");
    let near = format!("{}x", text(&game.made["join"]));
    assert_eq!(game.stage.error(other, json!({"type": "join", "key": near})), "no_such_room");
    assert_eq!(game.stage.error(other, json!({"type": "history", "room": room})), "not_in_room");
    assert_eq!(game.stage.error(other, json!({"type": "users", "room": room})), "not_in_room");
    let joined = game.stage.ok(other, json!({"type": "join", "key": game.made["join"]}));
    assert_eq!(joined["game"]["you"], Value::Null, "both seats are taken");
    assert_eq!(game.stage.ok(other, json!({"type": "rooms"}))["rooms"], json!([]));
}

#[test]
fn a_listed_game_stands_in_the_lobby_until_somebody_sits() {
    let mut stage = Stage::new();
    let (ann, bob, cid) = (stage.enter(), stage.enter(), stage.enter());
    stage.ok(ann.client, json!({"type": "create", "kind": "connect4", "room": "table"}));
    assert_eq!(stage.ok(bob.client, json!({"type": "rooms"}))["rooms"][0]["seats_free"], 1);
    assert_eq!(stage.join(cid.client, "table")["game"]["you"], Value::Null);
    let sat = stage.ok(bob.client, json!({"type": "join", "room": "table", "sit": true}));
    assert_eq!(sat["game"]["you"], "yellow");
    assert_eq!(stage.ok(bob.client, json!({"type": "rooms"}))["rooms"][0]["seats_free"], 0);
    let late = stage.ok(cid.client, json!({"type": "join", "room": "table", "sit": true}));
    assert_eq!(late["game"]["you"], Value::Null);
    assert_eq!(stage.error(cid.client, json!({"type": "join", "room": "none", "sit": true})), "no_such_room");
    stage.join(cid.client, "talk");
    assert_eq!(stage.error(cid.client, json!({"type": "join", "room": "talk", "sit": true})), "no_such_game");
}

#[test]
fn who_is_away_in_their_turn_forfeits() {
    let mut game = game();
    game.play(true, 0);
    game.stage.deaf(&[game.red.client, game.yellow.client]);
    game.stage.harness.drop_client(game.yellow.client);
    let heard = game.stage.hear(game.red.client);
    assert_eq!(types(&heard), ["away"]);
    assert_eq!(heard[0]["player"], "yellow");
    let players = game.joined()["game"]["players"].clone();
    assert_eq!(players["yellow"]["online"], false);
    assert_eq!(players["yellow"]["forfeits_at"], heard[0]["forfeits_at"]);
    game.stage.pass(59);
    assert_eq!(types(&game.stage.hear(game.red.client)), ["left"]);
    game.stage.pass(1);
    let heard = game.stage.hear(game.red.client);
    assert_eq!(types(&heard), ["ended"]);
    assert_eq!((&heard[0]["result"], &heard[0]["winner"]), (&json!("forfeited"), &json!("red")));
    game.stage.pass(120);
    assert_eq!(game.stage.hear(game.red.client), Vec::<Value>::new());
}

#[test]
fn who_comes_back_in_time_plays_on() {
    let mut game = game();
    game.stage.harness.drop_client(game.red.client);
    assert_eq!(types(&game.stage.hear(game.yellow.client)), ["away"]);
    game.stage.pass(59);
    let red = game.stage.enter();
    let room = game.room.clone();
    let joined = game.stage.ok(red.client, json!({"type": "join", "room": room, "seat": game.made["seat"]}));
    assert_eq!(joined["game"]["you"], "red");
    assert_eq!(joined["game"]["players"]["red"].get("forfeits_at"), None);
    assert_eq!(types(&game.stage.hear(game.yellow.client)), ["left", "joined", "back"]);
    game.stage.pass(120);
    game.stage.ok(red.client, json!({"type": "play", "room": room, "column": 0}));
}

#[test]
fn who_is_away_off_turn_has_time() {
    let mut game = game();
    game.stage.harness.drop_client(game.yellow.client);
    assert_eq!(game.stage.hear(game.red.client), Vec::<Value>::new());
    game.stage.pass(300);
    game.stage.deaf(&[game.red.client]);
    game.play(true, 0);
    assert_eq!(types(&game.stage.hear(game.red.client)), Vec::<&str>::new(), "taken by the answer");
    assert!(game.joined()["game"]["players"]["yellow"]["forfeits_at"].is_string());
}

#[test]
fn the_newest_holder_plays() {
    let mut game = game();
    let room = game.room.clone();
    let newer = game.stage.enter().client;
    game.stage.ok(newer, json!({"type": "join", "room": room, "seat": game.made["seat"]}));
    let play = json!({"type": "play", "room": room, "column": 0});
    assert_eq!(game.stage.error(game.red.client, play.clone()), "not_your_turn");
    game.stage.ok(newer, play.clone());
    game.play(false, 0);
    game.stage.deaf(&[game.yellow.client]);
    game.stage.harness.drop_client(newer);
    assert_eq!(types(&game.stage.hear(game.yellow.client)), Vec::<&str>::new(), "the older one still holds the seat");
    game.stage.ok(game.red.client, play);
}

#[test]
fn a_game_outlives_the_server() {
    let mut game = game();
    game.play(true, 3);
    let (made, seat, room) = (game.made.clone(), game.yellow_seat.clone(), game.room.clone());
    let mut stage = game.stage.again(settings());
    let (red, yellow) = (stage.enter(), stage.enter());
    let joined = stage.ok(red.client, json!({"type": "join", "room": room, "seat": made["seat"]}));
    assert_eq!(joined["game"]["moves"], json!([3]));
    assert_eq!(joined["game"]["turn"], "yellow");
    assert!(joined["game"]["players"]["yellow"]["forfeits_at"].is_string());
    let joined = stage.ok(yellow.client, json!({"type": "join", "key": made["watch"], "seat": seat}));
    assert_eq!(joined["game"]["you"], "yellow");
    assert_eq!(types(&stage.hear(red.client)), ["joined", "back"]);
    stage.ok(yellow.client, json!({"type": "play", "room": room, "column": 3}));
}

#[test]
fn a_seat_whose_proof_was_lost_is_its_owners_again() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    let made = stage.ok(ann.client, json!({"type": "create", "kind": "connect4"}));
    let first = stage.ok(bob.client, json!({"type": "join", "key": made["join"]}));
    stage.harness.drop_client(bob.client);
    let other = stage.enter();
    assert_eq!(stage.ok(other.client, json!({"type": "join", "key": made["join"]}))["game"]["you"], Value::Null);
    let again = stage.resume(&bob.token);
    assert_eq!(again.id, bob.id);
    let joined = stage.ok(again.client, json!({"type": "join", "key": made["join"]}));
    assert_eq!(joined["game"]["you"], "yellow");
    assert_ne!(joined["game"]["seat"], first["game"]["seat"]);
    let old = json!({"type": "join", "key": made["join"], "seat": first["game"]["seat"]});
    assert_eq!(stage.error(other.client, old), "forbidden");
}

#[test]
fn two_who_press_at_once_move_once() {
    let mut game = game();
    let room = game.room.clone();
    game.stage.harness.hold_journal();
    for (client, id) in [(game.red.client, 1), (game.red.client, 2), (game.yellow.client, 3)] {
        game.stage.say(client, &json!({"id": id, "type": "play", "room": room, "column": 3}));
    }
    assert_eq!(game.stage.hear(game.red.client), Vec::<Value>::new());
    game.stage.harness.release_journal(Ok(()));
    let heard = game.stage.hear(game.red.client);
    assert_eq!(types(&heard), ["played", "ok", "played", "error"]);
    assert_eq!(heard[3]["code"], "not_your_turn");
}

#[test]
fn a_forfeit_that_can_not_be_written_is_tried_again() {
    let mut game = game();
    game.stage.harness.drop_client(game.red.client);
    game.stage.harness.set_journal_fault(Some("full"));
    game.stage.pass(90);
    game.stage.deaf(&[game.yellow.client]);
    game.stage.harness.set_journal_fault(None);
    game.stage.harness.advance(Duration::from_secs(1));
    assert_eq!(types(&game.stage.hear(game.yellow.client)), ["ended"]);
}

/// The countdown has ended, but the journal is slow, and the player is back before anything is decided.
#[test]
fn who_is_back_before_it_is_decided_does_not_forfeit() {
    let mut game = game();
    let (room, seat) = (game.room.clone(), game.made["seat"].clone());
    game.stage.harness.drop_client(game.red.client);
    game.stage.harness.hold_journal();
    game.stage.say(game.yellow.client, &json!({"type": "say", "room": room, "body": "where are you?"}));
    game.stage.pass(70);
    let red = game.stage.enter().client;
    game.stage.ok(red, json!({"type": "join", "room": room, "seat": seat}));
    game.stage.harness.release_journal(Ok(()));
    assert_eq!(types(&game.stage.hear(game.yellow.client)), ["away", "left", "joined", "back", "message"]);
    game.stage.ok(red, json!({"type": "play", "room": room, "column": 3}));
}

/// The answers of Connect Four to what is no move, byte for byte, wherever they are asked.
#[test]
fn what_is_no_move_is_answered_alike_everywhere() {
    let mut game = game();
    let room = game.room.clone();
    let outsider = game.stage.enter();
    game.stage.join(outsider.client, "talk");
    for (client, room) in [
        (game.red.client, room.as_str()),
        (game.yellow.client, &room),
        (outsider.client, "talk"),
        (outsider.client, "nowhere"),
    ] {
        for (column, message) in [
            ("7", r#"\"column\" must be an integer from 0 to 6"#),
            ("3.0", r#"\"column\" must be an integer from 0 to 6"#),
            ("null", r#"\"column\" must be an integer from 0 to 6"#),
        ] {
            let play = format!(r#"{{"type":"play","id":"p","room":"{room}","column":{column}}}"#);
            game.stage.deaf(&[client]);
            game.stage.harness.say(client, &play);
            let answer = format!(
                r#"{{"type":"error","re":"p","code":"bad_request","message":"{message}","field":"column","min":0,"max":6}}"#
            );
            assert_eq!(game.stage.harness.heard(client), [answer]);
        }
        game.stage.harness.say(client, &format!(r#"{{"type":"play","id":1,"room":"{room}"}}"#));
        let missing = r#"{"type":"error","re":1,"code":"bad_request","message":"\"column\" is missing: it must be an integer from 0 to 6","field":"column","min":0,"max":6}"#;
        assert_eq!(game.stage.harness.heard(client), [missing]);
    }
    let refused = game.stage.ask(outsider.client, json!({"type": "create", "kind": "chess"})).0;
    assert_eq!(refused["message"], r#""kind" must be "chat", "connect4" or "counter""#);
    assert_eq!((&refused["field"], &refused["allowed"]), (&json!("kind"), &json!(["chat", "connect4", "counter"])));
}

#[test]
fn coming_and_going_leaves_no_timers() {
    let mut stage =
        Stage::with(crate::LoungeSettings { forfeit_after: Duration::from_secs(30 * 24 * 3600), ..settings() });
    let timers = |stage: &Stage| {
        let gauges = parlor_core::App::gauges(stage.harness.app());
        gauges.iter().find(|gauge| gauge.name == "timers").unwrap().value
    };
    let (red, yellow) = (stage.enter(), stage.enter());
    let made = stage.ok(red.client, json!({"type": "create", "kind": "connect4", "room": "table"}));
    stage.ok(red.client, json!({"type": "join", "room": "table", "seat": made["seat"]}));
    stage.ok(yellow.client, json!({"type": "join", "key": made["join"]}));
    let mut red = red.client;
    for _ in 0..50 {
        stage.harness.drop_client(red);
        red = stage.enter().client;
        stage.ok(red, json!({"type": "join", "room": "table", "seat": made["seat"]}));
        stage.pass(3600);
    }
    assert_eq!(timers(&stage), 1.0, "the sweep");
}
