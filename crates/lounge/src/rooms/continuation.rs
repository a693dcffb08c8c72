//! Continuations: requests to rooms that go on when the journal has answered.

use super::catch_up::CatchUp;
use super::content::{About, Content};
use super::id::RoomId;
use super::name::RoomName;
use crate::games::host::SeatName;
use crate::protocol::client::Join;
use crate::protocol::record::Record;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::{ClientId, Time};

/// The continuation of a commit.
pub enum RoomCommit {
    /// The room knows what is being written.
    Batch(RoomId),
    /// A new room.
    Create(Box<Creation>),
    /// A note in the log of a room that somebody is in it, or was.
    Touch(RoomId),
    /// A room that is being deleted.
    Drop(Dropping),
}

/// The continuation of a load.
pub enum RoomLoad {
    /// The idempotency keys of a batch that another server was faster than.
    Look(RoomId),
    /// A page for a join.
    Join(Box<Joining>),
    /// A page of history.
    History(Box<Reading>),
}

/// A room that is being deleted.
pub struct Dropping {
    /// Its number.
    pub id: RoomId,
    /// Its name.
    pub name: RoomName,
}

/// A room that is being created.
pub struct Creation {
    /// Its name.
    pub name: RoomName,
    /// The epoch of its log.
    pub epoch: String,
    /// Its content.
    pub content: Content,
    /// The facts that are kept of it.
    pub about: About,
    /// The time of its first event.
    pub at: Time,
    /// The request that creates it; `None` if a join does, which waits for it like the others.
    pub asker: Option<Asker>,
    /// The client whose address it counts for.
    pub client: ClientId,
    /// Its first events.
    pub records: Vec<Record>,
    /// The secrets of a game.
    pub secrets: Option<MakersSecrets>,
}

/// The secrets that the maker of a game is given.
pub struct MakersSecrets {
    /// The key for players.
    pub join: Secret,
    /// The key for spectators.
    pub watch: Secret,
    /// The proof of the maker's seat.
    pub seat: Secret,
}

/// A join that waits until other servers know of it.
pub struct Entering {
    /// The request.
    pub asker: Asker,
    /// The room.
    pub room: RoomId,
    /// The join, as it was asked for.
    pub join: Join,
    /// The seat of a game that the client is to hold.
    pub seat: Option<SeatName>,
    /// The proof of that seat, if it has just been given.
    pub proof: Option<Secret>,
}

/// A join that waits for the journal.
pub struct Joining {
    /// The request.
    pub asker: Asker,
    /// The room.
    pub room: RoomId,
    /// The events it brings.
    pub catch_up: CatchUp,
    /// The seat of a game that the client is to hold.
    pub seat: Option<SeatName>,
    /// The proof of that seat, if it has just been given.
    pub proof: Option<Secret>,
}

/// A page of a room's history that is being read.
pub struct Reading {
    /// The request.
    pub asker: Asker,
    /// The room.
    pub room: RoomName,
    /// Events at most.
    pub limit: usize,
}
