//! A user who is online, or was a short while ago.

use std::collections::VecDeque;

use uuid::Uuid;

use super::dedup::Dedup;
use super::name::Name;
use super::record::UserRecord;
use crate::nodes::announcements::is_here;
use crate::person::Person;
use crate::waiters::Asker;
use parlor_core::{Bytes, ClientId, Steady, Time};

/// A user in memory.
pub struct User {
    /// The id and the name that others see.
    pub person: Person,
    /// The name.
    pub name: Name,
    /// The user's clients, here and on other servers. Bounded by the clients there are.
    pub sessions: Vec<ClientId>,
    /// False if what the journal keeps of the user was not read: they are known from another server's word alone.
    pub is_read: bool,
    /// The time at which the first of the sessions came.
    pub online_since: Time,
    /// The time at which the last session went; `None` while there is one.
    pub absent_since: Option<Steady>,
    /// Graces that run for sessions that dropped.
    pub graces: usize,
    /// The time until which the journal keeps the user; `None` for mere guests.
    pub kept_until: Option<Time>,
    /// The record as it stands in the journal: whoever writes another expects this one.
    pub kept: Option<Bytes>,
    /// True if the journal has a lease of the user's name: see [`lease`](super::lease).
    pub has_lease: bool,
    /// Counted among the new users of their address; once is enough.
    pub is_admitted: bool,
    /// The number of times that the user has signed out everywhere.
    pub sign_outs: u32,
    /// A private message was sent to this mere guest: their inbox is counted.
    pub has_inbox: bool,
    /// The answers to the user's newest idempotency keys.
    pub dedup: Dedup,
    /// Changes of the user's record in the journal. The first one is being written, so the record has one writer. Bounded
    /// by the sessions: each waits for its own change.
    pub changes: VecDeque<(Asker, Change)>,
    /// The record is being written as it is.
    pub is_keeping: bool,
    /// A commit left the user's record out because a change was being written: if that fails, the record is written.
    pub is_record_due: bool,
}

/// A change of a user's record.
pub enum Change {
    /// Another name.
    Name(Name),
    /// All tokens given out so far are void.
    SignOut,
}

impl User {
    /// Returns a guest without a session.
    pub fn new(id: Uuid, name: Name) -> Self {
        User {
            person: Person { id, name: name.as_str().to_owned() },
            name,
            sessions: Vec::new(),
            is_read: true,
            online_since: Time::default(),
            absent_since: None,
            graces: 0,
            kept_until: None,
            kept: None,
            has_lease: false,
            is_admitted: false,
            sign_outs: 0,
            has_inbox: false,
            dedup: Dedup::default(),
            changes: VecDeque::new(),
            is_keeping: false,
            is_record_due: false,
        }
    }

    /// Returns whether the user has a session.
    pub fn is_online(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Returns whether the user has a session on this server.
    pub fn is_here(&self) -> bool {
        self.sessions.iter().any(|session| is_here(*session))
    }

    /// Returns whether the user has done something lasting, or is about to.
    pub fn is_lasting(&self) -> bool {
        self.kept_until.is_some() || self.is_admitted
    }

    /// Returns the user's record, kept until then.
    pub fn record(&self, until: Time) -> UserRecord {
        let later =
            self.kept.as_ref().and_then(|kept| UserRecord::read(kept)).map(|kept| kept.later).unwrap_or_default();
        UserRecord { name: self.name.clone(), until, sign_outs: self.sign_outs, later }
    }

    /// Gives the user another name.
    pub fn set_name(&mut self, name: Name) {
        name.as_str().clone_into(&mut self.person.name);
        self.name = name;
    }
}
