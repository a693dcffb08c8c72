//! The members of a room.

use std::collections::BTreeMap;
use std::ops::Bound;

use uuid::Uuid;

use crate::nodes::announcements::is_here;
use parlor_core::{ClientId, Steady};

/// Users in a room, each with the sessions they have in it. Somebody whose sessions dropped stays for a grace.
///
/// Bounded by the clients there are and those who dropped within the grace.
#[derive(Debug, Default)]
pub struct Presence {
    members: BTreeMap<Uuid, Member>,
    /// Sessions of this server.
    here: usize,
    /// Sessions of others.
    elsewhere: usize,
    /// The time at which the crowd was last told its number.
    pub crowd_told_at: Option<Steady>,
}

#[derive(Debug, Default)]
struct Member {
    sessions: usize,
    /// Since when there is none.
    dropped_at: Option<Steady>,
}

impl Presence {
    pub fn online(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns whether sessions of other servers are in it, and none of this one.
    pub fn is_elsewhere(&self) -> bool {
        self.here == 0 && self.elsewhere > 0
    }

    /// Returns whether sessions of other servers are in it.
    pub fn has_others(&self) -> bool {
        self.elsewhere > 0
    }

    fn count(&mut self, session: ClientId) -> &mut usize {
        if is_here(session) { &mut self.here } else { &mut self.elsewhere }
    }

    /// One more session of a user; whether it is the first.
    pub fn enter(&mut self, user: Uuid, session: ClientId) -> bool {
        *self.count(session) += 1;
        let is_new = !self.members.contains_key(&user);
        let member = self.members.entry(user).or_default();
        member.sessions += 1;
        member.dropped_at = None;
        is_new
    }

    /// One session less, on purpose; whether it was the last: then the user is gone.
    pub fn leave(&mut self, user: Uuid, session: ClientId) -> bool {
        *self.count(session) -= 1;
        let Some(member) = self.members.get_mut(&user) else { return false };
        member.sessions -= 1;
        let is_gone = member.sessions == 0;
        if is_gone {
            self.members.remove(&user);
        }
        is_gone
    }

    /// One session less, that may come back.
    pub fn drop(&mut self, user: Uuid, session: ClientId, now: Steady) {
        *self.count(session) -= 1;
        if let Some(member) = self.members.get_mut(&user) {
            member.sessions -= 1;
            if member.sessions == 0 {
                member.dropped_at = Some(now);
            }
        }
    }

    /// Returns whether a user's last session dropped at `by` or before, and none came back: then the user is gone.
    pub fn expire(&mut self, user: Uuid, by: Steady) -> bool {
        let is_gone =
            self.members.get(&user).is_some_and(|member| member.dropped_at.is_some_and(|dropped_at| dropped_at <= by));
        if is_gone {
            self.members.remove(&user);
        }
        is_gone
    }

    /// By id.
    pub fn users(&self) -> impl Iterator<Item = Uuid> {
        self.members.keys().copied()
    }

    pub fn users_after(&self, after: Option<Uuid>) -> impl Iterator<Item = Uuid> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.members.range((from, Bound::Unbounded)).map(|(user, _)| *user)
    }
}
