//! A user's record in the journal.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::name::Name;
use crate::later::Later;
use parlor_core::journal::{ExpectValue, Put};
use parlor_core::{Bytes, Time};

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
    /// Members that a later version of the server has written.
    #[serde(skip)]
    pub later: Later,
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
        let record: Self = serde_json::from_slice(value).ok()?;
        Some(UserRecord { later: Later::of(value, &["name", "until", "sign_outs"]), ..record })
    }

    /// Returns the user whose record a key of the journal is.
    pub fn owner(key: &str) -> Option<Uuid> {
        key.strip_prefix("user/")?.parse().ok()
    }

    /// Returns the record as the journal keeps it.
    pub fn value(&self) -> Bytes {
        self.later.write(self).unwrap_or_default().into()
    }

    /// Returns the write that stores this record in the place of `before`. It fails if another server has written another one.
    pub fn put(&self, user: Uuid, before: Option<&Bytes>) -> Put {
        let expect = before.map_or(ExpectValue::Missing, |before| ExpectValue::MissingOr(before.clone()));
        Put::new(Self::key(user), self.value()).expires_at(self.until).expect(expect)
    }
}
