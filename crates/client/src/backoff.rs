//! The wait before the next attempt to connect.

use std::time::Duration;

/// The longest wait before the first attempt. It doubles with each failure.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(20);
/// A connection that lived so long counts as a success.
const STABLE: Duration = Duration::from_secs(5);
/// The number of failures that "more slowly" counts as.
const PATIENCE: u32 = 4;

/// Full jitter: a random time up to a bound that doubles with each failure, so that clients of one server don't all come back
/// in the same instant.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    /// The wait that the server asked for. The jitter comes on top.
    floor: Duration,
}

impl Backoff {
    /// The server says when to come back.
    pub fn ask(&mut self, floor: Duration) {
        self.floor = floor;
    }

    /// A connection ended after it was open for some time.
    pub fn lost(&mut self, lived: Duration, asks_for_patience: bool) {
        if lived >= STABLE {
            self.failures = 0;
        }
        if asks_for_patience {
            self.failures = self.failures.max(PATIENCE);
        }
    }

    /// The wait before the next attempt; `random` is in 0 to 1.
    pub fn next(&mut self, random: f64) -> Duration {
        let bound = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures += 1;
        std::mem::take(&mut self.floor).saturating_add(bound.mul_f64(random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(backoff: &mut Backoff, times: usize) -> Vec<u128> {
        (0..times).map(|_| backoff.next(1.0).as_millis()).collect()
    }

    #[test]
    fn waits_double_up_to_a_bound() {
        assert_eq!(longest(&mut Backoff::default(), 8), [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]);
        assert_eq!(Backoff::default().next(0.0), Duration::ZERO);
        let mut many = Backoff { failures: u32::MAX - 1, ..Backoff::default() };
        assert_eq!(longest(&mut many, 1), [20_000]);
    }

    #[test]
    fn a_connection_that_lasted_begins_anew_and_a_short_one_does_not() {
        let mut backoff = Backoff::default();
        longest(&mut backoff, 4);
        backoff.lost(Duration::from_secs(4), false);
        assert_eq!(longest(&mut backoff, 1), [8000]);
        backoff.lost(Duration::from_secs(5), false);
        assert_eq!(longest(&mut backoff, 1), [500]);
    }

    #[test]
    fn the_server_may_ask_for_more_time_once() {
        let mut backoff = Backoff::default();
        backoff.ask(Duration::from_secs(3));
        assert_eq!(longest(&mut backoff, 2), [3500, 1000]);
        backoff.lost(Duration::from_secs(60), true);
        assert_eq!(longest(&mut backoff, 1), [8000]);
    }
}
