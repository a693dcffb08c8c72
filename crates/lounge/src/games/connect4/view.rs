//! The view of a game for somebody who joins.

use serde::Serialize;

use super::board::Squares;
use super::coordinate::Column;
use super::ending::{Ending, Outcome};
use super::player::Player;
use super::state::{ConnectFour, Status};

/// The part of the join reply's `game` that is the game's: who is there and which seat is yours, the room adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View<'a> {
    /// This round's, in order.
    pub moves: &'a [Column],
    /// The player who made or makes the first move.
    pub begins: Player,
    /// `None` unless the game runs.
    pub turn: Option<Player>,
    /// The state.
    pub status: Status,
    /// The way the round ended.
    pub result: Option<Outcome>,
    /// The winner.
    pub winner: Option<Player>,
    /// Empty unless the round was won on the board.
    pub line: Squares,
    /// Counts from 1.
    pub round: u32,
    /// The player who asked for another round and waits for the answer: a player who comes back has to know.
    pub rematch_offered: Option<Player>,
}

impl<'a> View<'a> {
    /// Returns the view of a game.
    pub fn of(game: &'a ConnectFour) -> Self {
        let ending = game.ending();
        Self {
            moves: game.position.moves(),
            begins: game.position.begins(),
            turn: game.on_turn(),
            status: game.status(),
            result: ending.map(Ending::outcome),
            winner: ending.and_then(Ending::winner),
            line: ending.map(Ending::line).unwrap_or_default(),
            round: game.round,
            rematch_offered: game.rematch_offered,
        }
    }
}
