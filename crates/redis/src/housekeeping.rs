//! Housekeeping, in slices so short that no commit waits for them.

use crate::link::Link;
use crate::options::{RedisOptions, TimeSource};
use crate::scripts::Scripts;
use parlor_core::Time;

/// Rows that one slice looks at: about a millisecond of Redis's time.
const ROWS: u64 = 200;

/// Runs one slice at a wall time. `true`: there is more to do soon.
pub(crate) fn tidy(link: &mut Link, scripts: &Scripts, options: &RedisOptions, now: Time) -> bool {
    let mut call = scripts.call(&scripts.tidy);
    match options.time {
        TimeSource::Redis => call.arg(""),
        TimeSource::Caller => call.arg(now.as_millis()),
    };
    call.arg(ROWS).arg(options.retain);
    match options.retain_age {
        Some(age) => call.arg(u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
        None => call.arg(""),
    };
    call.arg(u64::try_from(options.feed_age.as_millis()).unwrap_or(u64::MAX));
    match link.attempt(|connection| call.invoke::<u64>(connection)) {
        Ok(more) => more == 1,
        Err(failure) => {
            log::debug!("housekeeping of the journal waits: {}", failure.words);
            false
        }
    }
}
