//! Secrets: they must be in no log.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;
use subtle::ConstantTimeEq;

/// A resume token, or the key to a room or a seat: goes over the wire to whom it belongs, and nowhere else.
///
/// It has no `Display`, its `Debug` shows nothing of it, and it is compared in a time that depends on the lengths alone.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Returns a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Secret(secret.into())
    }

    /// Returns the text, to be sent to its owner.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Secret {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
