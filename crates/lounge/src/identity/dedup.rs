//! The answers that are remembered by idempotency key.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::protocol::client::DedupKey;
use crate::protocol::server::replies::{Said, Told};
use crate::rooms::name::RoomName;

/// An idempotency key and its scope, in 16 bytes. Nobody gains by a collision: both keys are one user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(u128);

impl Digest {
    /// The lowest digest.
    pub const MIN: Self = Digest(u128::MIN);
    /// The highest digest.
    pub const MAX: Self = Digest(u128::MAX);

    /// Of a `say` into a room.
    pub fn of_say(room: &RoomName, key: &DedupKey) -> Self {
        Self::of("say", room.as_str(), key)
    }

    /// Of a `tell`. Not by receiver: a name that resolved the first time may not do so the second.
    pub fn of_tell(key: &DedupKey) -> Self {
        Self::of("tell", "", key)
    }

    /// No room's name has a line break in it.
    fn of(request: &str, room: &str, key: &DedupKey) -> Self {
        let mut hash = Sha256::new();
        for part in [request, "\n", room, "\n", &key.0] {
            hash.update(part);
        }
        Digest(hash.finalize()[..16].iter().fold(0, |digest, byte| digest << 8 | u128::from(*byte)))
    }
}

/// The first answer to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Said(Said),
    /// Read back from the journal it has the `seq` 0: a `tell` does not know it beforehand.
    Told(Told),
}

/// The answers to one user's newest [`KEYS`](Dedup::KEYS) keys.
#[derive(Default)]
pub struct Dedup {
    /// With the number of each key, ascending.
    answered: VecDeque<(u64, Digest, Answer)>,
    next: u64,
}

impl Dedup {
    /// Keys remembered for a user: more than a client sends again after a lost connection.
    pub const KEYS: u64 = 256;

    /// Returns the prefix of a user's keys in the journal.
    pub fn prefix(user: Uuid) -> String {
        format!("dedup/{user}/")
    }

    /// Reads the values under [`prefix`](Dedup::prefix).
    pub fn restore<'a>(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let kept = values.filter_map(|value| serde_json::from_slice::<KeptKey>(value).ok());
        let mut answered: Vec<_> = kept.map(|key| (key.number, Digest(key.digest), key.answer)).collect();
        answered.sort_unstable_by_key(|(number, ..)| *number);
        let next = answered.last().map_or(0, |(number, ..)| number + 1);
        Dedup { answered: answered.into(), next }
    }

    /// Returns the answer to a key.
    pub fn answer(&self, digest: Digest) -> Option<Answer> {
        self.answered.iter().rev().find(|(_, known, _)| *known == digest).map(|(.., answer)| *answer)
    }

    /// Returns a key's number, and the key and value that the journal is to keep of it.
    pub fn write(&mut self, user: Uuid, digest: Digest, answer: Answer) -> (u64, String, Vec<u8>) {
        let number = self.next;
        self.next += 1;
        let key = format!("{}{:02x}", Self::prefix(user), number % Self::KEYS);
        let value = serde_json::to_vec(&KeptKey { number, digest: digest.0, answer }).unwrap_or_default();
        (number, key, value)
    }

    /// Adds the answer to a key; the oldest key is forgotten.
    pub fn add(&mut self, number: u64, digest: Digest, answer: Answer) {
        self.answered.push_back((number, digest, answer));
        if self.answered.len() as u64 > Self::KEYS {
            self.answered.pop_front();
        }
    }

    /// Replaces the answer to a `tell` that was found again in the journal.
    pub fn mend(&mut self, digest: Digest, answer: Answer) {
        if let Some((.., known)) = self.answered.iter_mut().find(|(_, known, _)| *known == digest) {
            *known = answer;
        }
    }
}

/// An answered key, as the journal keeps it.
#[derive(Serialize, Deserialize)]
struct KeptKey {
    number: u64,
    digest: u128,
    answer: Answer,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The journal keeps them: a later version of the server has to find them again.
    #[test]
    fn digests_are_the_first_half_of_a_sha_256() {
        let (room, key) = (RoomName::parse("lobby").unwrap(), DedupKey("k1".into()));
        assert_eq!(Digest::of_say(&room, &key), Digest(0x1b14_d01c_6c12_c0da_3105_a704_e2bf_4311));
        assert_eq!(Digest::of_tell(&key), Digest(0x5ef3_093e_a12c_9a5d_c9ca_be74_183f_0471));
    }
}
