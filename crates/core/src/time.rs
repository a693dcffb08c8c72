//! Time on the wall clock and on the steady one: values that are handed in, never read from a clock here.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use chrono::{DateTime, Datelike, Timelike};

/// Milliseconds since 1970-01-01T00:00:00Z. Written by `Display` as RFC 3339, and by serde as a number.
///
/// ```
/// # use parlor_core::Time;
/// use std::time::Duration;
///
/// let time = Time::from_millis(1_795_224_660_123);
/// assert_eq!(time.to_string(), "2026-11-21T01:31:00.123Z");
/// assert_eq!((time + Duration::from_secs(2)).since(time), Duration::from_secs(2));
/// assert_eq!(time.since(time + Duration::from_secs(2)), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The last instant that RFC 3339 can write: 9999-12-31T23:59:59.999Z.
    const LAST: u64 = 253_402_300_799_999;

    /// Makes a time of milliseconds since 1970.
    pub fn from_millis(millis: u64) -> Self {
        Time(millis)
    }

    /// Returns the milliseconds since 1970.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns the time since `earlier`; zero if that is not earlier.
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

/// RFC 3339, UTC, with milliseconds: `2026-11-21T01:31:00.123Z`. chrono makes the date; the digits are put here, without an
/// allocation, since every message has a time.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0.min(Self::LAST)).unwrap_or_default();
        let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
        let (date, time) = (at.date_naive(), at.time());
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let numbers = [
            (3, date.year().unsigned_abs()),
            (6, date.month()),
            (9, date.day()),
            (12, time.hour()),
            (15, time.minute()),
            (18, time.second()),
            (22, at.timestamp_subsec_millis()),
        ];
        for (last_digit, mut number) in numbers {
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

/// Steady time: milliseconds since an instant at or before the start of the app. It goes on at its pace when the wall clock is
/// set, so delays are measured with it; it means nothing in another process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Steady(pub u64);

impl Steady {
    /// Returns the time since `earlier`; zero if that is not earlier.
    pub fn since(self, earlier: Steady) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Steady {
    type Output = Steady;
    fn add(self, by: Duration) -> Steady {
        Steady(self.0.saturating_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Steady {
    type Output = Steady;
    fn sub(self, by: Duration) -> Steady {
        Steady(self.0.saturating_sub(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// One instant on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The wall clock: for what people read, and for what outlives the process. It may be set, forward and back.
    pub wall: Time,
    /// The steady clock: for delays.
    pub steady: Steady,
}

impl Add<Duration> for Now {
    type Output = Now;
    fn add(self, by: Duration) -> Now {
        Now { wall: self.wall + by, steady: self.steady + by }
    }
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
        for day in 0..366 * 450 {
            let time = Time(day * 86_400_000 + day * 7919 % 86_400_000);
            let at = DateTime::from_timestamp_millis(i64::try_from(time.0).unwrap()).unwrap();
            assert_eq!(time.to_string(), at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
        }
    }

    /// The page and other clients take the text apart by position.
    #[test]
    fn every_day_is_written_with_the_same_length_and_sorts_as_text() {
        let mut before = String::new();
        for day in 0..366 * 450 {
            let text = Time(day * 86_400_000 + day * 7919 % 86_400_000).to_string();
            assert_eq!(text.len(), 24);
            assert!(before < text, "{before} {text}");
            before = text;
        }
    }

    #[test]
    fn does_not_wrap() {
        assert_eq!(Time(5) - Duration::from_secs(1), Time(0));
        assert_eq!(Time(u64::MAX) + Duration::from_secs(1), Time(u64::MAX));
        assert_eq!(Time(5).since(Time(9)), Duration::ZERO);
    }
}
