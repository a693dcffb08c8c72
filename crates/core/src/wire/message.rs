//! Messages from clients, whole and checked.

use bytes::Bytes;
use serde_json::Value;

use crate::close::Close;
use crate::wire::Frame;

/// One whole message from a client, fragments put together, text known to be UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

impl<'a> Incoming<'a> {
    /// Returns the text of a text message.
    ///
    /// # Errors
    /// For a binary message: the close to answer it with (1003, RFC 6455 §7.4.1).
    ///
    /// ```
    /// # use parlor_core::{Close, Incoming};
    /// assert_eq!(Incoming::Text("hello").text(), Ok("hello"));
    /// let refusal = Incoming::Binary(&[1]).text().unwrap_err();
    /// assert_eq!(refusal.code, Close::UNSUPPORTED);
    /// ```
    pub fn text(self) -> Result<&'a str, Close> {
        match self {
            Incoming::Text(text) => Ok(text),
            Incoming::Binary(_) => {
                Err(Close::new(Close::UNSUPPORTED, "binary messages are not understood here: send text"))
            }
        }
    }
}

/// An [`Incoming`] of its own: the request type of apps that take messages as they come.
///
/// ```
/// # use parlor_core::{Frame, Incoming, Message};
/// let message = Message::from(Incoming::Text("hello"));
/// assert_eq!(message, Message::Text("hello".to_owned()));
/// assert_eq!(Frame::from(&message), Frame::text("hello"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
}

impl From<Incoming<'_>> for Message {
    fn from(incoming: Incoming<'_>) -> Self {
        match incoming {
            Incoming::Text(text) => Message::Text(text.to_owned()),
            Incoming::Binary(bytes) => Message::Binary(Bytes::copy_from_slice(bytes)),
        }
    }
}

impl From<Incoming<'_>> for Frame {
    fn from(incoming: Incoming<'_>) -> Self {
        match incoming {
            Incoming::Text(text) => Frame::text(text),
            Incoming::Binary(bytes) => Frame::binary(bytes),
        }
    }
}

impl From<&Message> for Frame {
    fn from(message: &Message) -> Self {
        match message {
            Message::Text(text) => Frame::text(text),
            Message::Binary(bytes) => Frame::binary(bytes),
        }
    }
}

impl From<Message> for Frame {
    fn from(message: Message) -> Self {
        Frame::from(&message)
    }
}

/// A binary frame.
impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Frame::binary(bytes)
    }
}

/// A binary frame.
impl From<Bytes> for Frame {
    fn from(bytes: Bytes) -> Self {
        Frame::binary(bytes)
    }
}

/// A text frame with the value as JSON.
///
/// ```
/// # use parlor_core::Frame;
/// assert_eq!(Frame::from(serde_json::json!({"type": "value", "value": 1})), Frame::text(r#"{"type":"value","value":1}"#));
/// ```
impl From<Value> for Frame {
    fn from(value: Value) -> Self {
        Frame::from(&value)
    }
}

/// A text frame with the value as JSON.
impl From<&Value> for Frame {
    fn from(value: &Value) -> Self {
        Frame::text(value.to_string())
    }
}

impl From<&String> for Frame {
    fn from(text: &String) -> Self {
        Frame::text(text)
    }
}

impl From<&str> for Frame {
    fn from(text: &str) -> Self {
        Frame::text(text)
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Frame::text(text)
    }
}
