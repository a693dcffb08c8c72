//! Identities of people who come back.

use std::fmt;
use std::time::Duration;

use super::define::settings;
use super::setting::{Bounds, Shape};
use super::value::{Quantity, Value};

settings! {
    /// Identities of people who come back.
    pub struct IdentitySettings, "Identity" {
        /// Secret that signs resume tokens; created at the first start and kept beside the journal.
        ///
        /// Give it as a variable or in the file: everyone who can list processes sees flags. Less than 16 bytes could be
        /// guessed; more than 4096 add nothing. With a new secret everybody is a new guest.
        secret: Option<Secret> = "", unit "bytes", from "16" to "4096";

        /// Time for which a name stays reserved after its user's last session ended.
        ///
        /// A restart of the server frees no name: one that was reserved, or in use, may stay so for a fifth longer.
        name_reservation: Duration = "10m", from "0s" to "30d";
    }
}

/// Secret bytes: without `Display`, and `Debug` does not print them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(set)")
    }
}

impl Value for Option<Secret> {
    const SHAPE: Shape = Shape::Secret;
    const PLACEHOLDER: &'static str = "TEXT";

    fn allowed(bounds: Bounds) -> String {
        <usize as Value>::allowed(bounds)
    }

    fn parse(text: &str, bounds: Bounds) -> Option<Self> {
        if text.is_empty() {
            return Some(None);
        }
        let length = text.len().show();
        usize::parse(&length, bounds).map(|_| Some(Secret(text.to_owned())))
    }

    /// Prints only that it is set: the text goes to terminals and logs.
    fn print(&self) -> String {
        self.as_ref().map(|_| "(set)".to_owned()).unwrap_or_default()
    }
}
