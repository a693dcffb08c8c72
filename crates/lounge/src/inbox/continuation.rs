//! Continuations: private messages that go on when the journal has answered.

use uuid::Uuid;

use super::inbox_log::ParkedJoin;
use super::quota::Filling;
use crate::identity::continuation::Keep;
use crate::identity::dedup::Digest;
use crate::protocol::record::Record;
use crate::protocol::server::replies::Told;
use crate::rooms::catch_up::CatchUp;
use crate::waiters::Asker;

/// The continuation of a commit.
pub enum InboxCommit {
    /// A message.
    Tell(Box<Sending>),
    /// That an owner has read their inbox.
    Read,
}

/// The continuation of a load.
pub enum InboxLoad {
    /// The user that something is to be told.
    Addressee(Box<Addressing>),
    /// The place of a message that was sent before.
    Search(Box<Searching>),
    /// The end of a user's inbox.
    Probe(Uuid),
    /// A page for a join.
    Join(Box<Joining>),
    /// A page of history.
    History(Box<Reading>),
}

/// A message whose addressee is being looked up.
pub struct Addressing {
    /// The request.
    pub asker: Asker,
    /// The addressee.
    pub to: Uuid,
    /// The message.
    pub body: String,
    /// The idempotency key.
    pub key: Option<Digest>,
}

/// A message that is being written.
pub struct Sending {
    /// The request.
    pub asker: Asker,
    /// The sender.
    pub from: Uuid,
    /// The addressee.
    pub to: Uuid,
    /// The event.
    pub record: Record,
    /// The answer, without `seq` and `delivered`.
    pub told: Told,
    /// The idempotency key and its number.
    pub key: Option<(u64, Digest)>,
    /// Users' records that are written with it.
    pub keeps: Vec<Keep>,
    /// Its place in the addressee's inbox, as the quota counts it; `None` for a note to oneself.
    pub filling: Option<Filling>,
}

/// A message sent before, looked for in its sender's inbox.
pub struct Searching {
    /// The request.
    pub asker: Asker,
    /// The sender.
    pub user: Uuid,
    /// The idempotency key.
    pub key: Digest,
    /// The answer, without `seq`.
    pub told: Told,
}

/// A join that waits for a page.
pub struct Joining {
    /// The join as it came: if the log has expired meanwhile, it begins again.
    pub join: ParkedJoin,
    /// The owner.
    pub user: Uuid,
    /// The events it brings.
    pub catch_up: CatchUp,
}

/// A page of history that is being read.
pub struct Reading {
    /// The request.
    pub asker: Asker,
    /// Events at most.
    pub limit: usize,
}
