//! The end of a round.

use serde::{Deserialize, Serialize};

use super::board::Squares;
use super::player::Player;

/// The end of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Fields", try_from = "Fields")]
pub enum Ending {
    /// Four or more in a line.
    Won {
        /// The player of the line.
        winner: Player,
        /// Every square of every line of four or more: the last disc may close several.
        line: Squares,
    },
    /// A full board without a line.
    Drawn,
    /// A player has resigned.
    Resigned {
        /// The other player.
        winner: Player,
    },
    /// A player was away in their turn for too long.
    Forfeited {
        /// The other player.
        winner: Player,
    },
}

/// The same without its circumstances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// By a line.
    Won,
    /// By a full board.
    Drawn,
    /// By resignation.
    Resigned,
    /// By absence.
    Forfeited,
}

impl Ending {
    /// Returns the way it ended.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Won { .. } => Outcome::Won,
            Self::Drawn => Outcome::Drawn,
            Self::Resigned { .. } => Outcome::Resigned,
            Self::Forfeited { .. } => Outcome::Forfeited,
        }
    }

    /// Returns the winner; `None` after a draw.
    pub fn winner(&self) -> Option<Player> {
        match *self {
            Self::Won { winner, .. } | Self::Resigned { winner } | Self::Forfeited { winner } => Some(winner),
            Self::Drawn => None,
        }
    }

    /// Empty unless the round was won on the board.
    pub fn line(&self) -> Squares {
        match *self {
            Self::Won { line, .. } => line,
            Self::Drawn | Self::Resigned { .. } | Self::Forfeited { .. } => Squares::default(),
        }
    }
}

/// An ending as the wire has it.
#[derive(Serialize, Deserialize)]
struct Fields {
    result: Outcome,
    winner: Option<Player>,
    line: Squares,
}

impl From<Ending> for Fields {
    fn from(ending: Ending) -> Self {
        Self { result: ending.outcome(), winner: ending.winner(), line: ending.line() }
    }
}

impl TryFrom<Fields> for Ending {
    type Error = &'static str;

    fn try_from(Fields { result, winner, line }: Fields) -> Result<Self, Self::Error> {
        if line.is_empty() == (result == Outcome::Won) {
            return Err("a line belongs to a win, and to nothing else");
        }
        match (result, winner) {
            (Outcome::Won, Some(winner)) => Ok(Self::Won { winner, line }),
            (Outcome::Resigned, Some(winner)) => Ok(Self::Resigned { winner }),
            (Outcome::Forfeited, Some(winner)) => Ok(Self::Forfeited { winner }),
            (Outcome::Drawn, None) => Ok(Self::Drawn),
            (Outcome::Drawn, Some(_)) => Err("a drawn round has no winner"),
            (Outcome::Won | Outcome::Resigned | Outcome::Forfeited, None) => Err("there is no winner"),
        }
    }
}
