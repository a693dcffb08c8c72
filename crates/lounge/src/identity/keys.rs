//! Idempotency keys: the same request sent again has the same answer, and no second effect.

use uuid::Uuid;

use super::dedup::{Answer, Dedup, Digest};
use super::directory::Identity;
use crate::context::Context;
use crate::waiters::Asker;
use parlor_core::Time;
use parlor_core::journal::Put;

/// The place of a request among those with the same idempotency key.
pub enum Before {
    /// It is the first with its key.
    New(Asker),
    /// The key has an answer.
    Answered(Asker, Answer),
    /// The first request is under way; this one gets its answer.
    UnderWay,
}

/// Answers a request as the first one with its key was answered.
pub fn answer_again(asker: Asker, answer: Answer, cx: &mut Context<'_, '_>) {
    match answer {
        Answer::Said(said) => cx.ok(asker, &said),
        Answer::Told(told) => cx.ok(asker, &told),
    }
}

impl Identity {
    /// Looks for an earlier request of the user with the same key.
    pub fn before(&self, asker: Asker, user: Uuid, digest: Digest, cx: &mut Context<'_, '_>) -> Before {
        if let Some(answer) = self.people.get(user).and_then(|user| user.dedup.answer(digest)) {
            return Before::Answered(asker, answer);
        }
        if cx.waiters.is_claimed((user, digest)) {
            cx.waiters.follow(asker, (user, digest), cx.hub);
            return Before::UnderWay;
        }
        Before::New(asker)
    }

    /// Adds a key's answer to a commit; returns the key's number.
    pub fn write_key(
        &mut self,
        user: Uuid,
        digest: Digest,
        answer: Answer,
        expires_at: Time,
        puts: &mut Vec<Put>,
    ) -> Option<u64> {
        let dedup = &mut self.people.get_mut(user)?.dedup;
        let (number, key, value) = dedup.write(user, digest, answer);
        puts.push(Put::new(key, value).expires_at(expires_at));
        Some(number)
    }

    /// Notes that a key's answer is written.
    pub fn key_written(&mut self, user: Uuid, number: u64, digest: Digest, answer: Answer) {
        if let Some(dedup) = self.dedup(user) {
            dedup.add(number, digest, answer);
        }
    }

    /// Completes the answer of a key that was read from the journal.
    pub fn mend_key(&mut self, user: Uuid, digest: Digest, answer: Answer) {
        if let Some(dedup) = self.dedup(user) {
            dedup.mend(digest, answer);
        }
    }

    fn dedup(&mut self, user: Uuid) -> Option<&mut Dedup> {
        self.people.get_mut(user).map(|user| &mut user.dedup)
    }
}
