//! Users and kinds of rooms, which all other types name.

use serde::{Deserialize, Serialize};

/// A user. Names change and are given again: go by the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// A UUID.
    pub id: String,
    /// 1 to 32 characters.
    pub name: String,
}

/// A kind of room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RoomKind {
    /// Messages.
    Chat,
    /// A game of Connect Four, and messages.
    Connect4,
    /// A counter, and messages.
    Counter,
    /// The private messages of this user.
    Inbox,
    /// A kind of a later server.
    #[serde(other)]
    Unknown,
}
