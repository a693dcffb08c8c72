//! The shell's time, pauses and randomness: everything in this crate takes them from here.

use std::hash::{BuildHasher, RandomState};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parlor_core::Time;

#[expect(clippy::disallowed_methods, reason = "the shell measures how long Redis takes")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a commit without a time of its own is written now")]
pub(crate) fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "the threads of the journal may wait; no session runs on them")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}

/// Draws a word of hexadecimal digits, two for each of up to 8 bytes: for names, not for secrets. The standard library's keys
/// of hash tables come from the system.
pub(crate) fn random_word(bytes: usize) -> String {
    let drawn = RandomState::new().hash_one(now());
    format!("{drawn:016x}").split_off(16_usize.saturating_sub(2 * bytes))
}
