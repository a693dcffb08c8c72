//! How people are known again.

use std::fmt;
use std::time::Duration;

use super::setting::{Bounds, Shape, settings};
use super::value::{Quantity, Value};

settings! {
    /// How people are known again when they come back.
    pub struct IdentitySettings, "Identity" {
        /// Secret that signs resume tokens, so that people stay who they are; made on first start and kept beside the journal.
        ///
        /// Rather give it as a variable or in the file than as a flag: flags are seen by everyone who may list processes.
        /// Less than 16 bytes could be guessed; more than 4096 add nothing. A new secret makes everybody a new guest.
        secret: Option<Secret> = "", unit "bytes", from "16" to "4096";

        /// How long a name stays reserved after its user's last session left.
        name_reservation: Duration = "10m", from "0s" to "30d";
    }
}

/// Bytes nobody may see: no `Display`, and `Debug` doesn't tell them.
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

    /// Only whether it is set: what is printed goes to terminals and logs.
    fn print(&self) -> String {
        self.as_ref().map(|_| "(set)".to_owned()).unwrap_or_default()
    }
}
