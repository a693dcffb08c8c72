//! Stored games can be read back; impossible ones are refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::log::{a_script, perform};
use super::*;
use crate::games::connect4::Corrupt;

fn read(stored: Value) -> Result<ConnectFour, String> {
    serde_json::from_value(stored).map_err(|error| error.to_string())
}

/// A sound game with some fields overwritten.
fn with(moves: &str, changes: Value) -> Value {
    let mut stored = serde_json::to_value(after(moves)).unwrap();
    for (field, value) in changes.as_object().unwrap() {
        assert!(stored.as_object_mut().unwrap().insert(field.clone(), value.clone()).is_some(), "{field}");
    }
    stored
}

#[test]
fn it_is_written_as_others_will_read_it() {
    let mut game = after(RED_WINS);
    player(&mut game, Player::Yellow, Command::Rematch).unwrap();
    assert_eq!(
        serde_json::to_string(&game).unwrap(),
        concat!(
            r#"{"round":1,"begins":"red","moves":"0101010","result":"won","winner":"red","#,
            r#""red":{"id":"00000000-0000-0000-0000-000000000001","name":"Ada"},"#,
            r#""yellow":{"id":"00000000-0000-0000-0000-000000000002","name":"Bob"},"rematch_offered":"yellow"}"#,
        )
    );
}

#[test]
fn corrupt_games_are_refused() {
    let cases = [
        (with("", json!({"round": 0, "begins": "yellow"})), Corrupt::WrongRound),
        (with("", json!({"round": 2})), Corrupt::WrongRound),
        (with("334", json!({"begins": "yellow"})), Corrupt::WrongRound),
        (with("", json!({"moves": "7"})), Corrupt::NoSuchColumn),
        (with("", json!({"moves": "3 3"})), Corrupt::NoSuchColumn),
        (with("", json!({"moves": "٣"})), Corrupt::NoSuchColumn),
        (with("", json!({"moves": "3333333"})), Corrupt::IllegalMove),
        (with(RED_WINS, json!({"moves": "01010101"})), Corrupt::IllegalMove),
        (with(DRAW, json!({"moves": DRAW.repeat(1000)})), Corrupt::IllegalMove),
        (with(RED_WINS, json!({"result": null})), Corrupt::WrongResult),
        (with(RED_WINS, json!({"winner": null})), Corrupt::WrongResult),
        (with(RED_WINS, json!({"winner": "yellow"})), Corrupt::WrongResult),
        (with(RED_WINS, json!({"result": "drawn", "winner": null})), Corrupt::WrongResult),
        (with(RED_WINS, json!({"result": "resigned"})), Corrupt::WrongResult),
        (with(DRAW, json!({"result": "won", "winner": "red"})), Corrupt::WrongResult),
        (with("334", json!({"result": "won", "winner": "red"})), Corrupt::WrongResult),
        (with("334", json!({"result": "drawn"})), Corrupt::WrongResult),
        (with("334", json!({"winner": "red"})), Corrupt::WrongResult),
        (with("334", json!({"result": "resigned"})), Corrupt::WrongResult),
        (with("334", json!({"result": "forfeited", "winner": "yellow"})), Corrupt::WrongResult),
        (with("", json!({"red": null})), Corrupt::EmptySeat),
        (with("334", json!({"yellow": null})), Corrupt::EmptySeat),
        (with("", json!({"round": 3, "yellow": null})), Corrupt::EmptySeat),
        (with("", json!({"result": "resigned", "winner": "red", "yellow": null})), Corrupt::EmptySeat),
        (with("334", json!({"rematch_offered": "red"})), Corrupt::EarlyOffer),
    ];
    for (stored, corrupt) in cases {
        assert_eq!(read(stored.clone()), Err(corrupt.to_string()), "{stored}");
    }
}

#[test]
fn what_is_no_game_at_all_is_refused() {
    for stored in [json!(null), json!([]), json!({}), json!({"round": 1, "begins": "red", "moves": "3"}), json!("334")]
    {
        assert!(read(stored).is_err());
    }
    assert!(read(with("", json!({"round": -1}))).is_err());
    assert!(read(with("", json!({"begins": "blue"}))).is_err());
    assert!(read(with("", json!({"moves": [3, 3, 4]}))).is_err());
    assert!(read(with("", json!({"red": {"id": "1", "name": "Ada"}}))).is_err());
}

#[test]
fn the_highest_round_is_no_trouble() {
    let mut game = read(with(RED_WINS, json!({"round": u32::MAX}))).unwrap();
    for who in [Player::Red, Player::Yellow] {
        player(&mut game, who, Command::Rematch).unwrap();
    }
    assert_eq!(game.position().begins(), Player::Yellow);
    assert!(read(serde_json::to_value(&game).unwrap()).is_ok());
}

proptest! {
    #[test]
    fn stored_and_restored_it_is_the_same(script in a_script()) {
        let (game, _) = perform(script);
        let stored = serde_json::to_string(&game).unwrap();
        prop_assert_eq!(serde_json::from_str::<ConnectFour>(&stored).unwrap(), game);
    }

    /// One changed byte gives an error or another sound game, which is stored just as it was read.
    #[test]
    fn a_flipped_byte_is_an_error_or_another_game(
        script in a_script(), at in any::<prop::sample::Index>(), byte in 0x20..0x7f_u8,
    ) {
        let (game, _) = perform(script);
        let mut stored = serde_json::to_vec(&game).unwrap();
        let at = at.index(stored.len());
        stored[at] = byte;
        if let Ok(read) = serde_json::from_slice::<ConnectFour>(&stored) {
            let again = serde_json::to_string(&read).unwrap();
            prop_assert_eq!(serde_json::from_str::<ConnectFour>(&again).unwrap(), read);
        }
    }
}
