//! The answers that are remembered by idempotency key.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::protocol::client::DedupKey;
use crate::protocol::server::replies::{Said, Told};
use crate::rooms::name::RoomName;
use parlor_core::Time;
#[cfg(test)]
use parlor_core::journal::Placed;
use parlor_core::journal::{ExpectValue, Put, RecordOf};

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
    Told(Told),
}

impl Answer {
    fn with_seq(self, seq: u64) -> Self {
        match self {
            Answer::Said(said) => Answer::Said(Said { seq, ..said }),
            Answer::Told(told) => Answer::Told(Told { seq, ..told }),
        }
    }
}

/// The answers to one user's newest [`KEYS`](Dedup::KEYS) keys.
#[derive(Default)]
pub struct Dedup {
    /// With the time of each key, ascending.
    answered: VecDeque<(Time, Digest, Answer)>,
    /// Keys beyond the newest: the next commit deletes them from the journal.
    surplus: Vec<Digest>,
}

impl Dedup {
    /// Keys remembered for a user: more than a client sends again after a lost connection.
    pub const KEYS: usize = 256;
    /// Values to read of a user's keys: some may be waiting to be deleted, on every server that writes to the journal.
    pub const SCANNED: usize = 4 * Self::KEYS;

    /// Returns the prefix of a user's keys in the journal.
    pub fn prefix(user: Uuid) -> String {
        format!("dedup/{user}/")
    }

    /// Returns the journal's key of an idempotency key.
    pub fn key(user: Uuid, digest: Digest) -> String {
        format!("dedup/{user}/{:032x}", digest.0)
    }

    /// Returns the user whose idempotency key a key of the journal is.
    pub fn owner(key: &str) -> Option<Uuid> {
        key.strip_prefix("dedup/")?.get(..36)?.parse().ok()
    }

    /// Reads the values under [`prefix`](Dedup::prefix).
    pub fn restore<'a>(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut dedup = Dedup::default();
        let mut kept: Vec<_> = values.filter_map(KeptKey::read).collect();
        kept.sort_unstable_by_key(|(at, ..)| *at);
        for (at, digest, answer) in kept {
            dedup.add(at, digest, answer);
        }
        dedup
    }

    /// Returns the answer to a key.
    pub fn answer(&self, digest: Digest) -> Option<Answer> {
        self.answered.iter().rev().find(|(_, known, _)| *known == digest).map(|(.., answer)| *answer)
    }

    /// Adds what the journal is to keep of a key to a commit, which fails if it has the key already. `record`: the message,
    /// whose number the journal adds.
    pub fn write(
        &mut self,
        user: Uuid,
        (digest, answer, at): (Digest, Answer, Time),
        expires_at: Time,
        record: RecordOf,
        puts: &mut Vec<Put>,
    ) {
        let value = serde_json::to_vec(&KeptKey { at, digest: digest.0, answer }).unwrap_or_default();
        // One that is forgotten, and only waits to be deleted, is as good as new.
        let was_known = self.surplus.contains(&digest);
        self.surplus.retain(|surplus| *surplus != digest);
        let expect = if was_known { ExpectValue::Anything } else { ExpectValue::Missing };
        let put = Put::new(Self::key(user, digest), value).expires_at(expires_at);
        puts.push(put.expect(expect).number_of(record));
        puts.extend(self.surplus.drain(..).map(|digest| Put::delete(Self::key(user, digest))));
    }

    /// Adds the answer to a key; the oldest key is forgotten.
    pub fn add(&mut self, at: Time, digest: Digest, answer: Answer) {
        if self.answer(digest).is_some() {
            return;
        }
        self.answered.push_back((at, digest, answer));
        if self.answered.len() > Self::KEYS {
            self.surplus.extend(self.answered.pop_front().map(|(_, digest, _)| digest));
        }
    }

    /// Adds a key as the journal has it.
    pub fn take_in(&mut self, value: &[u8]) {
        if let Some((at, digest, answer)) = KeptKey::read(value) {
            self.add(at, digest, answer);
        }
    }
}

/// An answered key, as the journal keeps it. The number of the message stands behind it, in digits.
#[derive(Serialize, Deserialize)]
struct KeptKey {
    /// In files of earlier versions: a count of the keys.
    #[serde(alias = "number")]
    at: Time,
    digest: u128,
    answer: Answer,
}

impl KeptKey {
    fn read(value: &[u8]) -> Option<(Time, Digest, Answer)> {
        let mut values = serde_json::Deserializer::from_slice(value).into_iter::<KeptKey>();
        let KeptKey { at, digest, answer } = values.next()?.ok()?;
        let digits = std::str::from_utf8(value.get(values.byte_offset()..)?).ok()?;
        let answer = if digits.is_empty() { answer } else { answer.with_seq(digits.parse().ok()?) };
        Some((at, Digest(digest), answer))
    }
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

    fn said(seq: u64) -> Answer {
        Answer::Said(Said { id: Uuid::nil(), seq, at: Time(7).into() })
    }

    #[test]
    fn the_newest_keys_stay_and_the_others_are_deleted_by_the_next_commit() {
        let mut dedup = Dedup::default();
        for n in 0..258 {
            dedup.add(Time(n), Digest(n.into()), said(n));
        }
        assert_eq!((dedup.answer(Digest(1)), dedup.answer(Digest(2))), (None, Some(said(2))));
        let mut puts = Vec::new();
        let record = RecordOf { append: 0, record: 0 };
        dedup.write(Uuid::nil(), (Digest(999), said(0), Time(999)), Time(9999), record, &mut puts);
        let deleted: Vec<_> = puts.iter().filter(|put| put.value.is_none()).map(|put| put.key.clone()).collect();
        assert_eq!(deleted, [Dedup::key(Uuid::nil(), Digest(0)), Dedup::key(Uuid::nil(), Digest(1))]);
        assert!(dedup.surplus.is_empty());
    }

    #[test]
    fn a_kept_key_has_the_number_that_the_journal_added() {
        let mut puts = Vec::new();
        let record = RecordOf { append: 0, record: 2 };
        Dedup::default().write(Uuid::nil(), (Digest(5), said(0), Time(3)), Time(9), record, &mut puts);
        let placed = Placed { first: 40, head: 44, epoch: String::new(), version: 1 };
        let dedup = Dedup::restore(puts[0].stored(&[placed]).as_deref().into_iter());
        assert_eq!(dedup.answer(Digest(5)), Some(said(42)));
        assert_eq!(Dedup::owner(&puts[0].key), Some(Uuid::nil()));
    }

    #[test]
    fn keys_of_earlier_files_are_read() {
        let value = serde_json::to_vec(&serde_json::json!({"number": 3, "digest": 5, "answer": said(8)})).unwrap();
        assert_eq!(Dedup::restore([&value[..]].into_iter()).answer(Digest(5)), Some(said(8)));
    }
}
