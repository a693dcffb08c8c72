//! Wall-clock time as the apps see it: handed in, never read.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The last instant that RFC 3339 can write: 9999-12-31T23:59:59.999Z.
    const LAST: u64 = 253_402_300_799_999;

    pub fn from_millis(millis: u64) -> Self {
        Time(millis)
    }

    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it is not earlier.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, by: Duration) -> Time {
        Time(self.0.saturating_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, by: Duration) -> Time {
        Time(self.0.saturating_sub(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// RFC 3339, UTC, with milliseconds: `2026-11-21T01:31:00.123Z`. By hand, since every event has one: a formatter that
/// reads its format first takes ten times as long.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.min(Self::LAST);
        let (millis, seconds) = (at % 1000, at / 1000);
        let (second, minute, hour) = (seconds % 60, seconds / 60 % 60, seconds / 3600 % 24);
        let (year, month, day) = date(seconds / 86_400);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        for (last_digit, mut number) in
            [(3, year), (6, month), (9, day), (12, hour), (15, minute), (18, second), (22, millis)]
        {
            for digit in text[..=last_digit].iter_mut().rev() {
                if number == 0 {
                    break;
                }
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Year, month and day of a day since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// civil_from_days): years begin in March, so that the leap day comes last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_rfc_3339_with_milliseconds() {
        assert_eq!(Time(1_795_224_660_123).to_string(), "2026-11-21T01:31:00.123Z");
        assert_eq!(Time(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Time(u64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn is_written_as_chrono_writes_it() {
        let by_chrono = |at: u64| {
            let at = chrono::DateTime::from_timestamp_millis(at as i64).unwrap();
            at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
        };
        for day in 0..366 * 450 {
            let at = day * 86_400_000 + day * 7919 % 86_400_000;
            assert_eq!(Time(at).to_string(), by_chrono(at));
        }
    }

    #[test]
    fn does_not_wrap() {
        assert_eq!(Time(5) - Duration::from_secs(1), Time(0));
        assert_eq!(Time(u64::MAX) + Duration::from_secs(1), Time(u64::MAX));
        assert_eq!(Time(5).since(Time(9)), Duration::ZERO);
    }
}
