//! Connect Four: moves, and how games end.

use parlor_testkit::connect4::{Board, COLUMNS, Colour, a_double_win, a_draw, check_log};
use parlor_testkit::list;
use serde_json::{Value, json};

use super::table::Table;
use crate::stage::{House, On};

/// Red has four on top of each other.
const RED_WINS: [usize; 7] = [0, 1, 0, 1, 0, 1, 0];

pub fn a_whole_game(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut spectator = house.person("Cleo");
    spectator.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    table.yellow.forget_heard();
    let mut board = Board::new(Colour::Red);
    for (n, column) in RED_WINS.into_iter().enumerate() {
        let colour = board.turn;
        let dropped = board.play(column);
        let request = json!({"type": "play", "room": table.room, "column": column});
        table.player(colour.other()).refused(request.clone(), "not_your_turn");
        let played = table.player(colour).ok(request);
        assert_eq!((&played["row"], &played["seq"]), (&json!(dropped.row), &json!(4 + n)));
        let turn = (!board.is_over).then(|| board.turn.word());
        let event = json!({"type": "played", "room": table.room, "seq": 4 + n, "player": colour.word(), "column": column, "row": dropped.row, "turn": turn});
        for client in [&mut table.red, &mut table.yellow, &mut spectator] {
            assert_eq!(client.event("played"), event);
        }
    }
    let ended = json!({"type": "ended", "room": table.room, "seq": 11, "result": "won", "winner": "red", "line": [[0, 0], [0, 1], [0, 2], [0, 3]]});
    for client in [&mut table.red, &mut table.yellow, &mut spectator] {
        assert_eq!(client.event("ended"), ended);
    }
    for client in [&mut table.red, &mut table.yellow] {
        for request in
            [json!({"type": "play", "room": table.room, "column": 3}), json!({"type": "resign", "room": table.room})]
        {
            client.refused(request, "game_over");
        }
    }
    let joined = house.guest().join(&table.room);
    let game = &joined["game"];
    assert_eq!((&game["status"], &game["turn"], &game["moves"]), (&json!("over"), &Value::Null, &json!(RED_WINS)));
    assert_eq!((&game["result"], &game["winner"], &game["line"]), (&json!("won"), &json!("red"), &ended["line"]));
    table.log();
}

pub fn a_double_press_is_one_move(on: On) {
    let house = House::open(on, &["--journal", "parlor.db"]);
    let mut table = Table::lay(&house);
    let moves = a_draw();
    for (n, column) in moves[..12].iter().enumerate() {
        let room = table.room.clone();
        let client = table.player([Colour::Red, Colour::Yellow][n % 2]);
        let asked = [*column, (column + 1) % COLUMNS]
            .map(|column| client.ask(json!({"type": "play", "room": room, "column": column})));
        let answers = asked.map(|id| client.answer(&id));
        assert_eq!((&answers[0]["type"], &answers[1]["code"]), (&json!("ok"), &json!("not_your_turn")), "{answers:?}");
        let event = client.event_where("played", |event| event["seq"] == answers[0]["seq"]);
        assert_eq!(event["column"], json!(column));
    }
    let mut second_tab = house.guest();
    second_tab.ok(table.seat_of_red());
    let play = |column| json!({"type": "play", "room": table.room, "column": column});
    let asked = (table.red.ask(play(moves[12])), second_tab.ask(play(moves[12])));
    let answers = [table.red.answer(&asked.0), second_tab.answer(&asked.1)];
    assert_eq!(answers.iter().filter(|answer| answer["type"] == "ok").count(), 1, "{answers:?}");
    table.log();
}

pub fn moves_that_cannot_be_made(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    for column in [json!(-1), json!(7), json!(1.5), json!(3.0), json!("3"), Value::Null, json!([3]), json!(u64::MAX)] {
        table.red.refused(json!({"type": "play", "room": table.room, "column": column}), "bad_request");
    }
    table.red.refused(table.request("play"), "bad_request");
    table.red.refused(table.request("rematch"), "forbidden");
    table.play(&[3, 3, 3, 3, 3, 3]);
    table.red.refused(json!({"type": "play", "room": table.room, "column": 3}), "column_full");
    table.yellow.refused(json!({"type": "play", "room": table.room, "column": 3}), "not_your_turn");
    table.red.ok(json!({"type": "play", "room": table.room, "column": 2}));
    assert_eq!(
        table.log().iter().filter(|event| event["type"] == "played").count(),
        7,
        "and nothing else has happened"
    );
}

pub fn a_drawn_game(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&a_draw());
    let ended = table.yellow.event("ended");
    assert_eq!((&ended["result"], &ended["winner"], &ended["line"]), (&json!("drawn"), &Value::Null, &json!([])));
    table.log();
}

pub fn a_win_of_two_lines_shows_every_square(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&a_double_win());
    let ended = table.yellow.event("ended");
    assert!(list(&ended["line"]).len() >= 7, "{ended}");
    table.log(); // where the oracle compares square by square
}

pub fn a_rematch_is_begun_by_the_other(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&RED_WINS);
    let rematch = table.request("rematch");
    let offered = table.red.ok(rematch.clone());
    let event = table.yellow.event("rematch_offered");
    assert_eq!(event, json!({"type": "rematch_offered", "room": table.room, "seq": offered["seq"], "player": "red"}));
    table.red.refused(json!({"type": "play", "room": table.room, "column": 0}), "game_over");
    let agreed = table.yellow.ok(rematch.clone());
    let event = table.red.event("rematched");
    assert_eq!(event, json!({"type": "rematched", "room": table.room, "seq": agreed["seq"], "begins": "yellow"}));
    table.red.refused(json!({"type": "play", "room": table.room, "column": 0}), "not_your_turn");
    for n in 0..7 {
        let play = json!({"type": "play", "room": table.room, "column": n % 2});
        table.player([Colour::Yellow, Colour::Red][n % 2]).ok(play);
    }
    let ended = table.red.event_where("ended", |event| event["winner"] == "yellow");
    assert_eq!(ended["result"], "won", "seats keep their colour");
    table.yellow.ok(rematch.clone());
    table.red.ok(rematch);
    assert_eq!(table.yellow.event_where("rematched", |event| event["begins"] == "red")["begins"], "red");
    let rounds = check_log(&table.log());
    assert_eq!(rounds.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 0]);
}

pub fn an_offered_rematch_is_withdrawn(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&RED_WINS);
    let withdraw = json!({"type": "rematch", "room": table.room, "offer": false});
    table.red.refused(withdraw.clone(), "forbidden");
    let rematch = table.request("rematch");
    table.red.ok(rematch.clone());
    table.yellow.refused(withdraw.clone(), "forbidden");
    let done = table.red.ok(withdraw.clone());
    let event = table.yellow.event("rematch_withdrawn");
    assert_eq!(event, json!({"type": "rematch_withdrawn", "room": table.room, "seq": done["seq"], "player": "red"}));
    let joined = house.person("Cleo").ok(json!({"type": "join", "room": table.room}));
    assert_eq!(joined["game"]["rematch_offered"], Value::Null);
    table.yellow.ok(rematch);
    table.red.event_where("rematch_offered", |event| event["player"] == "yellow");
}
