//! People's names.

use serde::{Deserialize, Serialize};

/// A user's name as it is shown: NFC, trimmed, 1–32 characters (see [`Name::parse`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
