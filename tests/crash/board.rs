//! What the events of a game add up to, counted anew and plainly.

use serde_json::Value;

/// A game as its players see it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Board {
    pub moves: Vec<u64>,
    /// Whose turn it is; `None` before both sit and once it is over.
    pub turn: Option<String>,
    pub is_over: bool,
    /// Who wants another one.
    pub offers: Vec<String>,
    seated: usize,
}

impl Board {
    pub fn of(events: &[Value]) -> Board {
        let mut board = Board::default();
        for event in events {
            board.apply(event);
        }
        board
    }

    fn apply(&mut self, event: &Value) {
        let player = event["player"].as_str().map(str::to_owned);
        match event["type"].as_str().unwrap() {
            "seated" => {
                self.seated += 1;
                self.turn = (self.seated == 2).then(|| "red".to_owned());
            }
            "played" => {
                assert_eq!(player, self.turn, "who plays is whose turn it is");
                let column = event["column"].as_u64().unwrap();
                assert_eq!(event["row"].as_u64().unwrap(), self.height(column), "it lies on what is there");
                self.moves.push(column);
                self.turn = event["turn"].as_str().map(str::to_owned);
            }
            "ended" => {
                assert!(!self.is_over);
                (self.is_over, self.turn) = (true, None);
            }
            "rematch_offered" => self.offers.push(player.unwrap()),
            "rematched" => {
                assert!(self.is_over);
                let turn = event["begins"].as_str().map(str::to_owned);
                *self = Board { turn, seated: 2, ..Board::default() };
            }
            "created" => {}
            other => panic!("no `{other}` in a game"),
        }
    }

    pub fn height(&self, column: u64) -> u64 {
        self.moves.iter().filter(|played| **played == column).count() as u64
    }
}
