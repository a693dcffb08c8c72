//! The state of the way to Redis, as all threads of a journal see it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::now;

/// Notes of successes and failures, and the time since when there were only failures.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    down: Option<Down>,
}

#[derive(Clone, Debug)]
struct Down {
    since: Instant,
    why: String,
}

impl Health {
    pub fn succeeded(&self) {
        self.state().down = None;
    }

    pub fn failed(&self, why: &str) {
        let mut state = self.state();
        let since = state.down.as_ref().map_or_else(now, |down| down.since);
        state.down = Some(Down { since, why: why.to_owned() });
    }

    /// The reason of the last failure, if nothing has succeeded since.
    pub fn fault(&self) -> Option<String> {
        self.state().down.as_ref().map(|down| down.why.clone())
    }

    /// The time until which something waits that is asked for now.
    pub fn deadline(&self, patience: Duration) -> Instant {
        self.state().down.as_ref().map_or_else(now, |down| down.since) + patience
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_counts_from_the_first_failure() {
        let health = Health::default();
        let patience = Duration::from_secs(1000);
        assert!(health.fault().is_none() && health.deadline(patience) > now());
        health.failed("one");
        let deadline = health.deadline(patience);
        health.failed("two");
        assert_eq!((health.deadline(patience), health.fault()), (deadline, Some("two".into())));
        health.succeeded();
        assert!(health.fault().is_none() && health.deadline(patience) > deadline);
    }
}
