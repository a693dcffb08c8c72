//! Rooms' names.

use serde::{Deserialize, Serialize};

/// A room's name: NFC, 1–64 characters, no control or bidi characters, not beginning with `@`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomName(String);

impl RoomName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
