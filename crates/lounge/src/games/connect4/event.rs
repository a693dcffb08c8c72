//! The facts a game of Connect Four is made of.

use serde::{Deserialize, Serialize};

use super::coordinate::{Column, Row};
use super::ending::Ending;
use super::player::Player;
use crate::person::Person;

/// As on the wire and in the journal, without `room` and `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Somebody has taken a seat.
    Seated {
        /// The seat.
        player: Player,
        /// The person.
        user: Person,
    },
    /// A disc was dropped.
    Played {
        /// The player.
        player: Player,
        /// The column.
        column: Column,
        /// The row in which it came to lie.
        row: Row,
        /// The next player; `None` if this move ends the round, and then `Ended` follows.
        turn: Option<Player>,
    },
    /// The round is over.
    Ended(Ending),
    /// A player wants another round.
    RematchOffered {
        /// The player.
        player: Player,
    },
    /// A player has taken their offer back.
    RematchWithdrawn {
        /// The player.
        player: Player,
    },
    /// Another round has begun.
    Rematched {
        /// The player who makes the first move.
        begins: Player,
    },
}
