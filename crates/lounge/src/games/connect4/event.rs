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
    Seated {
        player: Player,
        user: Person,
    },
    Played {
        player: Player,
        column: Column,
        row: Row,
        /// Who is next; `None` if this move ends the round, and then `Ended` follows.
        turn: Option<Player>,
    },
    Ended(Ending),
    RematchOffered {
        player: Player,
    },
    Rematched {
        begins: Player,
    },
}
