//! The one place where the apps' time and chance come from.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::TryRng;
use rand::rngs::SysRng;

use parlor_core::Time;

/// The wall clock as an app sees it: it never goes back, and never stands still. If the system's clock is set back, it
/// runs at half speed until the two meet, so that timers go on.
pub(crate) struct Clock {
    shown: Duration,
    read_at: Instant,
}

impl Clock {
    pub fn new() -> Self {
        Clock { shown: wall(), read_at: steady() }
    }

    pub fn now(&mut self) -> Time {
        self.tell(wall(), steady())
    }

    fn tell(&mut self, wall: Duration, steady: Instant) -> Time {
        let passed = steady.saturating_duration_since(self.read_at);
        self.read_at = steady;
        self.shown = wall.max(self.shown + passed / 2);
        time(self.shown)
    }
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
    fn a_clock_set_back_goes_on_at_half_speed() {
        let start = steady();
        let mut clock = Clock { shown: Duration::from_secs(1000), read_at: start };
        let at = |clock: &mut Clock, wall_secs, steady_secs| {
            clock.tell(Duration::from_secs(wall_secs), start + Duration::from_secs(steady_secs)).as_millis() / 1000
        };
        assert_eq!(at(&mut clock, 1010, 10), 1010);
        assert_eq!(at(&mut clock, 920, 20), 1015, "set back by 100 s");
        assert_eq!(at(&mut clock, 1090, 190), 1100);
        assert_eq!(at(&mut clock, 1200, 300), 1200, "they have met");
    }
}
