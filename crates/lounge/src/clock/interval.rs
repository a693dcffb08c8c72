//! Intervals of the wall clock.

use parlor_core::GroupId;
use parlor_core::Time;

/// An interval at which time can be watched, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Every(u64);

impl Every {
    const MILLIS: [u64; 10] = [100, 200, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

    /// The next longer one there is; the longest beyond that.
    pub fn at_least(millis: u64) -> Self {
        let [.., longest] = Self::MILLIS;
        Every(Self::MILLIS.into_iter().find(|every| *every >= millis).unwrap_or(longest))
    }

    pub fn millis(self) -> u64 {
        self.0
    }

    /// Those who watch at this interval. Rooms' numbers never come so far.
    pub fn group(self) -> GroupId {
        GroupId(u64::MAX - self.0)
    }

    /// Returns the number of whole intervals since 1970.
    pub fn count(self, now: Time) -> u64 {
        now.as_millis() / self.0
    }

    /// Returns the time at which the interval of that number begins.
    pub fn begin(self, n: u64) -> Time {
        Time(n.saturating_mul(self.0))
    }
}

impl Default for Every {
    fn default() -> Self {
        Every(1000)
    }
}
