//! Messages from clients, whole and checked.

use bytes::Bytes;

use crate::wire::Frame;

/// One whole message from a client, fragments put together, text known to be UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

/// An [`Incoming`] of its own: the request type of apps that take messages as they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Text(String),
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
