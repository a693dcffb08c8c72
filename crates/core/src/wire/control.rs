//! The server's control frames (RFC 6455 §5.5).

use bytes::{Bytes, BytesMut};

use crate::close::Close;
use crate::wire::header::{Opcode, put_header};

/// Returns a close frame (RFC 6455 §5.5.1).
pub fn close(close: &Close) -> Bytes {
    control(Opcode::Close, &close.payload())
}

/// Returns the answer to a peer's close frame: its own code with a reason in words; nothing if it gave no code, since a
/// reason needs one (RFC 6455 §5.5.1).
///
/// ```
/// # use parlor_core::wire::control;
/// assert_eq!(control::close_echo(None)[..], [0x88, 0]);
/// assert_eq!(control::close_echo(Some(1001))[..4], [0x88, 34, 0x03, 0xe9]);
/// ```
pub fn close_echo(code: Option<u16>) -> Bytes {
    match code {
        Some(code) => close(&Close::new(code, "the client closed the connection")),
        None => control(Opcode::Close, &[]),
    }
}

/// Returns a ping without a payload (RFC 6455 §5.5.2).
pub fn ping() -> Bytes {
    control(Opcode::Ping, &[])
}

/// Returns the answer to a ping: the ping's payload, which has 125 bytes at most (RFC 6455 §5.5.3).
pub fn pong(payload: &[u8]) -> Bytes {
    control(Opcode::Pong, payload)
}

fn control(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(2 + payload.len());
    put_header(&mut frame, opcode, 0, payload.len());
    frame.extend_from_slice(payload);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_frames() {
        assert_eq!(&ping()[..], b"\x89\x00");
        assert_eq!(&pong(b"abc")[..], b"\x8a\x03abc");
        assert_eq!(&close(&Close::new(1000, "bye"))[..], b"\x88\x05\x03\xe8bye");
        assert_eq!(&close_echo(None)[..], b"\x88\x00");
        assert_eq!(&close_echo(Some(4000))[..], b"\x88\x22\x0f\xa0the client closed the connection");
        assert_eq!(pong(&[0; 125]).len(), 127);
    }
}
