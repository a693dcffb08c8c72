//! A room that the client is in: where its log stands, and the way back into it.

use crate::protocol::{Join, Joined};

#[derive(Debug)]
pub(crate) struct Room {
    /// The way back: by the seat that was given, if any.
    way: Join,
    epoch: String,
    /// The number of the newest event that the program was given.
    seq: u64,
    pub state: State,
    /// `true` if this connection has joined it.
    pub is_joined: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Events come one after the other.
    Live,
    /// Events are missing. To be joined again.
    Behind,
    /// A join is under way that brings all that is missing.
    Rejoining,
}

/// A numbered event's place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Next,
    /// Given to the program already, or part of the answer to a join under way.
    Covered,
    Gap,
}

impl Room {
    /// `before` is the same room, if it was joined already: its seat stays.
    pub fn new(mut join: Join, joined: &Joined, before: Option<Room>) -> Self {
        join.seat = join.seat.or_else(|| before.and_then(|before| before.way.seat));
        let mut room = Room { way: join, epoch: String::new(), seq: 0, state: State::Live, is_joined: true };
        room.enter(joined);
        room
    }

    /// Takes over the place of a join's answer, when the program has its events.
    pub fn enter(&mut self, joined: &Joined) {
        let seat = joined.game.as_ref().and_then(|game| game.seat.clone()).or_else(|| self.way.seat.take());
        // A key may be used up by its first use; a seat never is.
        let key = if seat.is_some() { None } else { self.way.key.take() };
        let room = if key.is_some() { None } else { Some(joined.room.clone()) };
        self.way = Join { room, key, seat, sit: false, limit: self.way.limit, since: None };
        self.epoch.clone_from(&joined.epoch);
        self.seq = joined.seq;
        (self.state, self.is_joined) = (State::Live, true);
    }

    /// The join that brings what is missing.
    pub fn way_back(&self) -> Join {
        self.way.clone().since(&self.epoch, self.seq)
    }

    pub fn place(&self, seq: u64) -> Place {
        match self.state {
            State::Behind | State::Rejoining => Place::Covered,
            State::Live if seq <= self.seq => Place::Covered,
            State::Live if seq == self.seq + 1 => Place::Next,
            State::Live => Place::Gap,
        }
    }

    /// The program has the event after the newest one.
    pub fn advance(&mut self) {
        self.seq += 1;
    }
}
