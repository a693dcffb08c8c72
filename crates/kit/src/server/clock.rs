//! The one place where the apps' time and chance come from.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::TryRng;
use rand::rngs::SysRng;

use log::warn;
use parlor_core::{Now, Steady, Time};

/// Both clocks as an app sees them. Tells the log when the wall clock is set.
pub(crate) struct Clock {
    started: Instant,
    last: (Duration, Instant),
}

/// Less than this between two readings is adjustment, not a jump.
const JUMP: Duration = Duration::from_secs(1);

impl Clock {
    pub fn new() -> Self {
        let started = steady();
        Clock { started, last: (wall(), started) }
    }

    pub fn now(&mut self) -> Now {
        let (now, jump) = self.tell(wall(), steady());
        match jump {
            Some(Jump::Forward(by)) => warn!("the system's clock was set forward by {} s", by.as_secs()),
            Some(Jump::Back(by)) => warn!("the system's clock was set back by {} s", by.as_secs()),
            None => {}
        }
        now
    }

    fn tell(&mut self, wall: Duration, steady: Instant) -> (Now, Option<Jump>) {
        let (wall_before, steady_before) = std::mem::replace(&mut self.last, (wall, steady));
        let expected = wall_before + steady.saturating_duration_since(steady_before);
        let forward = wall.checked_sub(expected).filter(|by| *by >= JUMP).map(Jump::Forward);
        let back = expected.checked_sub(wall).filter(|by| *by >= JUMP).map(Jump::Back);
        let passed = steady.saturating_duration_since(self.started);
        let steady = Steady(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX));
        (Now { wall: time(wall), steady }, forward.or(back))
    }
}

/// The wall clock was set.
#[derive(Debug, PartialEq, Eq)]
enum Jump {
    Forward(Duration),
    Back(Duration),
}

/// Reads the system's wall clock. For what a program does outside of its apps.
///
/// ```
/// assert!(parlor_kit::wall_clock().to_string().starts_with("20"));
/// ```
pub fn wall_clock() -> Time {
    time(wall())
}

fn time(since_1970: Duration) -> Time {
    Time::from_millis(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "the shell reads the clock and hands it in")]
fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the shell reads the clock and hands it in")]
fn steady() -> Instant {
    Instant::now()
}

/// A seed from the operating system.
///
/// # Errors
/// If the operating system has none, in words for the operator.
pub(crate) fn seed() -> Result<[u8; 32], String> {
    let mut seed = [0; 32];
    SysRng.try_fill_bytes(&mut seed).map_err(|error| format!("the system gives no randomness: {error}"))?;
    Ok(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_jumps_once_and_the_steady_time_goes_on() {
        let start = steady();
        let mut clock = Clock { started: start, last: (Duration::from_secs(100_000), start) };
        let mut at = |wall: f64, steady: f64| {
            let (now, jump) = clock.tell(Duration::from_secs_f64(wall), start + Duration::from_secs_f64(steady));
            (now.wall.0, now.steady.0, jump)
        };
        assert_eq!(at(100_010.0, 10.0), (100_010_000, 10_000, None));
        assert_eq!(at(71_211.0, 11.0), (71_211_000, 11_000, Some(Jump::Back(Duration::from_secs(28_800)))));
        assert_eq!(at(71_212.0, 12.0), (71_212_000, 12_000, None), "a jump is told once");
        assert_eq!(at(71_213.25, 13.0), (71_213_250, 13_000, None), "small steps are adjustments");
        assert_eq!(at(100_014.25, 14.0), (100_014_250, 14_000, Some(Jump::Forward(Duration::from_secs(28_800)))));
    }
}
