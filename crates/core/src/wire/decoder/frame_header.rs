//! The header of a client's frame (RFC 6455 §5.2).

use crate::close::Close;
use crate::wire::decoder::faults::protocol_error;
use crate::wire::header::{FIN, LENGTH_16, LENGTH_64, Opcode, RSV1};

/// The longest header of a client's frame: 2 bytes, 8 of length, 4 of mask.
pub const HEADER_BYTES_MAX: usize = 14;
const CONTROL_BYTES_MAX: u64 = 125;
const RSV2_AND_3: u8 = 0x30;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;

/// A frame that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    pub opcode: Opcode,
    pub is_last: bool,
    /// The bit RSV1: with permessage-deflate, the message is compressed (RFC 7692 §6).
    pub is_compressed: bool,
    pub mask: u32,
    pub payload_bytes: u64,
}

impl FrameHeader {
    /// Reads the header that `bytes` begin with. Returns it with its length; `None` if it needs more bytes.
    ///
    /// # Errors
    /// As soon as the bytes make no valid frame. `judge` looks at the header before its mask is there.
    pub fn parse(
        bytes: &[u8],
        judge: impl FnOnce(&FrameHeader) -> Result<(), Close>,
    ) -> Result<Option<(Self, usize)>, Close> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        if first & RSV2_AND_3 != 0 {
            return Err(protocol_error("a reserved bit is set"));
        }
        let Some(opcode) = Opcode::from_bits(first & OPCODE) else {
            return Err(protocol_error("a reserved opcode"));
        };
        if second & MASKED == 0 {
            return Err(protocol_error("a client's frames must be masked"));
        }
        let (payload_bytes, shortest, length_bytes) = match (second & LENGTH, rest) {
            (LENGTH_16, [a, b, ..]) => (u16::from_be_bytes([*a, *b]).into(), u64::from(LENGTH_16), 2),
            (LENGTH_64, [a, b, c, d, e, f, g, h, ..]) => {
                (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), 0x1_0000, 8)
            }
            (LENGTH_16 | LENGTH_64, _) => return Ok(None),
            (short, _) => (short.into(), 0, 0),
        };
        if payload_bytes < shortest {
            return Err(protocol_error("a length is written with more bytes than it needs"));
        }
        let (is_last, is_compressed) = (first & FIN != 0, first & RSV1 != 0);
        if opcode.is_control() && (!is_last || payload_bytes > CONTROL_BYTES_MAX) {
            return Err(protocol_error("a control frame is fragmented, or has more than 125 bytes"));
        }
        let mut header = FrameHeader { opcode, is_last, is_compressed, mask: 0, payload_bytes };
        judge(&header)?;
        let Some([a, b, c, d]) = rest.get(length_bytes..length_bytes + 4) else { return Ok(None) };
        header.mask = u32::from_be_bytes([*a, *b, *c, *d]);
        Ok(Some((header, 2 + length_bytes + 4)))
    }
}
