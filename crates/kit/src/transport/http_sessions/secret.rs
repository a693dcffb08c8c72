//! The secret that stands for a session in its requests. It is kept nowhere: sessions are found by its hash, so that the time
//! of a look-up tells nothing about it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

/// Random bytes of a secret: 192 bits.
const BYTES: usize = 24;
/// Characters of a secret.
const CHARACTERS: usize = BYTES / 3 * 4;

/// The hash of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

/// A fresh secret, for its client alone.
pub struct Secret(String);

impl Secret {
    /// Draws a secret.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn draw() -> Result<Self, String> {
        let mut bytes = [0; BYTES];
        SysRng.try_fill_bytes(&mut bytes).map_err(|error| format!("the system gives no randomness: {error}"))?;
        Ok(Secret(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The secret itself, to be told to the client and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn key(&self) -> Key {
        hash(&self.0)
    }
}

impl Key {
    /// Returns the key of what a client says to be its secret; `None` if no secret looks like that.
    pub fn of(told: &str) -> Option<Self> {
        (told.len() == CHARACTERS).then(|| hash(told))
    }
}

fn hash(secret: &str) -> Key {
    Key(Sha256::digest(secret.as_bytes()).into())
}

/// Neither a secret nor its hash is to be in a log.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_by_itself_alone_and_is_not_shown() {
        let (one, other) = (Secret::draw().unwrap(), Secret::draw().unwrap());
        assert_ne!(one.reveal(), other.reveal());
        assert!(Key::of(one.reveal()) == Some(one.key()));
        assert!(one.key() != other.key());
        assert!(Key::of("short").is_none() && Key::of(&"x".repeat(33)).is_none());
        assert_eq!(format!("{:?}", one.key()), "Key");
        assert!(one.reveal().chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "it stands in a path");
    }
}
