//! Users that the journal keeps: those who did something lasting.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

use crate::Lounge;
use crate::identity::dedup::{Answer, Digest};
use crate::identity::name::Name;
use crate::identity::people::User;
use crate::protocol::error::Refused;
use crate::refusals;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;
use parlor_core::Time;
use parlor_core::journal::Put;

/// A user who is being written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub user: Uuid,
    pub until: Time,
}

/// What the journal keeps of a user.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    pub name: Name,
    pub until: Time,
}

impl Kept {
    pub fn key(user: Uuid) -> String {
        format!("user/{user}")
    }

    pub fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }
}

/// The value that keeps a user under a name.
pub fn put(user: Uuid, name: &Name, until: Time) -> Put {
    let value = serde_json::to_vec(&Kept { name: name.clone(), until }).unwrap_or_default();
    Put { key: Kept::key(user), value: Some(value.into()), expires_at: Some(until) }
}

impl Lounge {
    /// Whether a user may do something lasting: those whom the journal does not keep yet are limited by address.
    pub(crate) fn may_last(&mut self, client: ClientId, hub: &Hub<'_>) -> Result<(), Refused> {
        let Some(session) = self.sessions.get(&client) else { return Ok(()) };
        let Some(user) = self.people.get_mut(session.user) else { return Ok(()) };
        if !user.is_lasting() {
            let allowed = self.user_creation.take(session.address, hub.now());
            allowed.map_err(|retry_after_ms| refusals::too_many("new users", retry_after_ms))?;
            user.is_admitted = true;
        }
        Ok(())
    }

    /// Has a user kept from `now` on, with what is being committed, unless the journal does so for long enough.
    pub(crate) fn keep(&self, user: Uuid, now: Time, puts: &mut Vec<Put>) -> Option<Keep> {
        let retention = self.settings.user_retention;
        let user = self.people.get(user).filter(|user| is_keeping_due(user, now, retention))?;
        let until = now + retention;
        puts.push(put(user.person.id, &user.name, until));
        Some(Keep { user: user.person.id, until })
    }

    pub(crate) fn kept(&mut self, keeps: &[Keep]) {
        for keep in keeps {
            if let Some(user) = self.people.get_mut(keep.user) {
                user.kept_until = user.kept_until.max(Some(keep.until));
            }
        }
    }

    /// The answer that a dedup key had, if it has one; or who asks waits for it, if it is under way. `None`: go ahead.
    pub(crate) fn asked_before(
        &mut self,
        asker: &Asker,
        user: Uuid,
        digest: Digest,
        hub: &mut Hub<'_>,
    ) -> Option<Before> {
        let dedup = &mut self.people.get_mut(user)?.dedup;
        if let Some(answer) = dedup.answer(digest) {
            return Some(Before::Answered(answer));
        }
        if dedup.is_under_way(digest) {
            dedup.wait(digest, asker.clone(), hub.hold());
            return Some(Before::UnderWay);
        }
        None
    }

    /// A dedup key has its answer.
    pub(crate) fn answered(&mut self, user: Uuid, number: u64, digest: Digest, answer: Answer, hub: &mut Hub<'_>) {
        let waiting = self.people.get_mut(user).map(|user| user.dedup.finish(number, digest, answer));
        for (asker, hold) in waiting.unwrap_or_default() {
            self.ok_again(&asker, answer, hub);
            hub.release(hold);
        }
    }

    /// A dedup key came to nothing: the same key is free again.
    pub(crate) fn unanswered(&mut self, user: Uuid, digest: Digest, refused: &Refused, hub: &mut Hub<'_>) {
        let waiting = self.people.get_mut(user).map(|user| user.dedup.fail(digest));
        for (asker, hold) in waiting.unwrap_or_default() {
            self.refuse(&asker, refused, hub);
            hub.release(hold);
        }
    }

    pub(crate) fn ok_again(&self, asker: &Asker, answer: Answer, hub: &mut Hub<'_>) {
        match answer {
            Answer::Said(said) => self.ok(asker, &said, hub),
            Answer::Told(told) => self.ok(asker, &told, hub),
        }
    }
}

/// What became of a dedup key.
pub enum Before {
    Answered(Answer),
    UnderWay,
}

/// At most once a day, so that talk does not write the same again and again.
fn is_keeping_due(user: &User, now: Time, retention: Duration) -> bool {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    user.kept_until.is_none_or(|until| until + DAY.min(retention / 2) < now + retention)
}
