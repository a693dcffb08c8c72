//! Things to do later, on the steady clock: one queue for all of them.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::clock::interval::Every;
use crate::rooms::id::RoomId;
use parlor_core::{ClientId, Steady};

/// Something to do at a time. Each is in the queue at most once: setting it again moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The grace of a client that dropped is over: its user has left the rooms that they did not come back to.
    Grace(ClientId),
    /// A user without a session may be forgotten.
    Absence(Uuid),
    /// A crowd's number has changed.
    Crowd(RoomId),
    /// Another server has had the turn to change a room for long enough.
    Turn(RoomId),
    /// A tick for the clients that watch the time at this interval.
    Tick(Every),
    /// A tick for a client that watches the time at random intervals.
    RandomTick(ClientId),
    /// A player has been away in their turn for too long.
    Forfeit(RoomId),
    /// A look at the rooms for those that expire.
    Sweep,
    /// A round of renewing the leases of names.
    Leases,
}

/// The queue. Bounded by the clients, the users, the rooms and the tick intervals.
#[derive(Debug, Default)]
pub struct Timers {
    /// The number keeps the order of those that are due at the same time.
    queue: BTreeMap<(Steady, u64), Due>,
    places: BTreeMap<Due, (Steady, u64)>,
    next: u64,
}

impl Timers {
    /// Sets a timer, or moves it.
    pub fn set(&mut self, at: Steady, due: Due) {
        self.cancel(due);
        let place = (at, self.next);
        self.next += 1;
        self.queue.insert(place, due);
        self.places.insert(due, place);
    }

    /// Sets a timer, unless it is set.
    pub fn set_if_none(&mut self, at: Steady, due: Due) {
        if !self.places.contains_key(&due) {
            self.set(at, due);
        }
    }

    /// Removes a timer.
    pub fn cancel(&mut self, due: Due) {
        if let Some(place) = self.places.remove(&due) {
            self.queue.remove(&place);
        }
    }

    /// Returns the time of the next timer.
    pub fn next(&self) -> Option<Steady> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next timer, if it is due at `now`.
    pub fn pop(&mut self, now: Steady) -> Option<(Steady, Due)> {
        let entry = self.queue.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), due) = entry.remove_entry();
        self.places.remove(&due);
        Some((at, due))
    }

    /// Returns the number of timers.
    pub fn len(&self) -> usize {
        self.queue.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_set_again_is_moved() {
        let mut timers = Timers::default();
        timers.set(Steady(30), Due::Forfeit(RoomId(1)));
        timers.set(Steady(10), Due::Sweep);
        timers.set(Steady(20), Due::Forfeit(RoomId(1)));
        timers.set_if_none(Steady(5), Due::Sweep);
        assert_eq!((timers.len(), timers.next()), (2, Some(Steady(10))));
        timers.cancel(Due::Sweep);
        timers.cancel(Due::Sweep);
        assert_eq!(timers.pop(Steady(19)), None);
        assert_eq!(timers.pop(Steady(20)), Some((Steady(20), Due::Forfeit(RoomId(1)))));
        assert_eq!((timers.len(), timers.pop(Steady(100))), (0, None));
    }

    #[test]
    fn timers_of_one_time_keep_their_order() {
        let mut timers = Timers::default();
        let dues = [Due::Sweep, Due::Crowd(RoomId(9)), Due::Crowd(RoomId(2))];
        dues.into_iter().for_each(|due| timers.set(Steady(1), due));
        assert_eq!(dues.map(|_| timers.pop(Steady(1)).unwrap().1), dues);
    }
}
