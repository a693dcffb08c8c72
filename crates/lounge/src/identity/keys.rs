//! Idempotency keys: the same request sent again has the same answer, and no second effect.

use uuid::Uuid;

use super::dedup::{Answer, Dedup, Digest};
use super::directory::Identity;
use crate::context::Context;
use crate::waiters::Asker;
use parlor_core::Time;
use parlor_core::journal::{Put, RecordOf};

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

    /// Returns the answer to a user's key, if the user is in memory.
    pub fn key_answer(&self, user: Uuid, digest: Digest) -> Option<Answer> {
        self.people.get(user)?.dedup.answer(digest)
    }

    /// Adds a key's answer to a commit, unless the user is forgotten. `record`: the message.
    pub fn write_key(
        &mut self,
        user: Uuid,
        key: (Digest, Answer, Time),
        expires_at: Time,
        record: RecordOf,
        puts: &mut Vec<Put>,
    ) {
        if let Some(dedup) = self.dedup(user) {
            dedup.write(user, key, expires_at, record, puts);
        }
    }

    /// Notes that a key's answer is written.
    pub fn key_written(&mut self, user: Uuid, at: Time, digest: Digest, answer: Answer) {
        if let Some(dedup) = self.dedup(user) {
            dedup.add(at, digest, answer);
        }
    }

    fn dedup(&mut self, user: Uuid) -> Option<&mut Dedup> {
        self.people.get_mut(user).map(|user| &mut user.dedup)
    }
}
