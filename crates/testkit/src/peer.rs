//! A WebSocket client that may misbehave: it writes the bytes it is told to.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::PATIENCE;
use crate::frames::{ACCEPT, CLOSE, COMPRESSED, Heard, PONG, TEXT, frame, handshake, parse};
use crate::socket::Dial;

pub struct Peer {
    pub tcp: TcpStream,
    read: Vec<u8>,
    was_reset: bool,
    inflates: bool,
    /// The compressed frames that were heard.
    pub compressed: usize,
}

impl Peer {
    /// A TCP connection without a handshake.
    pub fn dial(address: SocketAddr) -> Self {
        Self::over(Dial::default().connect(address))
    }

    /// The same with a small receive buffer, which is full soon.
    pub fn dial_narrow(address: SocketAddr) -> Self {
        Self::over(Dial::NARROW.connect(address))
    }

    pub fn over(tcp: TcpStream) -> Self {
        Peer { tcp, read: Vec::new(), was_reset: false, inflates: false, compressed: 0 }
    }

    /// A WebSocket at `/ws`.
    pub fn new(address: SocketAddr) -> Self {
        Self::at(address, "/ws")
    }

    pub fn at(address: SocketAddr, path: &str) -> Self {
        let mut peer = Self::dial(address);
        peer.upgrade(path);
        peer
    }

    /// A WebSocket at `/ws` with permessage-deflate; `offer` are parameters, as in `; server_max_window_bits=10`.
    pub fn deflating(address: SocketAddr, offer: &str) -> Self {
        Self::dial(address).deflate(offer)
    }

    /// The same over a connection that has not begun.
    pub fn deflate(mut self, offer: &str) -> Self {
        let answer = self.ask(&handshake("/ws", &format!("Sec-WebSocket-Extensions: permessage-deflate{offer}\r\n")));
        let accepted = answer.to_ascii_lowercase().contains("sec-websocket-extensions: permessage-deflate");
        assert!(answer.starts_with("HTTP/1.1 101 ") && accepted, "{answer}");
        self.inflates = true;
        self
    }

    pub fn narrow(address: SocketAddr) -> Self {
        let mut peer = Self::dial_narrow(address);
        peer.upgrade("/ws");
        peer
    }

    pub fn upgrade(&mut self, path: &str) {
        let answer = self.ask(&handshake(path, ""));
        assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains(ACCEPT), "{answer}");
    }

    /// Sends the head of a request and returns the head of the answer.
    pub fn ask(&mut self, request: &str) -> String {
        self.raw(request.as_bytes());
        self.head()
    }

    pub fn head(&mut self) -> String {
        self.try_head().unwrap_or_else(|| panic!("ended inside {:?}", String::from_utf8_lossy(&self.read)))
    }

    /// `None` if the connection ends before the head does.
    pub fn try_head(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.read.split_off(end + 4);
                let head = std::mem::replace(&mut self.read, rest);
                return Some(String::from_utf8(head).unwrap());
            }
            if !self.more() {
                return None;
            }
        }
    }

    pub fn expect_raw(&mut self, bytes: &[u8]) {
        while self.read.len() < bytes.len() {
            assert!(self.more());
        }
        assert_eq!(self.read.drain(..bytes.len()).collect::<Vec<u8>>(), bytes);
    }

    /// All bytes until the end.
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

    /// The next thing that is no ping. Pings are answered.
    pub fn hear(&mut self) -> Heard {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let heard = self.hear_within(left);
            match heard.unwrap_or_else(|| panic!("nothing but pings came; so far {} bytes", self.read.len())) {
                Heard::Ping(payload) => {
                    let _ = self.try_raw(&frame(PONG, payload));
                }
                heard => return heard,
            }
        }
    }

    /// The next thing. Nothing is answered.
    pub fn hear_all(&mut self) -> Heard {
        self.hear_within(PATIENCE).unwrap_or_else(|| panic!("nothing came; so far {} bytes", self.read.len()))
    }

    /// The same, or `None` if nothing whole comes in time.
    pub fn hear_within(&mut self, time: Duration) -> Option<Heard> {
        let until = Instant::now() + time;
        loop {
            if let Some((heard, bytes)) = parse(&self.read, self.inflates) {
                self.compressed += usize::from(self.read[0] & COMPRESSED != 0);
                self.read.drain(..bytes);
                return Some(heard);
            }
            match self.more_until(until) {
                Some(true) => {}
                Some(false) => return Some(if self.was_reset { Heard::Reset } else { Heard::End }),
                None => return None,
            }
        }
    }

    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        assert_eq!(self.hear(), Heard::Text(text.to_owned()));
    }

    /// The next message, which must be text.
    #[track_caller]
    pub fn hear_text(&mut self) -> String {
        match self.hear() {
            Heard::Text(text) => text,
            other => panic!("{other:?} instead of a text"),
        }
    }

    /// Reads until this text comes.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        while self.hear_text() != text {}
    }

    /// Sends a close frame and expects its answer.
    #[track_caller]
    pub fn close(&mut self, code: u16, reason: &str) {
        self.frame(CLOSE, [&code.to_be_bytes()[..], reason.as_bytes()].concat());
        assert!(matches!(self.hear(), Heard::Close(heard, _) if heard == code), "the close was not answered");
    }

    /// Expects a close with this code and a reason, answers it, and expects the end of the connection. Messages before the
    /// close must have been read.
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

    /// Closes with 1000 and expects the same answer.
    pub fn leave(mut self) {
        self.frame(CLOSE, 1000_u16.to_be_bytes());
        loop {
            match self.hear() {
                Heard::Close(1000, _) => break,
                Heard::Close(..) | Heard::End | Heard::Reset => panic!("the close was not answered"),
                _ => {}
            }
        }
        assert_eq!(self.hear(), Heard::End);
    }

    pub fn shut_writing(&self) {
        self.tcp.shutdown(Shutdown::Write).unwrap();
    }

    /// Reads some bytes; `false` at the end.
    fn more(&mut self) -> bool {
        let more = self.more_until(Instant::now() + PATIENCE);
        more.unwrap_or_else(|| panic!("nothing came; so far {} bytes", self.read.len()))
    }

    /// `None` if nothing came in time.
    fn more_until(&mut self, until: Instant) -> Option<bool> {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        self.tcp.set_read_timeout(Some(left)).unwrap();
        let mut buffer = [0; 64 * 1024];
        match self.tcp.read(&mut buffer) {
            Ok(bytes) => {
                self.read.extend(&buffer[..bytes]);
                Some(bytes > 0)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => None,
            Err(_) => {
                self.was_reset = true;
                Some(false)
            }
        }
    }
}
