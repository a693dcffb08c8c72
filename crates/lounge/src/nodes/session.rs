//! A session as its server tells the others of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::identity::name::Name;
use parlor_core::{Bytes, ClientId, Time};

/// A session: the value of an ephemeral.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedSession {
    /// The user that it acts for.
    pub user: Uuid,
    /// The user's name.
    pub name: Name,
    /// The time at which it came, or became this user's.
    pub since: Time,
    /// True if the user has done something lasting.
    #[serde(default)]
    pub lasting: bool,
    /// The rooms it is in.
    #[serde(default)]
    pub rooms: Vec<InRoom>,
}

/// A room that a session is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InRoom {
    /// The room's name.
    pub room: String,
    /// The epoch of its log.
    pub epoch: String,
    /// The seat of its game that the session holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
}

impl SharedSession {
    /// Reads a value; `None` if it is none.
    pub fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    /// Returns it as a value.
    pub fn value(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

/// Returns the key of a session, among those of its server.
pub fn key(client: ClientId) -> String {
    client.to_string()
}
