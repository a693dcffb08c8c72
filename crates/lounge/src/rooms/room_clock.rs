//! The clock by which rooms expire.

use std::time::Duration;

use parlor_core::Time;
use parlor_core::journal::RunningClock;

/// Counts the time in which the server ran: neither a pause of the server nor a clock set forward makes a room old.
pub struct RoomClock {
    clock: RunningClock,
    began: Time,
}

impl RoomClock {
    /// Returns a clock that has not begun.
    pub fn new() -> Self {
        RoomClock { clock: RunningClock::resume(None, Time::default()), began: Time::default() }
    }

    /// Begins to count, at the start of the server.
    pub fn begin(&mut self, wall: Time) {
        self.clock = RunningClock::resume(None, wall);
        self.began = self.clock.now();
    }

    /// Takes the time that has passed; to be called at least once a minute.
    pub fn advance(&mut self, wall: Time) -> Time {
        self.clock.advance(wall);
        self.clock.now()
    }

    /// Returns its time now. A jump of the wall clock that [`advance`](RoomClock::advance) has not seen yet is left out.
    pub fn at(&self, wall: Time) -> Time {
        self.clock.at(wall).min(self.clock.now() + RunningClock::STEP_MAX)
    }

    /// Returns the time before which nothing expires: people come back first.
    pub fn grace_over(&self, retention: Duration) -> Time {
        self.began + RunningClock::GRACE.min(retention)
    }
}
