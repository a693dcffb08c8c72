//! Ways to a server. A further transport is one more [`Transport`] and runs the same scenarios.

use std::fmt::Debug;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::frames::{CLOSE, Heard, PONG, TEXT, frame, handshake};
use crate::http::status;
use crate::peer::Peer;
use crate::socket::Dial;

pub trait Transport: Sync {
    /// Connects, unless it is refused.
    fn connect(&self, to: SocketAddr, how: &Opening) -> Result<Box<dyn Wire>, Refused>;

    /// The number of servers that it leads to, each request or connection to the next.
    fn servers(&self) -> usize {
        1
    }

    /// True if a frame can have no bytes.
    fn has_empty_frames(&self) -> bool {
        true
    }

    /// Settings of the server, as variables, without which a test would take too long.
    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}

/// The same way to three servers of one lounge.
pub struct ToThree<T>(pub T);

impl<T: Transport> Transport for ToThree<T> {
    fn connect(&self, to: SocketAddr, how: &Opening) -> Result<Box<dyn Wire>, Refused> {
        self.0.connect(to, how)
    }

    fn servers(&self) -> usize {
        3
    }

    fn has_empty_frames(&self) -> bool {
        self.0.has_empty_frames()
    }

    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        self.0.settings()
    }
}

/// Choices for a new connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening<'a> {
    /// The local address; any of 127.0.0.0/8 works.
    pub from: Option<IpAddr>,
    pub origin: Option<&'a str>,
}

/// The HTTP status of a refused connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub u16);

/// A connection. Dropping it ends it without a close.
pub trait Wire: Send {
    /// Sends one frame; it is lost if the connection has ended.
    fn send(&mut self, frame: &str);

    /// The next frame or the end, if it comes in time.
    fn receive(&mut self, within: Duration) -> Received;

    /// Ends the connection with a close.
    fn close(&mut self);
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    Frame(String),
    Closed(Closed),
    Nothing,
}

/// The end of a connection. The code is 1006 without a close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub code: u16,
    pub reason: String,
}

pub struct WebSocket;

impl Transport for WebSocket {
    fn connect(&self, to: SocketAddr, how: &Opening) -> Result<Box<dyn Wire>, Refused> {
        web_socket(to, "/ws", how).map(|peer| Box::new(peer) as Box<dyn Wire>)
    }
}

/// The WebSocket itself, for what other transports don't have.
pub fn web_socket(to: SocketAddr, path: &str, how: &Opening) -> Result<Peer, Refused> {
    let mut peer = Peer::over(Dial { from: how.from, ..Dial::default() }.connect(to));
    let origin = how.origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
    let request = handshake(path, &origin).replace("Host: 127.0.0.1", &format!("Host: {to}"));
    match status(&peer.ask(&request)) {
        101 => Ok(peer),
        status => Err(Refused(status)),
    }
}

/// The same for a server that may not be there, or go away meanwhile.
pub fn try_web_socket(to: SocketAddr, path: &str, how: &Opening) -> Option<Peer> {
    let mut peer = Peer::over(Dial { from: how.from, ..Dial::default() }.try_connect(to).ok()?);
    peer.try_raw(handshake(path, "").replace("Host: 127.0.0.1", &format!("Host: {to}")).as_bytes()).ok()?;
    peer.try_head().filter(|head| status(head) == 101).map(|_| peer)
}

impl Wire for Peer {
    fn send(&mut self, text: &str) {
        let _ = self.try_raw(&frame(TEXT, text));
    }

    fn receive(&mut self, within: Duration) -> Received {
        let until = Instant::now() + within;
        loop {
            // Pings must not extend the time.
            match self.hear_within(until.saturating_duration_since(Instant::now())) {
                Some(Heard::Text(text)) => return Received::Frame(text),
                Some(Heard::Close(code, reason)) => {
                    let _ = self.try_raw(&frame(CLOSE, code.to_be_bytes()));
                    return Received::Closed(Closed { code, reason });
                }
                Some(Heard::End | Heard::Reset) => {
                    return Received::Closed(Closed { code: 1006, reason: String::new() });
                }
                Some(Heard::Ping(payload)) => {
                    let _ = self.try_raw(&frame(PONG, payload));
                }
                Some(Heard::Pong(_)) => {}
                Some(Heard::Binary(bytes)) => panic!("a binary frame of {} bytes: the protocol is text", bytes.len()),
                None => return Received::Nothing,
            }
        }
    }

    fn close(&mut self) {
        let _ = self.try_raw(&frame(CLOSE, 1000_u16.to_be_bytes()));
    }
}
