//! A table of Connect Four: two seats, a round at a time.

use serde::{Deserialize, Serialize};

use super::ending::Ending;
use super::player::Player;
use super::position::Position;
use crate::person::Person;

/// The sum of the events of a game. `stored.rs` says how it is written down, and checks what is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectFour {
    pub(super) red: Option<Person>,
    pub(super) yellow: Option<Person>,
    /// Counts from 1. Odd rounds are begun by red, even ones by yellow.
    pub(super) round: u32,
    pub(super) position: Position,
    /// Resigned or forfeited: how the round ended if not on the board.
    pub(super) given_up: Option<Ending>,
    pub(super) rematch_offered: Option<Player>,
}

/// The state of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// For a second player.
    Waiting,
    /// Both seats are taken, and the round is not over.
    Playing,
    /// The round is over.
    Over,
}

impl Default for ConnectFour {
    fn default() -> Self {
        Self {
            red: None,
            yellow: None,
            round: 1,
            position: Position::new(Player::Red),
            given_up: None,
            rematch_offered: None,
        }
    }
}

impl ConnectFour {
    /// Returns the state.
    pub fn status(&self) -> Status {
        if self.ending().is_some() {
            Status::Over
        } else if self.free_seat().is_some() {
            Status::Waiting
        } else {
            Status::Playing
        }
    }

    /// Returns the end of this round.
    pub fn ending(&self) -> Option<&Ending> {
        self.position.ending().or(self.given_up.as_ref())
    }

    /// This round's moves.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// Counts from 1.
    pub fn round(&self) -> u32 {
        self.round
    }

    /// Returns the player who asked for another round and waits for the answer.
    pub fn rematch_offered(&self) -> Option<Player> {
        self.rematch_offered
    }

    /// Returns the person in a seat.
    pub fn seat(&self, player: Player) -> Option<&Person> {
        match player {
            Player::Red => self.red.as_ref(),
            Player::Yellow => self.yellow.as_ref(),
        }
    }

    /// The one to be taken next.
    pub fn free_seat(&self) -> Option<Player> {
        if self.red.is_none() {
            Some(Player::Red)
        } else if self.yellow.is_none() {
            Some(Player::Yellow)
        } else {
            None
        }
    }

    /// Returns the player whose turn it is; `None` unless the game runs.
    pub fn on_turn(&self) -> Option<Player> {
        match self.status() {
            Status::Playing => self.position.next(),
            Status::Waiting | Status::Over => None,
        }
    }
}
