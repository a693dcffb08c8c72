//! Who watches the time.

use std::collections::BTreeMap;

use crate::protocol::client::TickMode;
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

    /// How many whole intervals there were since 1970.
    pub fn count(self, now: Time) -> u64 {
        now.as_millis() / self.0
    }

    /// When the interval of that number begins.
    pub fn begin(self, n: u64) -> Time {
        Time(n.saturating_mul(self.0))
    }
}

impl Default for Every {
    fn default() -> Self {
        Every(1000)
    }
}

/// How one client watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    pub every: Every,
    pub mode: TickMode,
    /// Random mode: ticks so far, and when the next one is due: a timer of another time is of a watch before this one.
    pub ticks: u64,
    pub next_at: Option<Time>,
}

/// How many watch, by interval in regular mode. Bounded: there are few intervals.
#[derive(Debug, Default)]
pub struct Clock {
    /// An interval that nobody watches any more stays until its next tick, for which a timer is set.
    regular: BTreeMap<Every, usize>,
    random: usize,
}

impl Clock {
    /// One more; whether its interval has to be set going.
    pub fn add(&mut self, watch: &Watch) -> bool {
        match watch.mode {
            TickMode::Regular => {
                let is_going = self.regular.contains_key(&watch.every);
                *self.regular.entry(watch.every).or_default() += 1;
                !is_going
            }
            TickMode::Random => {
                self.random += 1;
                false
            }
        }
    }

    pub fn remove(&mut self, watch: &Watch) {
        match watch.mode {
            TickMode::Regular => {
                if let Some(watchers) = self.regular.get_mut(&watch.every) {
                    *watchers -= 1;
                }
            }
            TickMode::Random => self.random -= 1,
        }
    }

    /// Whether anybody watches at an interval; if nobody does, it stops.
    pub fn goes_on(&mut self, every: Every) -> bool {
        let goes_on = self.regular.get(&every).is_some_and(|watchers| *watchers > 0);
        if !goes_on {
            self.regular.remove(&every);
        }
        goes_on
    }

    pub fn watchers(&self) -> usize {
        self.regular.values().sum::<usize>() + self.random
    }
}
