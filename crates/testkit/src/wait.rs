//! Waiting for a condition.

use std::thread;
use std::time::{Duration, Instant};

/// The time after which something counts as not coming, however slow the machine is. A passing test never waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(5);

/// Looks again and again until there is a result: for what happens soon without a message to the test.
///
/// # Panics
/// After [`PATIENCE`].
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, &mut look).unwrap_or_else(|| panic!("waited in vain: {what}"))
}

/// The same for a condition.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    eventually(what, || is_so().then_some(()));
}

/// The result, if there is one before the time is over.
pub fn within<T>(time: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + time;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() > until {
            return None;
        }
        thread::sleep(PAUSE);
    }
}
