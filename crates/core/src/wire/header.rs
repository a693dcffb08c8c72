//! Frame headers (RFC 6455 §5.2): opcodes, the header of a server's frame, and the borders of its frames.

use bytes::{BufMut, BytesMut};

/// The kind of a frame (RFC 6455 §5.2, §11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    /// Returns the opcode of a number; `None` if that is reserved.
    pub fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return None,
        })
    }

    /// Returns whether frames of this kind are control frames (RFC 6455 §5.5).
    pub fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

/// The bit of the first byte that tells a message's last frame.
pub(super) const FIN: u8 = 0x80;
/// The bit of the first byte that tells a compressed message (RFC 7692 §6).
pub(super) const RSV1: u8 = 0x40;
/// Payload lengths from here on need 2 more bytes…
pub(super) const LENGTH_16: u8 = 126;
/// …or 8.
pub(super) const LENGTH_64: u8 = 127;
/// The longest header of a server's frame, which has no mask.
pub(super) const HEADER_BYTES_MAX: usize = 10;

/// Writes the header of an unfragmented, unmasked frame: 2, 4 or 10 bytes. `flags` are further bits of its first byte.
pub(super) fn put_header(out: &mut BytesMut, opcode: Opcode, flags: u8, payload_bytes: usize) {
    out.put_u8(FIN | flags | opcode as u8);
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short), _) if short < LENGTH_16 => out.put_u8(short),
        (_, Ok(medium)) => {
            out.put_u8(LENGTH_16);
            out.put_u16(medium);
        }
        _ => {
            out.put_u8(LENGTH_64);
            out.put_u64(payload_bytes as u64);
        }
    }
}

/// Returns the end of the frame that the first `written` bytes of `frames` reach into. `frames` are whole server frames,
/// one after the other.
///
/// ```
/// # use parlor_core::Frame;
/// # use parlor_core::wire::frame_end;
/// let frames = [&Frame::text("one").wire()[..], Frame::text("three").wire()].concat();
/// assert_eq!(frame_end(&frames, 1), 5, "the first frame has begun");
/// assert_eq!(frame_end(&frames, 5), 5);
/// assert_eq!(frame_end(&frames, 6), 12);
/// ```
pub fn frame_end(frames: &[u8], written: usize) -> usize {
    let mut end = 0;
    while end < written {
        let frame_bytes = match frames[end..] {
            [_, LENGTH_16, a, b, ..] => 4 + usize::from(u16::from_be_bytes([a, b])),
            [_, LENGTH_64, a, b, c, d, e, f, g, h, ..] => {
                10 + usize::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h])).unwrap_or(usize::MAX)
            }
            [_, short, ..] => 2 + usize::from(short),
            _ => return frames.len(),
        };
        end = end.saturating_add(frame_bytes);
    }
    end.min(frames.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_are_their_numbers() {
        for bits in 0..16 {
            assert!(Opcode::from_bits(bits).is_none_or(|opcode| opcode as u8 == bits));
        }
        assert_eq!((0..16).filter_map(Opcode::from_bits).count(), 6);
        assert_eq!((0..16).filter_map(Opcode::from_bits).filter(|opcode| opcode.is_control()).count(), 3);
    }

    #[test]
    fn frames_end_where_the_next_begins() {
        let lengths = [0, 5, 125, 126, 65_535, 65_536];
        let frame = |len: &usize| {
            let mut frame = BytesMut::new();
            put_header(&mut frame, Opcode::Binary, RSV1, *len);
            frame.put_bytes(0xff, *len);
            frame
        };
        let frames: Vec<BytesMut> = lengths.iter().map(frame).collect();
        let wire = frames.concat();
        let mut begin = 0;
        for frame in &frames {
            let end = begin + frame.len();
            assert_eq!(frame_end(&wire, begin), begin, "nothing of it is written");
            assert_eq!(frame_end(&wire, begin + 1), end);
            assert_eq!(frame_end(&wire, end), end);
            begin = end;
        }
    }
}
