//! A client that may misbehave: it writes the bytes it is told to.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::server::PATIENCE;

pub struct Peer {
    pub tcp: TcpStream,
    read: Vec<u8>,
    was_reset: bool,
}

/// What comes over a WebSocket, as it comes.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16, String),
    /// The connection ended in due form.
    End,
    /// It was broken off: what was on its way may be lost.
    Reset,
}

pub const TEXT: u8 = 0x81;
pub const BINARY: u8 = 0x82;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;

impl Peer {
    /// Connected, not more.
    pub fn dial(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// One that asks the system for small buffers, so that it is soon full.
    pub fn dial_narrow(address: SocketAddr) -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::over(socket.into())
    }

    fn over(tcp: TcpStream) -> Self {
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        tcp.set_write_timeout(Some(PATIENCE)).unwrap();
        tcp.set_nodelay(true).unwrap();
        Peer { tcp, read: Vec::new(), was_reset: false }
    }

    /// A WebSocket.
    pub fn new(address: SocketAddr) -> Self {
        let mut peer = Self::dial(address);
        peer.upgrade();
        peer
    }

    pub fn narrow(address: SocketAddr) -> Self {
        let mut peer = Self::dial_narrow(address);
        peer.upgrade();
        peer
    }

    pub fn upgrade(&mut self) {
        let answer = self.ask(&handshake("/ws", ""));
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    }

    /// Sends a request's head; the head of the answer.
    pub fn ask(&mut self, request: &str) -> String {
        self.raw(request.as_bytes());
        self.head()
    }

    pub fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.read.split_off(end + 4);
                let head = std::mem::replace(&mut self.read, rest);
                return String::from_utf8(head).unwrap();
            }
            assert!(self.more(), "ended inside {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    pub fn expect_raw(&mut self, bytes: &[u8]) {
        while self.read.len() < bytes.len() {
            assert!(self.more());
        }
        assert_eq!(self.read.drain(..bytes.len()).collect::<Vec<u8>>(), bytes);
    }

    /// All that comes until the end.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.read)
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).unwrap();
    }

    pub fn try_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tcp.write_all(bytes)
    }

    pub fn frame(&mut self, first: u8, payload: impl AsRef<[u8]>) {
        self.raw(&frame(first, payload));
    }

    pub fn text(&mut self, text: &str) {
        self.frame(TEXT, text);
    }

    /// The next thing that is no ping.
    pub fn hear(&mut self) -> Heard {
        loop {
            match self.hear_all() {
                Heard::Ping(payload) => {
                    let _ = self.try_raw(&frame(PONG, payload));
                }
                heard => return heard,
            }
        }
    }

    pub fn hear_all(&mut self) -> Heard {
        loop {
            if let Some((heard, bytes)) = parse(&self.read) {
                self.read.drain(..bytes);
                return heard;
            }
            if !self.more() {
                return if self.was_reset { Heard::Reset } else { Heard::End };
            }
        }
    }

    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        assert_eq!(self.hear(), Heard::Text(text.to_owned()));
    }

    /// Expects to be closed, answers, and sees the end of the connection.
    #[track_caller]
    pub fn expect_close(&mut self, code: u16) {
        match self.hear() {
            Heard::Close(heard, reason) => {
                assert_eq!(heard, code, "{reason}");
                assert!(!reason.is_empty(), "every close has its reason in words");
            }
            other => panic!("{other:?} instead of a close {code}"),
        }
        let _ = self.try_raw(&frame(CLOSE, code.to_be_bytes()));
        assert_eq!(self.hear(), Heard::End);
    }

    /// Says goodbye in due form.
    pub fn leave(mut self) {
        self.frame(CLOSE, 1000_u16.to_be_bytes());
        loop {
            match self.hear() {
                Heard::Close(1000, _) => break,
                Heard::Close(..) | Heard::End | Heard::Reset => panic!("not in due form"),
                _ => {}
            }
        }
        assert_eq!(self.hear(), Heard::End);
    }

    pub fn shut_writing(&self) {
        self.tcp.shutdown(Shutdown::Write).unwrap();
    }

    fn more(&mut self) -> bool {
        let mut buffer = [0; 64 * 1024];
        match self.tcp.read(&mut buffer) {
            Ok(0) => false,
            Ok(bytes) => {
                self.read.extend(&buffer[..bytes]);
                true
            }
            Err(error) if is_timeout(&error) => panic!("nothing came; so far {:?}", self.read.len()),
            Err(_) => {
                self.was_reset = true;
                false
            }
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// A handshake as it should be, with further header lines, each ending with `\r\n`.
pub fn handshake(path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
}

/// A masked frame; `first` is its first byte.
pub fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let payload = payload.as_ref();
    let mut bytes = header(first, payload.len() as u64);
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// A masked frame's header without its mask.
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

fn parse(bytes: &[u8]) -> Option<(Heard, usize)> {
    let (begin, len) = match *bytes {
        [_, 126, a, b, ..] => (4, usize::from(u16::from_be_bytes([a, b]))),
        [_, 127, a, b, c, d, e, f, g, h, ..] => (10, u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize),
        [_, len @ 0..=125, ..] => (2, usize::from(len)),
        _ => return None,
    };
    let payload = bytes.get(begin..begin + len)?.to_vec();
    let heard = match bytes[0] {
        0x81 => Heard::Text(String::from_utf8(payload).unwrap()),
        0x82 => Heard::Binary(payload),
        0x88 if len == 0 => Heard::Close(1005, String::new()),
        0x88 => {
            let (code, reason) = payload.split_at(2);
            Heard::Close(u16::from_be_bytes([code[0], code[1]]), String::from_utf8(reason.to_vec()).unwrap())
        }
        0x89 => Heard::Ping(payload),
        0x8a => Heard::Pong(payload),
        other => panic!("the server sent a frame that begins with {other:#x}"),
    };
    Some((heard, begin + len))
}
