//! The exact JSON that others rely on.

use serde_json::json;

use super::*;
use crate::games::connect4::{OutOfRange, Row};

/// As text, for the order of fields is part of how events are spliced together: `type` comes first.
fn told(game: &mut ConnectFour, by: Player, told: Told) -> Vec<String> {
    player(game, by, told).unwrap().iter().map(|event| serde_json::to_string(event).unwrap()).collect()
}

#[test]
fn events_have_the_protocols_fields() {
    let mut game = ConnectFour::default();
    let seated = tell(&mut game, Who::Visitor(&ada()), Command::Sit).unwrap();
    assert_eq!(
        serde_json::to_string(seated.first()).unwrap(),
        r#"{"type":"seated","player":"red","user":{"id":"00000000-0000-0000-0000-000000000001","name":"Ada"}}"#
    );

    let mut game = begun();
    assert_eq!(
        told(&mut game, Player::Red, drop_in(3)),
        [r#"{"type":"played","player":"red","column":3,"row":0,"turn":"yellow"}"#]
    );
    assert_eq!(
        told(&mut game, Player::Red, Command::Resign),
        [r#"{"type":"ended","result":"resigned","winner":"yellow","line":[]}"#]
    );
    assert_eq!(told(&mut game, Player::Red, Command::Rematch), [r#"{"type":"rematch_offered","player":"red"}"#]);
    assert_eq!(told(&mut game, Player::Yellow, Command::Rematch), [r#"{"type":"rematched","begins":"yellow"}"#]);
    assert_eq!(
        told(&mut game, Player::Yellow, Command::Forfeit),
        [r#"{"type":"ended","result":"forfeited","winner":"red","line":[]}"#]
    );
}

#[test]
fn a_win_tells_its_line_and_a_draw_none() {
    assert_eq!(
        told(&mut after(&RED_WINS[..6]), Player::Red, drop_in(0)),
        [
            r#"{"type":"played","player":"red","column":0,"row":3,"turn":null}"#,
            r#"{"type":"ended","result":"won","winner":"red","line":[[0,0],[0,1],[0,2],[0,3]]}"#,
        ]
    );
    let last = u64::from(DRAW.chars().last().unwrap().to_digit(10).unwrap());
    assert_eq!(
        told(&mut after(&DRAW[..41]), Player::Yellow, drop_in(last))[1],
        r#"{"type":"ended","result":"drawn","winner":null,"line":[]}"#
    );
}

#[test]
fn events_that_are_none_are_not_read() {
    for event in [
        json!({"type": "played", "player": "red", "column": 7, "row": 0, "turn": null}),
        json!({"type": "played", "player": "red", "column": 0, "row": 6, "turn": null}),
        json!({"type": "played", "player": "blue", "column": 0, "row": 0, "turn": null}),
        json!({"type": "ended", "result": "won", "winner": "red", "line": []}),
        json!({"type": "ended", "result": "won", "winner": null, "line": [[0, 0]]}),
        json!({"type": "ended", "result": "won", "winner": "red", "line": [[0, 6]]}),
        json!({"type": "ended", "result": "won", "winner": "red", "line": [[0, 0, 0]]}),
        json!({"type": "ended", "result": "drawn", "winner": "red", "line": []}),
        json!({"type": "ended", "result": "resigned", "winner": "red", "line": [[0, 0]]}),
        json!({"type": "message", "body": "hello"}),
    ] {
        assert!(serde_json::from_value::<Event>(event.clone()).is_err(), "{event}");
    }
}

#[test]
fn the_view_is_the_join_replys() {
    assert_eq!(
        serde_json::to_value(ConnectFour::default().view()).unwrap(),
        json!({
            "moves": [], "begins": "red", "turn": null, "status": "waiting",
            "result": null, "winner": null, "line": [], "round": 1, "rematch_offered": null,
        })
    );
    assert_eq!(
        serde_json::to_value(after("334").view()).unwrap(),
        json!({
            "moves": [3, 3, 4], "begins": "red", "turn": "yellow", "status": "playing",
            "result": null, "winner": null, "line": [], "round": 1, "rematch_offered": null,
        })
    );
    let mut won = after(RED_WINS);
    player(&mut won, Player::Yellow, Command::Rematch).unwrap();
    assert_eq!(
        serde_json::to_value(won.view()).unwrap(),
        json!({
            "moves": [0, 1, 0, 1, 0, 1, 0], "begins": "red", "turn": null, "status": "over", "result": "won", "winner": "red",
            "line": [[0, 0], [0, 1], [0, 2], [0, 3]], "round": 1, "rematch_offered": "yellow",
        })
    );
}

#[test]
fn a_column_is_a_whole_number_from_0_to_6() {
    for index in 0..7 {
        assert_eq!(
            serde_json::from_value::<DropDisc>(json!({"column": index})).unwrap(),
            DropDisc { column: column(index) }
        );
    }
    for wrong in [
        json!(-1),
        json!(7),
        json!(256),
        json!(u64::MAX),
        json!(1.5),
        json!(3.0),
        json!("3"),
        json!(null),
        json!([3]),
        json!(true),
    ] {
        let error = serde_json::from_value::<DropDisc>(json!({"column": wrong})).unwrap_err().to_string();
        assert!(error.ends_with("expected a whole number from 0 to 6 as `column`"), "{error}");
    }
    assert_eq!(serde_json::from_value::<DropDisc>(json!({})).unwrap_err().to_string(), "missing field `column`");
}

#[test]
fn a_number_off_the_board_is_no_coordinate() {
    let error: OutOfRange = Column::try_from(7).unwrap_err();
    assert_eq!(error.to_string(), "`column` must be a whole number from 0 to 6");
    assert_eq!(Row::try_from(6).unwrap_err().to_string(), "`row` must be a whole number from 0 to 5");
    assert!(Column::try_from(u64::from(u32::MAX) + 1).is_err());
    assert_eq!(Column::all().map(|column| u64::from(column.index())).collect::<Vec<_>>(), (0..7).collect::<Vec<_>>());
}

#[test]
fn a_receipt_tells_the_row_of_a_move() {
    let mut game = begun();
    let played = player(&mut game, Player::Red, drop_in(3)).unwrap();
    assert_eq!(serde_json::to_value(ConnectFour::receipt(played.first())).unwrap(), json!({"row": 0}));
    let ended = player(&mut game, Player::Red, Command::Resign).unwrap();
    assert_eq!(serde_json::to_value(ConnectFour::receipt(ended.first())).unwrap(), json!({}));
}
