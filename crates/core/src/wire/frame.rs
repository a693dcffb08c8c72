//! A message, encoded once for however many clients hear it.

use bytes::{BufMut, Bytes, BytesMut};

/// A message to clients, ready for the wire: a whole unmasked WebSocket frame (RFC 6455 §5.2) in shared bytes, header
/// first. Other transports take only its [`payload`](Frame::payload). A clone costs a reference count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    wire: Bytes,
    header_bytes: u8,
    is_text: bool,
}

impl Frame {
    pub fn text(payload: impl AsRef<str>) -> Self {
        Self::encode(payload.as_ref().as_bytes(), true)
    }

    pub fn binary(payload: impl AsRef<[u8]>) -> Self {
        Self::encode(payload.as_ref(), false)
    }

    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// What the client reads, without the WebSocket header.
    pub fn payload(&self) -> Bytes {
        self.wire.slice(usize::from(self.header_bytes)..)
    }

    /// Header and payload, as they go out on a WebSocket.
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    fn encode(payload: &[u8], is_text: bool) -> Self {
        let mut wire = BytesMut::with_capacity(payload.len() + 10);
        put_header(&mut wire, if is_text { OPCODE_TEXT } else { OPCODE_BINARY }, payload.len());
        let header_bytes = wire.len() as u8; // 10 at most
        wire.extend_from_slice(payload);
        Frame { wire: wire.freeze(), header_bytes, is_text }
    }
}

const FIN: u8 = 0x80;
const OPCODE_TEXT: u8 = 1;
const OPCODE_BINARY: u8 = 2;

/// The header of an unfragmented server frame: 2, 4 or 10 bytes (RFC 6455 §5.2).
pub(crate) fn put_header(out: &mut BytesMut, opcode: u8, payload_bytes: usize) {
    out.put_u8(FIN | opcode);
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short), _) if short < 126 => out.put_u8(short),
        (_, Ok(medium)) => {
            out.put_u8(126);
            out.put_u16(medium);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(payload_bytes as u64);
        }
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
