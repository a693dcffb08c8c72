//! Steady time on a worker thread.

use std::time::{Duration, Instant};

/// Milliseconds since the worker's state was set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// Returns the time since `earlier`; zero if that is not earlier.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// Reads the steady clock.
#[expect(clippy::disallowed_methods, reason = "the shell reads the clock and hands it in")]
pub(crate) fn steady_now() -> Instant {
    Instant::now()
}
