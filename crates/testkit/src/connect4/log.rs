//! The log of a game's room: each event must be legal after those before it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Board, Colour, End};

/// The state of a game after the events so far.
#[derive(Debug)]
pub struct Log {
    pub board: Board,
    /// The moves of each round.
    pub rounds: Vec<Vec<usize>>,
    /// The player who asked for a rematch and waits for the answer.
    pub offered: Option<String>,
    pub is_ended: bool,
    seats: usize,
    begins: Colour,
    events: usize,
    /// The `ended` that must come next.
    ending: Option<Value>,
}

impl Log {
    /// # Panics
    /// If the events are not the beginning of a legal log.
    pub fn of(events: &[Value]) -> Self {
        let begins = Colour::Red;
        let mut log = Log {
            board: Board::new(begins),
            rounds: vec![Vec::new()],
            offered: None,
            is_ended: false,
            seats: 0,
            begins,
            events: 0,
            ending: None,
        };
        events.iter().for_each(|event| log.apply(event));
        log
    }

    /// The colour that plays now: none before both seats are taken and after the end.
    pub fn turn(&self) -> Option<&'static str> {
        (self.seats == 2 && !self.is_ended && !self.board.is_over).then(|| self.board.turn.word())
    }

    fn apply(&mut self, event: &Value) {
        self.events += 1;
        assert_eq!(event["seq"], json!(self.events), "{event}");
        if let Some(expected) = self.ending.take() {
            for (field, value) in expected.as_object().unwrap() {
                assert_eq!(event[field], *value, "after the last disc: {event}");
            }
        }
        match event["type"].as_str().unwrap() {
            "created" => assert_eq!((self.events, &event["kind"]), (1, &json!("connect4"))),
            "seated" => {
                assert_eq!(event["player"], [Colour::Red, Colour::Yellow][self.seats].word(), "{event}");
                self.seats += 1;
            }
            "played" => self.played(event),
            "ended" => {
                assert!(self.seats == 2 && !self.is_ended, "it can't end now: {event}");
                self.is_ended = true;
                check_ending(event, &self.board);
            }
            "rematch_offered" => {
                assert!(self.is_ended && self.offered.is_none(), "{event}");
                self.offered = Some(event["player"].as_str().unwrap().to_owned());
            }
            "rematch_withdrawn" => {
                let offered = self.offered.take();
                assert!(self.is_ended && offered.as_deref() == event["player"].as_str(), "{event}");
            }
            "rematched" => {
                assert!(self.is_ended && self.offered.take().is_some(), "{event}");
                self.begins = self.begins.other();
                assert_eq!(event["begins"], self.begins.word(), "{event}");
                (self.board, self.is_ended) = (Board::new(self.begins), false);
                self.rounds.push(Vec::new());
            }
            "message" => {}
            other => panic!("{other} in a game's log"),
        }
    }

    fn played(&mut self, event: &Value) {
        assert!(self.turn().is_some(), "nobody plays now: {event}");
        let player = self.board.turn;
        let column = usize::try_from(event["column"].as_u64().unwrap()).unwrap();
        let dropped = self.board.play(column);
        self.rounds.last_mut().unwrap().push(column);
        let told = (&event["player"], &event["row"], &event["turn"]);
        assert_eq!(told, (&json!(player.word()), &json!(dropped.row), &json!(self.turn())), "{event}");
        self.ending = dropped.end.map(|end| match end {
            End::Won(_) => json!({"type": "ended", "result": "won", "winner": player.word()}),
            End::Drawn => json!({"type": "ended", "result": "drawn", "winner": null}),
        });
    }
}

/// The moves of each round in the whole log of a room.
///
/// # Panics
/// If the log is not legal, or lacks the `ended` after a last disc.
pub fn check_log(events: &[Value]) -> Vec<Vec<usize>> {
    let log = Log::of(events);
    assert_eq!(log.ending, None, "the last disc ends the game");
    log.rounds
}

fn check_ending(event: &Value, board: &Board) {
    let line: BTreeSet<(usize, usize)> = serde_json::from_value(event["line"].clone()).unwrap();
    match event["result"].as_str().unwrap() {
        "won" => assert!(board.is_over && line == board.line_of(board.turn.other()), "{event}"),
        "drawn" => assert!(board.is_over && line.is_empty(), "{event}"),
        "resigned" => assert!(!board.is_over && line.is_empty() && event["winner"].is_string(), "{event}"),
        "forfeited" => {
            assert!(!board.is_over && line.is_empty(), "{event}");
            assert_eq!(
                event["winner"],
                board.turn.other().word(),
                "only the player whose turn it is forfeits: {event}"
            );
        }
        other => panic!("{other} is no result"),
    }
}
