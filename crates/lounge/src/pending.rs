//! What the journal was asked for, and what to do with its answer.

use uuid::Uuid;

use crate::identity::resume::Resuming;
use crate::identity::retention::Keep;
use crate::inbox::state::Probe;
use crate::inbox::tell::{Addressing, Searching, Sending};
use crate::rooms::create::Creation;
use crate::rooms::history::Reading;
use crate::rooms::join::Joining;
use crate::rooms::room::RoomId;

pub enum Pending {
    /// The room knows what is being written.
    Batch(RoomId),
    /// What somebody else wrote to a room's log.
    Follow(RoomId),
    Create(Box<Creation>),
    /// Rooms that go.
    Sweep(Vec<RoomId>),
    Tell(Box<Sending>),
    /// The first rename of the user that waits.
    Rename(Uuid),
    /// A user who is kept for longer.
    Keep(Keep),
    Join(Box<Joining>),
    History(Box<Reading>),
    Resume(Box<Resuming>),
    /// Whether there is somebody to tell something.
    Addressee(Box<Addressing>),
    /// Where a message stands that was sent before.
    Search(Box<Searching>),
    /// Where an inbox ends.
    Probe(Probe),
}
