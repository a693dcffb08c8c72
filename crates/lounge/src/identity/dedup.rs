//! The same request sent again has the same answer, and no second effect.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::protocol::client::DedupKey;
use crate::protocol::server::replies::{Said, Told};
use crate::rooms::name::RoomName;
use crate::waiters::Asker;
use parlor_core::Hold;

/// A dedup key and where it holds, in 16 bytes. Nobody gains by a collision: both keys are one user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u128);

impl Digest {
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
        let hash = Sha256::new().chain_update(format!("{request}\n{room}\n{}", key.0)).finalize();
        Digest(hash[..16].iter().fold(0, |digest, byte| digest << 8 | u128::from(*byte)))
    }
}

/// What was answered the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Said(Said),
    /// Read back from the journal it has the `seq` 0: a `tell` does not know it beforehand.
    Told(Told),
}

/// One user's keys: the newest [`KEYS`](Dedup::KEYS) that were answered, and those under way.
#[derive(Default)]
pub struct Dedup {
    /// With the number of each key, ascending.
    answered: VecDeque<(u64, Digest, Answer)>,
    next: u64,
    /// With who else waits for the answer. Bounded, as all requests in flight are.
    under_way: Vec<(Digest, Vec<(Asker, Hold)>)>,
}

impl Dedup {
    /// Keys remembered for a user: more than a client sends again after a lost connection.
    pub const KEYS: u64 = 256;

    /// What the journal keeps them under.
    pub fn prefix(user: Uuid) -> String {
        format!("dedup/{user}/")
    }

    /// Of the values under [`prefix`](Dedup::prefix).
    pub fn restore<'a>(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let stored = values.filter_map(|value| serde_json::from_slice::<Stored>(value).ok());
        let mut answered: Vec<_> = stored.map(|key| (key.number, Digest(key.digest), key.answer)).collect();
        answered.sort_unstable_by_key(|(number, ..)| *number);
        let next = answered.last().map_or(0, |(number, ..)| number + 1);
        Dedup { answered: answered.into(), next, under_way: Vec::new() }
    }

    pub fn answer(&self, digest: Digest) -> Option<Answer> {
        self.answered.iter().rev().find(|(_, known, _)| *known == digest).map(|(.., answer)| *answer)
    }

    pub fn is_under_way(&self, digest: Digest) -> bool {
        self.under_way.iter().any(|(known, _)| *known == digest)
    }

    pub fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    pub fn begin(&mut self, digest: Digest) {
        self.under_way.push((digest, Vec::new()));
    }

    /// Somebody else waits for the answer to a key under way.
    pub fn wait(&mut self, digest: Digest, asker: Asker, hold: Hold) {
        if let Some((_, waiting)) = self.under_way.iter_mut().find(|(known, _)| *known == digest) {
            waiting.push((asker, hold));
        }
    }

    /// A key's number and what the journal is to keep of it: key and value.
    pub fn write(&mut self, user: Uuid, digest: Digest, answer: Answer) -> (u64, String, Vec<u8>) {
        let number = self.next;
        self.next += 1;
        let key = format!("{}{:02x}", Self::prefix(user), number % Self::KEYS);
        let value = serde_json::to_vec(&Stored { number, digest: digest.0, answer }).unwrap_or_default();
        (number, key, value)
    }

    /// The answer to a key under way; who waited for it.
    pub fn finish(&mut self, number: u64, digest: Digest, answer: Answer) -> Vec<(Asker, Hold)> {
        self.answered.push_back((number, digest, answer));
        if self.answered.len() as u64 > Self::KEYS {
            self.answered.pop_front();
        }
        self.fail(digest)
    }

    /// A key under way came to nothing; who waited for it.
    pub fn fail(&mut self, digest: Digest) -> Vec<(Asker, Hold)> {
        let at = self.under_way.iter().position(|(known, _)| *known == digest);
        at.map(|at| self.under_way.swap_remove(at).1).unwrap_or_default()
    }

    /// A `tell` found again in the journal.
    pub fn mend(&mut self, digest: Digest, answer: Answer) {
        if let Some((.., known)) = self.answered.iter_mut().find(|(_, known, _)| *known == digest) {
            *known = answer;
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    number: u64,
    digest: u128,
    answer: Answer,
}
