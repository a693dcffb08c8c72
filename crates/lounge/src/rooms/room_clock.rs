//! The clock by which rooms expire.

use std::time::Duration;

use parlor_core::Steady;
use parlor_core::journal::RunningClock;

/// A room's time before the server started: as much as a room can have been idle. 1000 years.
const BEFORE_MS: u64 = 1000 * 365 * 24 * 60 * 60 * 1000;

/// Counts the time in which the server ran: neither a pause of the server nor a wall clock that is set makes a room old.
#[derive(Clone, Copy, Default)]
pub struct RoomClock {
    began: Steady,
}

impl RoomClock {
    /// Begins to count, at the start of the server.
    pub fn begin(&mut self, now: Steady) {
        self.began = Self::at(now);
    }

    /// Returns the clock's time. It is never so early that a room could not have been idle before.
    pub fn at(now: Steady) -> Steady {
        Steady(now.0.saturating_add(BEFORE_MS))
    }

    /// Returns the time of a room's last use, `idle` ago.
    pub fn before(now: Steady, idle: Duration) -> Steady {
        let idle_ms = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        Steady(Self::at(now).0.saturating_sub(idle_ms))
    }

    /// Returns the time before which nothing expires: people come back first.
    pub fn grace_over(&self, retention: Duration) -> Steady {
        self.began + RunningClock::GRACE.min(retention)
    }
}
