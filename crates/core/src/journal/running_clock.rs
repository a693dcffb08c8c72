//! The clock by which things expire.

use std::time::Duration;

use crate::time::Time;

/// Counts the time in which a journal was open.
///
/// Expiry and age are measured by it, not by the wall clock: so nothing expires for time in which no server ran, and a jump
/// of the wall clock expires nothing at once. It begins at the wall time of the journal's first start. Since then it has
/// lost the time in which the journal was closed, and the jumps.
///
/// ```
/// # use parlor_core::{Time, journal::RunningClock};
/// let mut clock = RunningClock::resume(None, Time::from_millis(0));
/// clock.advance(Time::from_millis(1_000));
/// clock.advance(Time::from_millis(86_400_000)); // the wall clock was set forward by a day
/// assert_eq!(clock.now(), Time::from_millis(1_000) + RunningClock::STEP_MAX);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RunningClock {
    wall: Time,
    now: Time,
}

impl RunningClock {
    /// The longest time that one step adds. A longer one is a clock set forward, or a machine that slept.
    pub const STEP_MAX: Duration = Duration::from_secs(60);

    /// The time after a start in which nothing expires, if no retention is shorter: clients come back meanwhile.
    pub const GRACE: Duration = Duration::from_secs(10 * 60);

    /// Makes a clock that goes on from the time that it showed when it was last stored; `None`: begins at the wall time.
    pub fn resume(stored: Option<Time>, wall: Time) -> Self {
        RunningClock { wall, now: stored.unwrap_or(wall) }
    }

    /// Takes the time that has passed since the last call: none if the wall clock was set back, and at most
    /// [`STEP_MAX`](RunningClock::STEP_MAX).
    pub fn advance(&mut self, wall: Time) {
        self.now = self.now + wall.since(self.wall).min(Self::STEP_MAX);
        self.wall = wall;
    }

    /// Returns the time that the clock shows.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Returns the milliseconds by which the wall clock is ahead; negative if it is behind.
    fn lag_ms(&self) -> i64 {
        self.wall.as_millis().cast_signed().wrapping_sub(self.now.as_millis().cast_signed())
    }

    /// Returns the time that the clock shows when the wall clock shows `wall`, if neither jumps.
    pub fn at(&self, wall: Time) -> Time {
        Self::at_lag(wall, self.lag_ms())
    }

    /// Returns the time of what is written now by an app whose clock shows `wall`. That clock may differ from the one that this
    /// clock follows, and either may have jumped: the result is never earlier than now, and at most
    /// [`STEP_MAX`](RunningClock::STEP_MAX) later.
    pub fn stamp(&self, wall: Time) -> Time {
        self.at(wall).clamp(self.now, self.now + Self::STEP_MAX)
    }

    /// Returns when something expires that an app, whose clock shows `written_at`, wants to expire at `expires_at`.
    pub fn expiry(&self, written_at: Time, expires_at: Time) -> Time {
        self.stamp(written_at) + expires_at.since(written_at)
    }

    /// Returns the time of this clock for a wall time that was stored with its lag: the wall clock less this clock, in
    /// milliseconds.
    pub fn at_lag(wall: Time, lag_ms: i64) -> Time {
        Time::from_millis(wall.as_millis().saturating_sub_signed(lag_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;
    const DAY: u64 = 24 * 60 * MINUTE;

    #[test]
    fn a_jump_forward_counts_for_a_minute_and_a_jump_back_for_nothing() {
        let mut clock = RunningClock::resume(None, Time(DAY));
        clock.advance(Time(DAY + 1000));
        assert_eq!(clock.now(), Time(DAY + 1000));
        clock.advance(Time(9 * DAY));
        assert_eq!(clock.now(), Time(DAY + 1000 + MINUTE));
        clock.advance(Time(2 * DAY));
        clock.advance(Time(2 * DAY + 500));
        assert_eq!(clock.now(), Time(DAY + 1500 + MINUTE));
        assert_eq!(clock.at(Time(2 * DAY + 700)), Time(DAY + 1700 + MINUTE));
    }

    #[test]
    fn time_before_a_start_does_not_count() {
        let mut clock = RunningClock::resume(Some(Time(5000)), Time(100 * DAY));
        assert_eq!(clock.now(), Time(5000));
        clock.advance(Time(100 * DAY + 1));
        assert_eq!(clock.now(), Time(5001));
        assert_eq!(clock.at(Time(130 * DAY)), Time(5000 + 30 * DAY));
    }

    #[test]
    fn a_wall_clock_behind_it_does_no_harm() {
        let mut clock = RunningClock::resume(Some(Time(50 * DAY)), Time(0));
        clock.advance(Time(10));
        assert_eq!(clock.now(), Time(50 * DAY + 10));
        assert_eq!(clock.at(Time(DAY)), Time(51 * DAY));
    }
}
