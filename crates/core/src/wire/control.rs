//! The server's control frames (RFC 6455 §5.5), and where its frames end.

use bytes::{BufMut, Bytes, BytesMut};

use crate::close::Close;

const FIN: u8 = 0x80;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

pub fn close(close: &Close) -> Bytes {
    control(CLOSE, &close.payload())
}

/// The answer to a peer's close frame: its own code, or none if it gave none.
pub fn close_echo(code: Option<u16>) -> Bytes {
    code.map_or_else(|| control(CLOSE, &[]), |code| control(CLOSE, &code.to_be_bytes()))
}

pub fn ping() -> Bytes {
    control(PING, &[])
}

pub fn pong(payload: &[u8]) -> Bytes {
    control(PONG, payload)
}

/// `payload` has 125 bytes at most: that of a close is cut, that of a pong was a ping's.
fn control(opcode: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(2 + payload.len());
    frame.put_u8(FIN | opcode);
    frame.put_u8(payload.len() as u8);
    frame.put_slice(payload);
    frame.freeze()
}

/// Where the frame ends that `written` bytes of `frames` have reached into: whole frames of ours, one after the other.
pub fn frame_end(frames: &[u8], written: usize) -> usize {
    let mut end = 0;
    while end < written {
        let payload = match frames[end..] {
            [_, 126, a, b, ..] => 4 + usize::from(u16::from_be_bytes([a, b])),
            [_, 127, a, b, c, d, e, f, g, h, ..] => 10 + u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize,
            [_, short, ..] => 2 + usize::from(short),
            _ => return frames.len(),
        };
        end += payload;
    }
    end.min(frames.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Frame;

    #[test]
    fn frames_end_where_the_next_begins() {
        let lengths = [0, 5, 125, 126, 65_535, 65_536];
        let frames: Vec<Frame> = lengths.iter().map(|len| Frame::binary(vec![0xff; *len])).collect();
        let wire: Vec<u8> = frames.iter().flat_map(|frame| frame.wire().to_vec()).collect();
        let mut begin = 0;
        for frame in &frames {
            let end = begin + frame.wire().len();
            assert_eq!(frame_end(&wire, begin), begin, "nothing of it is written");
            assert_eq!(frame_end(&wire, begin + 1), end);
            assert_eq!(frame_end(&wire, end), end);
            begin = end;
        }
    }

    #[test]
    fn control_frames() {
        assert_eq!(&ping()[..], b"\x89\x00");
        assert_eq!(&pong(b"abc")[..], b"\x8a\x03abc");
        assert_eq!(&close(&Close::new(1000, "bye"))[..], b"\x88\x05\x03\xe8bye");
        assert_eq!(&close_echo(None)[..], b"\x88\x00");
        assert_eq!(&close_echo(Some(4000))[..], b"\x88\x02\x0f\xa0");
        assert_eq!(pong(&[0; 125]).len(), 127);
    }
}
