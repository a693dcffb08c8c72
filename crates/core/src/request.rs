//! Requests made of messages, and answers given on the spot.

use serde::de::DeserializeOwned;

use crate::close::Close;
use crate::wire::{Frame, Incoming, Message};

/// Made of what a client sends.
pub trait FromIncoming: Sized {
    /// An `Err` goes back to the client at once.
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply>;
}

impl FromIncoming for Message {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        Ok(incoming.into())
    }
}

/// Text messages as they come; binary ones are refused with close code 1003 (RFC 6455 §7.4.1).
impl FromIncoming for String {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        incoming.text().map(str::to_owned)
    }
}

/// A request that comes as JSON in a text message.
///
/// A text that doesn't fit `T` is answered `{"type":"error","message":"…"}`, and the connection stays open; a binary
/// message is refused with close code 1003 (RFC 6455 §7.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromIncoming for Json<T> {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        serde_json::from_str(incoming.text()?).map(Json).map_err(|error| {
            let message = format!("not the JSON that is expected here: {error}");
            Frame::text(serde_json::json!({"type": "error", "message": message}).to_string()).into()
        })
    }
}

/// An answer on the spot: a frame, a close, both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub frame: Option<Frame>,
    /// After the frame, the connection ends.
    pub close: Option<Close>,
}

impl Reply {
    /// No frame, and the end of the connection.
    pub fn close(close: Close) -> Self {
        Reply { frame: None, close: Some(close) }
    }
}

impl<F: Into<Frame>> From<F> for Reply {
    fn from(frame: F) -> Self {
        Reply { frame: Some(frame.into()), close: None }
    }
}
