//! Connect Four.

use serde::Deserialize;

use super::User;

/// A seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Player {
    /// Begins the first round.
    Red,
    /// Begins the second round.
    Yellow,
}

/// A game's course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GameStatus {
    /// A seat is free.
    Waiting,
    /// The game runs.
    Playing,
    /// The round has ended.
    Over,
    /// A word of a later server.
    #[serde(other)]
    Unknown,
}

/// A game's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GameResult {
    /// Four in a line.
    Won,
    /// The board is full.
    Drawn,
    /// A player has given up.
    Resigned,
    /// A player was away for too long.
    Forfeited,
    /// A word of a later server.
    #[serde(other)]
    Unknown,
}

/// A game as it stands.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Game {
    /// The columns of this round, in order.
    pub moves: Vec<u8>,
    /// The player who makes the first move of this round.
    pub begins: Player,
    /// The player whose turn it is, while the game runs.
    pub turn: Option<Player>,
    /// The game's course.
    pub status: GameStatus,
    /// How the round ended.
    pub result: Option<GameResult>,
    /// The winner of the round.
    pub winner: Option<Player>,
    /// Every square of the winning lines, as column and row.
    pub line: Vec<(u8, u8)>,
    /// Counts from 1.
    pub round: u64,
    /// The player who asked for another round and waits for the answer.
    pub rematch_offered: Option<Player>,
    /// The players.
    pub players: Players,
    /// This client's seat.
    pub you: Option<Player>,
    /// Users in the room who hold no seat.
    pub spectators: u64,
    /// The secret of the seat that this join gave. Whoever has it holds the seat.
    #[serde(default)]
    pub seat: Option<String>,
}

/// Both seats.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Players {
    /// None if the seat is free.
    pub red: Option<Seated>,
    /// None if the seat is free.
    pub yellow: Option<Seated>,
}

/// A user on a seat.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Seated {
    /// The user.
    pub user: User,
    /// `true` if a connection holds the seat.
    pub online: bool,
    /// The time at which the player loses unless back by then, RFC 3339.
    #[serde(default)]
    pub forfeits_at: Option<String>,
}
