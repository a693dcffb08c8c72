//! What the lounge has to do later: one queue for all of it.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::clock::interval::Every;
use crate::rooms::room::RoomId;
use parlor_core::ClientId;
use parlor_core::Time;

/// Something to be done at a time. When the time comes it is looked at again whether it still holds: nothing is ever taken
/// out of the queue before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A user's session dropped some time ago: where they have not come back to, they have left.
    Grace { user: Uuid, rooms: Vec<RoomId> },
    /// A user who is not on may be forgotten.
    Absence(Uuid),
    /// A crowd's number has changed.
    Crowd(RoomId),
    /// Those who watch the time at this interval.
    Tick(Every),
    /// A client that watches the time at random intervals.
    RandomTick(ClientId),
    /// Somebody has been away in their turn for long.
    Forfeit(RoomId),
    /// Rooms that nobody was in for long.
    Sweep,
}

/// Bounded by what is in it: for each client a grace, an absence and a tick, for each room a crowd and a forfeit, the tick
/// intervals, the sweep; entries that no longer hold stay until their time, which is minutes away at most.
#[derive(Debug, Default)]
pub struct Timers {
    queue: BTreeMap<(Time, u64), Due>,
    /// Tells those apart that are due at the same time, and keeps their order.
    next: u64,
}

impl Timers {
    pub fn set(&mut self, at: Time, due: Due) {
        self.queue.insert((at, self.next), due);
        self.next += 1;
    }

    /// When the next is due.
    pub fn next(&self) -> Option<Time> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next one, if it is due at `now`.
    pub fn pop(&mut self, now: Time) -> Option<(Time, Due)> {
        let entry = self.queue.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), due) = entry.remove_entry();
        Some((at, due))
    }

    pub fn len(&self) -> usize {
        self.queue.len()
    }
}
