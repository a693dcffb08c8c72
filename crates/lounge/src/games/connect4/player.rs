//! The two colours.

use serde::{Deserialize, Serialize};

use crate::games::game::Seat;

/// A player, by the colour of their discs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Player {
    /// Takes the first seat, and begins the first round.
    Red,
    /// Takes the second seat.
    Yellow,
}

impl Player {
    /// Returns the other player.
    pub fn other(self) -> Self {
        match self {
            Self::Red => Self::Yellow,
            Self::Yellow => Self::Red,
        }
    }
}

impl Seat for Player {
    const ALL: &'static [Self] = &[Self::Red, Self::Yellow];

    fn label(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Yellow => "yellow",
        }
    }
}
