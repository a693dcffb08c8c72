//! An independent referee of Connect Four: each event must be legal after those before it.

use std::collections::BTreeSet;

use parlor_testkit::connect4::{Board, Colour, End};
use serde_json::{Value, json};

use crate::fault::{Checked, Fault, hold};

const SEATS: [&str; 2] = ["red", "yellow"];

/// A game after the events so far.
#[derive(Debug)]
pub struct Referee {
    board: Board,
    moves: Vec<u64>,
    seated: Vec<String>,
    begins: Colour,
    round: u64,
    offered: Option<String>,
    /// How it ended: `result`, `winner`, `line`.
    ended: Option<[Value; 3]>,
    /// The `ended` that must come next.
    ending: Option<Value>,
}

impl Default for Referee {
    fn default() -> Self {
        Referee {
            board: Board::new(Colour::Red),
            moves: Vec::new(),
            seated: Vec::new(),
            begins: Colour::Red,
            round: 1,
            offered: None,
            ended: None,
            ending: None,
        }
    }
}

impl Referee {
    /// Returns whose turn it is.
    pub fn turn(&self) -> Option<&'static str> {
        let plays = self.seated.len() == 2 && self.ended.is_none() && !self.board.is_over;
        plays.then(|| self.board.turn.word())
    }

    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Returns whether that player waits for the answer to an offer.
    pub fn has_offered(&self, player: Option<&str>) -> bool {
        player.is_some() && self.offered.as_deref() == player
    }

    pub fn is_full(&self, column: u64) -> bool {
        self.turn().is_some() && !self.board.open().contains(&(column as usize))
    }

    pub fn apply(&mut self, event: &Value) -> Checked {
        if let Some(expected) = self.ending.take() {
            let fits = ["type", "result", "winner"].iter().all(|field| event[*field] == expected[*field]);
            hold!("games-are-legal", fits, "after the last disc comes {expected}, not {event}");
        }
        let player = event["player"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str().unwrap_or_default() {
            "seated" => {
                let next = SEATS.get(self.seated.len());
                hold!("games-are-legal", next == Some(&player.as_str()), "no such seat is free: {event}");
                self.seated.push(event["user"]["id"].as_str().unwrap_or_default().to_owned());
            }
            "played" => self.played(event, &player)?,
            "ended" => self.end(event)?,
            "rematch_offered" => {
                hold!("games-are-legal", self.is_over() && self.offered.is_none(), "{event}");
                self.offered = Some(player);
            }
            "rematch_withdrawn" => {
                hold!("games-are-legal", self.is_over() && self.offered == Some(player), "{event}");
                self.offered = None;
            }
            "rematched" => {
                hold!("games-are-legal", self.is_over() && self.offered.is_some(), "nobody offered: {event}");
                self.begins = self.begins.other();
                hold!("games-are-legal", event["begins"] == self.begins.word(), "the other one begins: {event}");
                self.board = Board::new(self.begins);
                (self.ended, self.offered, self.moves) = (None, None, Vec::new());
                self.round += 1;
            }
            _ => {}
        }
        Ok(())
    }

    fn played(&mut self, event: &Value, player: &str) -> Checked {
        hold!("games-are-legal", self.turn() == Some(player), "it is the turn of {:?}: {event}", self.turn());
        let column = event["column"].as_u64().unwrap_or(u64::MAX) as usize;
        hold!("games-are-legal", self.board.open().contains(&column), "no such move: {event}");
        let dropped = self.board.play(column);
        self.moves.push(column as u64);
        let fits = event["row"] == json!(dropped.row) && event["turn"] == json!(self.turn());
        hold!("games-are-legal", fits, "the row is {}, the turn {:?}: {event}", dropped.row, self.turn());
        self.ending = dropped.end.map(|end| match end {
            End::Won(_) => json!({"type": "ended", "result": "won", "winner": player}),
            End::Drawn => json!({"type": "ended", "result": "drawn", "winner": null}),
        });
        Ok(())
    }

    fn end(&mut self, event: &Value) -> Checked {
        hold!("games-are-legal", self.seated.len() == 2 && !self.is_over(), "it can't end now: {event}");
        let squares = event["line"].as_array().into_iter().flatten();
        let line: BTreeSet<(usize, usize)> =
            squares.map(|at| (at[0].as_u64().unwrap_or(9) as usize, at[1].as_u64().unwrap_or(9) as usize)).collect();
        let (board, other) = (&self.board, self.board.turn.other());
        let fits = match event["result"].as_str().unwrap_or_default() {
            "won" => board.is_over && line == board.line_of(other),
            "drawn" => board.is_over && line.is_empty(),
            "resigned" => !board.is_over && line.is_empty() && event["winner"].is_string(),
            "forfeited" => !board.is_over && line.is_empty() && event["winner"] == other.word(),
            _ => false,
        };
        hold!("games-are-legal", fits, "so it can't end: {event}");
        self.ended = Some(["result", "winner", "line"].map(|field| event[field].clone()));
        Ok(())
    }

    /// Checks the `game` in the answer to a join.
    pub fn check_view(&self, game: &Value) -> Checked {
        let [result, winner, line] = self.ended.clone().unwrap_or([Value::Null, Value::Null, json!([])]);
        let status = match (self.seated.len(), self.is_over()) {
            (0 | 1, _) => "waiting",
            (_, false) => "playing",
            (_, true) => "over",
        };
        let expected = json!({
            "moves": self.moves, "begins": self.begins.word(), "turn": self.turn(), "status": status, "result": result,
            "winner": winner, "line": line, "round": self.round, "rematch_offered": self.offered,
        });
        for (field, value) in expected.as_object().into_iter().flatten() {
            hold!("games-are-legal", game[field] == *value, "{field} is {value} by the log, not {game}");
        }
        for (seat, user) in SEATS.iter().zip(0..) {
            let told = game["players"][*seat]["user"]["id"].as_str();
            let is_same = told == self.seated.get(user).map(String::as_str);
            hold!("games-are-legal", is_same, "{seat} is another: {game}");
        }
        Ok(())
    }
}

/// Returns a fault about deadlines of games.
pub fn late(words: String) -> Fault {
    Fault { rule: "deadlines-come", words }
}
