//! Continuations: private messages that go on when the journal has answered.

use uuid::Uuid;

use super::inbox_log::ParkedJoin;
use super::quota::Filling;
use crate::identity::dedup::Digest;
use crate::person::Person;
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
    /// The end of an inbox is found, and what stands before it is known.
    Probed(Probed),
}

/// The end of an inbox's log, as it was looked up.
pub struct Probed {
    /// The owner.
    pub user: Uuid,
    /// The log's epoch; empty if there is no such log.
    pub epoch: String,
    /// The newest message; 0 if there is none.
    pub head: u64,
}

/// The continuation of a load.
pub enum InboxLoad {
    /// The user that something is to be told.
    Addressee(Box<Addressing>),
    /// The answer to a key that another server was faster with.
    Look(Box<Looking>),
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
    /// The message.
    pub message: Message,
    /// The event.
    pub record: Record,
    /// The answer, without `seq` and `delivered`.
    pub told: Told,
    /// Its place in the addressee's inbox, as the quota counts it; `None` for a note to oneself.
    pub filling: Option<Filling>,
}

/// A message that the journal has refused: another one has its key.
pub struct Looking {
    /// The request.
    pub asker: Asker,
    /// The sender.
    pub from: Uuid,
    /// The message.
    pub message: Message,
}

/// A message to somebody.
pub struct Message {
    /// The addressee.
    pub to: Person,
    /// The text.
    pub body: String,
    /// The idempotency key.
    pub key: Option<Digest>,
    /// Times that the journal has refused it.
    pub conflicts: u32,
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
