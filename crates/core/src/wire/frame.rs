//! A message to clients, encoded once for all its receivers (RFC 6455 §5.2).

use bytes::{Bytes, BytesMut};
use serde::Serialize;

use crate::wire::header::{HEADER_BYTES_MAX, Opcode, put_header};

/// A message to clients, ready for the wire: a whole unmasked WebSocket frame (RFC 6455 §5.2) in shared bytes, header
/// first. Other transports take only its [`payload`](Frame::payload). A clone costs a reference count.
///
/// `&str`, `String`, `&String` and [`Message`](crate::wire::Message) become frames by themselves; `Vec<u8>` and `Bytes` become
/// binary ones.
///
/// ```
/// # use parlor_core::Frame;
/// let frame = Frame::text("hello");
/// assert_eq!(frame.wire()[..], *b"\x81\x05hello");
/// assert_eq!(frame.payload(), "hello");
/// assert!(!Frame::from(vec![1, 2]).is_text());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    wire: Bytes,
    header_bytes: u8,
    is_text: bool,
}

impl Frame {
    /// Encodes a text message.
    pub fn text(payload: impl AsRef<str>) -> Self {
        Self::encode(payload.as_ref().as_bytes(), true)
    }

    /// Encodes a binary message.
    pub fn binary(payload: impl AsRef<[u8]>) -> Self {
        Self::encode(payload.as_ref(), false)
    }

    /// Encodes a text message with `value` as JSON.
    ///
    /// # Errors
    /// If `value` can't be JSON: a map whose keys are no strings, or a `Serialize` that fails. Plain structs and enums of
    /// strings, numbers, options, vectors and such never fail.
    ///
    /// ```
    /// # use parlor_core::Frame;
    /// #[derive(serde::Serialize)]
    /// #[serde(tag = "type", rename_all = "lowercase")]
    /// enum Event {
    ///     Users { count: usize },
    /// }
    ///
    /// let frame = Frame::json(&Event::Users { count: 2 })?;
    /// assert_eq!(frame.payload(), r#"{"type":"users","count":2}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self::text)
    }

    /// Returns whether it is a text message; else it is a binary one.
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// Returns the message without the WebSocket header.
    pub fn payload(&self) -> Bytes {
        self.wire.slice(usize::from(self.header_bytes)..)
    }

    /// Returns header and payload, as they go out on a WebSocket.
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    fn encode(payload: &[u8], is_text: bool) -> Self {
        let mut wire = BytesMut::with_capacity(payload.len() + HEADER_BYTES_MAX);
        put_header(&mut wire, if is_text { Opcode::Text } else { Opcode::Binary }, payload.len());
        let header_bytes = wire.len() as u8; // 10 at most
        wire.extend_from_slice(payload);
        Frame { wire: wire.freeze(), header_bytes, is_text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_the_lengths_of_the_rfc() {
        for (payload, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let frame = Frame::text("x".repeat(payload));
            assert_eq!(frame.wire().len(), header + payload, "{payload}");
            assert_eq!(frame.payload().len(), payload);
        }
        assert_eq!(&Frame::text("Hello").wire()[..], b"\x81\x05Hello"); // RFC 6455 §5.7
        assert_eq!(&Frame::binary([0; 256]).wire()[..4], b"\x82\x7e\x01\x00");
    }
}
