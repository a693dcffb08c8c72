//! The two colours.

use serde::{Deserialize, Serialize};

use crate::games::game::Seat;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Player {
    Red,
    Yellow,
}

impl Player {
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
