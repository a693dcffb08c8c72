//! The first frame.

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::person::Person;
use crate::protocol::rfc3339::Rfc3339;
use crate::secret::Secret;

/// The version of the contract.
pub const PROTOCOL: u32 = 1;

/// The identity of the client, and its limits. Made a frame by [`event`](super::event).
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "welcome")]
pub struct Welcome<'a> {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// For logs and support: it opens nothing.
    pub session: Uuid,
    pub user: &'a Person,
    pub token: &'a Secret,
    pub server_time: Rfc3339,
    pub limits: &'a ClientLimits,
    /// The server pings after so long a silence, and closes (4001) after some more.
    pub heartbeat_ms: u64,
}

/// Limits that a client should know beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClientLimits {
    /// A longer frame closes the connection (1009).
    pub frame_bytes: usize,
    /// Characters of a message.
    pub body_chars: usize,
    /// With more users than that in a room, `crowd` replaces `joined` and `left`.
    pub presence_room: usize,
    /// More events than that are not recovered on `join`.
    pub recover_events: usize,
    /// Rooms a client is in at once.
    pub rooms: usize,
    /// Requests a second, in the long run; `None`: as many as it likes.
    #[serde(serialize_with = "short")]
    pub rate_per_second: Option<f64>,
    /// Requests at once.
    #[serde(serialize_with = "short")]
    pub rate_burst: Option<f64>,
}

/// Whole numbers without a fraction.
fn short<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match *number {
        Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => serializer.serialize_i64(number as i64),
        Some(number) => serializer.serialize_f64(number),
        None => serializer.serialize_none(),
    }
}
