//! A user's record in the journal.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::name::Name;
use parlor_core::Time;
use parlor_core::journal::Put;

/// A user's record: one value in the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserRecord {
    /// The name.
    pub name: Name,
    /// The time until which the record is kept.
    pub until: Time,
    /// The number of times that the user has signed out everywhere: earlier tokens are void.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sign_outs: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl UserRecord {
    /// Returns the journal's key of a user's record.
    pub fn key(user: Uuid) -> String {
        format!("user/{user}")
    }

    /// Reads a record; `None` if it is none.
    pub fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    /// Returns the write that stores this record.
    pub fn put(&self, user: Uuid) -> Put {
        let value = serde_json::to_vec(self).unwrap_or_default();
        Put::new(Self::key(user), value).expires_at(self.until)
    }
}
