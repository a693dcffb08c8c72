//! Commits and loads that the journal has not answered, and their continuations.

use std::collections::HashMap;

use crate::identity::continuation::{IdentityCommit, IdentityLoad};
use crate::inbox::continuation::{InboxCommit, InboxLoad};
use crate::nodes::announcements::AfterAnnounced;
use crate::protocol::client::Ask;
use crate::rooms::continuation::{RoomCommit, RoomLoad};
use crate::waiters::Asker;
use parlor_core::Ticket;

/// The continuation of a commit, by the subject that asked for it.
pub enum AfterCommit {
    /// Of the rooms.
    Rooms(RoomCommit),
    /// Of the identities.
    Identity(IdentityCommit),
    /// Of the inboxes.
    Inbox(InboxCommit),
    /// The other servers know of changed sessions.
    Announced(Vec<AfterAnnounced>),
    /// This server knows all that was committed before the request came.
    Barrier(Box<(Asker, Ask)>),
}

/// The continuation of a load, by the subject that asked for it.
pub enum AfterLoad {
    /// Of the rooms.
    Rooms(RoomLoad),
    /// Of the identities.
    Identity(IdentityLoad),
    /// Of the inboxes.
    Inbox(InboxLoad),
}

/// Commits and loads that the journal has not answered. Bounded by the requests in flight that the kit allows, and one
/// commit or load for each room, user and inbox.
#[derive(Default)]
pub struct Pending {
    commits: HashMap<Ticket, AfterCommit>,
    loads: HashMap<Ticket, AfterLoad>,
}

impl Pending {
    /// Remembers the continuation of a commit.
    pub fn add_commit(&mut self, ticket: Ticket, after: AfterCommit) {
        self.commits.insert(ticket, after);
    }

    /// Remembers the continuation of a load.
    pub fn add_load(&mut self, ticket: Ticket, after: AfterLoad) {
        self.loads.insert(ticket, after);
    }

    /// Takes the continuation of a commit; `None` if an app before this one asked for it.
    pub fn take_commit(&mut self, ticket: Ticket) -> Option<AfterCommit> {
        self.commits.remove(&ticket)
    }

    /// Takes the continuation of a load; `None` if an app before this one asked for it.
    pub fn take_load(&mut self, ticket: Ticket) -> Option<AfterLoad> {
        self.loads.remove(&ticket)
    }

    /// Returns the number of commits and loads without an answer.
    pub fn len(&self) -> usize {
        self.commits.len() + self.loads.len()
    }
}

impl From<RoomCommit> for AfterCommit {
    fn from(after: RoomCommit) -> Self {
        AfterCommit::Rooms(after)
    }
}

impl From<IdentityCommit> for AfterCommit {
    fn from(after: IdentityCommit) -> Self {
        AfterCommit::Identity(after)
    }
}

impl From<InboxCommit> for AfterCommit {
    fn from(after: InboxCommit) -> Self {
        AfterCommit::Inbox(after)
    }
}

impl From<RoomLoad> for AfterLoad {
    fn from(after: RoomLoad) -> Self {
        AfterLoad::Rooms(after)
    }
}

impl From<IdentityLoad> for AfterLoad {
    fn from(after: IdentityLoad) -> Self {
        AfterLoad::Identity(after)
    }
}

impl From<InboxLoad> for AfterLoad {
    fn from(after: InboxLoad) -> Self {
        AfterLoad::Inbox(after)
    }
}
