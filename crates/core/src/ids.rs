//! Ids inside one app: of clients, groups, tickets and held requests.

use std::fmt;

/// A client of one app, from its first frame to its last.
///
/// It is a place (a slot in the table of the worker thread that holds its socket) and a generation: slots are used
/// again, their generations are not, so that nothing meant for a client reaches the next owner of its slot. An app keeps it
/// as a key; it is written as `worker.slot.generation`.
///
/// ```
/// # use parlor_core::ClientId;
/// let client = ClientId { worker: 1, slot: 7, generation: 2 };
/// assert_eq!(client.to_string(), "1.7.2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId {
    /// The worker thread, counted from 0 within the app.
    pub worker: u16,
    /// The place in the worker's table.
    pub slot: u32,
    /// The number of clients that had the slot before.
    pub generation: u32,
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.worker, self.slot, self.generation)
    }
}

/// A set of clients that hear the same broadcasts. The app numbers its groups as it likes; a group needs not be made, and
/// costs nothing when nobody is in it. See [`Hub::join`](crate::hub::Hub::join).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub u64);

/// Stands for one call of [`Hub::commit`](crate::hub::Hub::commit) or [`Hub::load`](crate::hub::Hub::load)
/// until its answer comes. Never used twice in the life of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// A request kept open by [`Hub::hold`](crate::hub::Hub::hold), until [`Hub::release`](crate::hub::Hub::release).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a request that is never released takes the place of another for good"]
pub struct Hold(pub(crate) Ticket);
