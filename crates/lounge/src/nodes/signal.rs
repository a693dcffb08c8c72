//! Messages from server to server that are not kept.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::person::Person;
use parlor_core::Bytes;

/// A message to all other servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The server asks for the turn to change a room.
    Turn {
        /// The room's name.
        room: String,
    },
    /// Somebody is writing in a room, or has stopped.
    Typing {
        /// The room's name.
        room: String,
        /// The writer.
        user: Person,
        /// False: has stopped.
        on: bool,
    },
    /// Somebody is writing to somebody, or has stopped.
    TypingTo {
        /// The user who is written to.
        to: Uuid,
        /// The writer.
        user: Person,
        /// False: has stopped.
        on: bool,
    },
}

impl Signal {
    /// Reads a signal; `None` for one of a newer server.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Returns it in bytes.
    pub fn bytes(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}
