//! The kinds of rooms.

use serde::{Serialize, Serializer};

/// The kind of a room, as `create`, `join` and `rooms` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomKind {
    /// Talk.
    Chat,
    /// A value that everybody may count up or down.
    Counter,
    /// A game, by its name.
    Game(&'static str),
}

impl RoomKind {
    /// The kinds that are no games.
    pub const PLAIN: [RoomKind; 2] = [RoomKind::Chat, RoomKind::Counter];

    /// Returns its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            RoomKind::Chat => "chat",
            RoomKind::Counter => "counter",
            RoomKind::Game(name) => name,
        }
    }
}

impl Serialize for RoomKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
