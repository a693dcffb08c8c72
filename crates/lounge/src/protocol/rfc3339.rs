//! Times on the wire.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use parlor_core::Time;

/// A [`Time`] as the wire has it: RFC 3339, UTC, with milliseconds, such as `"2026-11-21T01:31:00.123Z"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rfc3339(pub Time);

impl From<Time> for Rfc3339 {
    fn from(time: Time) -> Self {
        Rfc3339(time)
    }
}

impl From<Rfc3339> for Time {
    fn from(time: Rfc3339) -> Self {
        time.0
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Takes any RFC 3339 time from 1970 on, of any zone; what is finer than a millisecond is cut off.
impl<'de> Deserialize<'de> for Rfc3339 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = chrono::DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        let millis = u64::try_from(at.timestamp_millis()).map_err(|_| D::Error::custom("a time before 1970"))?;
        Ok(Rfc3339(Time(millis)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_it_is_written() {
        let at = Rfc3339(Time(1_795_224_660_123));
        let text = serde_json::to_string(&at).unwrap();
        assert_eq!(text, "\"2026-11-21T01:31:00.123Z\"");
        assert_eq!(serde_json::from_str::<Rfc3339>(&text).unwrap(), at);
        assert_eq!(serde_json::from_str::<Rfc3339>("\"2026-11-21T02:31:00.1239+01:00\"").unwrap(), at);
    }

    #[test]
    fn what_is_no_time_of_ours_is_refused() {
        for text in ["\"\"", "\"2026-11-21\"", "\"1969-12-31T23:59:59.999Z\"", "7"] {
            assert!(serde_json::from_str::<Rfc3339>(text).is_err(), "{text}");
        }
    }
}
