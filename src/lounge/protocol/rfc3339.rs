//! Times on the wire.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kit::time::Time;

/// A [`Time`] as the wire has it: RFC 3339, UTC, with milliseconds, such as `"2026-11-21T01:31:00.123Z"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rfc3339(pub Time);

impl From<Time> for Rfc3339 {
    fn from(time: Time) -> Self {
        Rfc3339(time)
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
