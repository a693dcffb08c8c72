//! The secret that stands for a session in its requests. It is kept nowhere: sessions are found by its hash, so that the time
//! of a look-up tells nothing about it. On one of several servers it begins with the server's name, as in `n1.SECRET`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

use crate::peers::NodeName;

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
    /// Draws a secret. `node`: this server, if it has peers.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn draw(node: Option<&NodeName>) -> Result<Self, String> {
        let mut bytes = [0; BYTES];
        SysRng.try_fill_bytes(&mut bytes).map_err(|error| format!("the system gives no randomness: {error}"))?;
        let random = URL_SAFE_NO_PAD.encode(bytes);
        Ok(Secret(node.map_or_else(|| random.clone(), |node| format!("{node}.{random}"))))
    }

    /// The secret itself, to be told to the client and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn key(&self) -> Key {
        hash(&self.0)
    }
}

/// The secret that a client gives; not yet verified.
pub struct Told {
    pub key: Key,
    /// The server that opened the session, if it had peers.
    pub node: Option<NodeName>,
}

impl Told {
    /// Reads a secret; `None` if no secret looks like that.
    pub fn read(told: &str) -> Option<Self> {
        let (node, random) = match told.split_once('.') {
            Some((node, random)) => (Some(node.parse().ok()?), random),
            None => (None, told),
        };
        (random.len() == CHARACTERS).then(|| Told { key: hash(told), node })
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
        let (one, other) = (Secret::draw(None).unwrap(), Secret::draw(None).unwrap());
        assert_ne!(one.reveal(), other.reveal());
        assert!(Told::read(one.reveal()).is_some_and(|told| told.key == one.key() && told.node.is_none()));
        assert!(one.key() != other.key());
        assert!(Told::read("short").is_none() && Told::read(&"x".repeat(33)).is_none());
        assert_eq!(format!("{:?}", one.key()), "Key");
        assert!(one.reveal().chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "it stands in a path");
    }

    #[test]
    fn a_secret_names_its_server() {
        let node: NodeName = "n1".parse().unwrap();
        let secret = Secret::draw(Some(&node)).unwrap();
        let told = Told::read(secret.reveal()).unwrap();
        assert!(told.key == secret.key() && told.node == Some(node));
        let (_, random) = secret.reveal().split_once('.').unwrap();
        for other in [format!("n2.{random}"), random.to_owned()] {
            assert!(Told::read(&other).is_some_and(|told| told.key != secret.key()), "the name is part of it");
        }
        for junk in [format!(".{random}"), format!("N1.{random}"), format!("n1..{random}"), format!("n1.{random}x")] {
            assert!(Told::read(&junk).is_none(), "{junk}");
        }
    }
}
