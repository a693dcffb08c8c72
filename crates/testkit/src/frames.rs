//! WebSocket frames as bytes (RFC 6455 §5), and the opening handshake (§4).

use crate::deflate::inflate;

/// Something that came over a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// 1005 if the frame has no code.
    Close(u16, String),
    /// The connection ended, and all that was sent has come.
    End,
    /// The connection was reset: bytes may be lost.
    Reset,
}

/// First bytes of final frames.
pub const TEXT: u8 = 0x81;
pub const BINARY: u8 = 0x82;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;
/// The bit of a first byte that tells a compressed message (RFC 7692 §6).
pub const COMPRESSED: u8 = 0x40;
/// First bytes of frames that begin, continue and end a message in fragments.
pub const TEXT_BEGINS: u8 = 0x01;
pub const BINARY_BEGINS: u8 = 0x02;
pub const CONTINUES: u8 = 0x00;
pub const ENDS: u8 = 0x80;

/// The answer to the key in [`handshake`], both from RFC 6455 §1.3.
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A correct handshake with further header lines, each of which ends with `\r\n`.
pub fn handshake(path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
}

/// A masked frame; `first` is its first byte.
pub fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let payload = payload.as_ref();
    let mut bytes = header(first, payload.len() as u64);
    bytes.reserve(payload.len() + MASK.len());
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// The header of a masked frame without its mask.
pub fn header(first: u8, len: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match len {
        0..=125 => bytes.push(0x80 | len as u8),
        126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend(len.to_be_bytes());
        }
    }
    bytes
}

/// The first whole frame of a server in `bytes`, and its length with the header.
///
/// # Panics
/// If no server may send it: masked, in fragments, with reserved bits, or with a length in more bytes than needed. A message
/// may be compressed if `inflates`.
pub fn parse(bytes: &[u8], inflates: bool) -> Option<(Heard, usize)> {
    let (begin, len) = match *bytes {
        [_, 0x80..=0xff, ..] => panic!("the server sent a masked frame"),
        [_, 126, a, b, ..] => (4, usize::from(u16::from_be_bytes([a, b]))),
        [_, 127, a, b, c, d, e, f, g, h, ..] => (10, u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize),
        [_, len @ 0..=125, ..] => (2, usize::from(len)),
        _ => return None,
    };
    assert!(begin == 2 || len > if begin == 4 { 125 } else { 0xffff }, "a length of {len} in {begin} bytes");
    let payload = bytes.get(begin..begin + len)?.to_vec();
    let (first, payload) = match bytes[0] {
        first if inflates && matches!(first ^ COMPRESSED, TEXT | BINARY) => (first ^ COMPRESSED, inflate(&payload)),
        first => (first, payload),
    };
    let heard = match first {
        TEXT => Heard::Text(String::from_utf8(payload).unwrap()),
        BINARY => Heard::Binary(payload),
        CLOSE if len == 0 => Heard::Close(1005, String::new()),
        CLOSE => {
            let (code, reason) = payload.split_at(2);
            Heard::Close(u16::from_be_bytes([code[0], code[1]]), String::from_utf8(reason.to_vec()).unwrap())
        }
        PING => Heard::Ping(payload),
        PONG => Heard::Pong(payload),
        other => panic!("the server sent a frame that begins with {other:#x}"),
    };
    Some((heard, begin + len))
}
