//! A message to clients, encoded once for all its receivers (RFC 6455 §5.2).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use serde::Serialize;

use crate::wire::deflate::{self, Variants, WindowBits};
use crate::wire::header::{HEADER_BYTES_MAX, Opcode, RSV1, put_header};

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
#[derive(Clone, Debug)]
pub struct Frame {
    wire: Bytes,
    header_bytes: u8,
    is_text: bool,
    /// Present if compressed forms are kept.
    variants: Option<Arc<Variants>>,
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

    /// Returns the length of the message in bytes, without the WebSocket header.
    pub fn payload_bytes(&self) -> usize {
        self.wire.len() - usize::from(self.header_bytes)
    }

    /// Returns header and payload, as they go out on a WebSocket.
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// Returns the same message for several receivers: its clones share what [`compressed`](Frame::compressed) makes, from any
    /// thread, until the last is dropped.
    #[must_use]
    pub fn shared(&self) -> Self {
        Frame { variants: Some(Arc::default()), ..self.clone() }
    }

    /// Returns header and payload, as they go out on a WebSocket with permessage-deflate (RFC 7692 §7.2.1); `None` if the
    /// message is not shorter then: it is to go out plain. `compressed` is called if it is compressed now, and was not before.
    ///
    /// ```
    /// # use parlor_core::Frame;
    /// # use parlor_core::wire::deflate::WindowBits;
    /// let frame = Frame::text("tea ".repeat(20)).shared();
    /// let mut count = 0;
    /// let wire = frame.compressed(WindowBits::default(), || count += 1);
    /// assert!(wire.is_some_and(|wire| wire.len() < 20 && wire.starts_with(b"\xc1")));
    /// assert!(frame.clone().compressed(WindowBits::default(), || count += 1).is_some());
    /// assert_eq!(count, 1);
    /// ```
    pub fn compressed(&self, window: WindowBits, compressed: impl FnOnce()) -> Option<Bytes> {
        let compress = || {
            compressed();
            let payload = deflate::compress(&self.wire[usize::from(self.header_bytes)..], window)?;
            Some(wire(self.opcode(), RSV1, &payload).0)
        };
        match &self.variants {
            Some(variants) => variants.get(window, compress).cloned(),
            None => compress(),
        }
    }

    fn opcode(&self) -> Opcode {
        if self.is_text { Opcode::Text } else { Opcode::Binary }
    }

    fn encode(payload: &[u8], is_text: bool) -> Self {
        let (wire, header_bytes) = wire(if is_text { Opcode::Text } else { Opcode::Binary }, 0, payload);
        Frame { wire, header_bytes, is_text, variants: None }
    }
}

/// The same message, whatever is kept of it.
impl PartialEq for Frame {
    fn eq(&self, other: &Self) -> bool {
        self.wire == other.wire
    }
}

impl Eq for Frame {}

/// Returns a frame, and the length of its header.
fn wire(opcode: Opcode, flags: u8, payload: &[u8]) -> (Bytes, u8) {
    let mut wire = BytesMut::with_capacity(payload.len() + HEADER_BYTES_MAX);
    put_header(&mut wire, opcode, flags, payload.len());
    let header_bytes = wire.len() as u8; // 10 at most
    wire.extend_from_slice(payload);
    (wire.freeze(), header_bytes)
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
            assert_eq!(frame.payload_bytes(), payload);
        }
        assert_eq!(&Frame::text("Hello").wire()[..], b"\x81\x05Hello"); // RFC 6455 §5.7
        assert_eq!(&Frame::binary([0; 256]).wire()[..4], b"\x82\x7e\x01\x00");
    }

    #[test]
    fn a_message_is_compressed_once_for_each_window() {
        let window = |bits| WindowBits::new(bits).unwrap();
        let frame = Frame::binary([7; 1000]).shared();
        let count = std::cell::Cell::new(0);
        let compressed = |frame: &Frame, bits| frame.compressed(window(bits), || count.set(count.get() + 1));
        let first = compressed(&frame, 15).unwrap();
        assert_eq!(first[0], 0xc2, "FIN, RSV1, binary");
        assert_eq!(compressed(&frame.clone(), 15), Some(first));
        assert!(compressed(&frame, 9).is_some());
        assert_eq!(count.get(), 2);
        let alone = Frame::binary([7; 1000]);
        assert!(compressed(&alone, 15).is_some() && compressed(&alone, 15).is_some());
        assert_eq!(count.get(), 4, "a message that is not shared keeps nothing");
        let junk = Frame::text("q7#").shared();
        assert_eq!(compressed(&junk, 15), None);
        assert_eq!(compressed(&junk, 15), None);
        assert_eq!(count.get(), 5, "that it does not pay is kept, too");
    }
}
