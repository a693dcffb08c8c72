//! How frames travel. A further transport is one more [`Transport`], and runs the same scenarios.

use std::fmt::Debug;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket as Frames};

use super::PATIENCE;

/// A way to a server.
pub trait Transport: Sync {
    /// A connection, or how it was refused.
    fn connect(&self, to: SocketAddr, how: &Opening) -> Result<Box<dyn Wire>, Refused>;
}

/// What a connection says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening<'a> {
    /// The address it comes from; any of 127.0.0.0/8 will do.
    pub from: Option<IpAddr>,
    pub origin: Option<&'a str>,
}

/// The HTTP status by which it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub u16);

/// A connection. Dropping it ends it without a word.
pub trait Wire: Send {
    /// Sends one frame; if the connection has ended, it is lost.
    fn send(&mut self, frame: &str);

    /// What comes next.
    fn receive(&mut self, within: Duration) -> Received;

    /// Ends it in good order.
    fn close(&mut self);
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    Frame(String),
    Closed(Closed),
    Nothing,
}

/// How a connection ended: 1006 is without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub code: u16,
    pub reason: String,
}

pub struct WebSocket;

impl Transport for WebSocket {
    fn connect(&self, to: SocketAddr, how: &Opening) -> Result<Box<dyn Wire>, Refused> {
        web_socket(to, "/ws", how).map(|frames| Box::new(frames) as Box<dyn Wire>)
    }
}

/// The frames below, for what only WebSocket has.
pub fn web_socket(to: SocketAddr, path: &str, how: &Opening) -> Result<Frames<TcpStream>, Refused> {
    let stream = stream(to, how);
    let mut request = format!("ws://{to}{path}").into_client_request().unwrap();
    if let Some(origin) = how.origin {
        request.headers_mut().insert("Origin", origin.parse().unwrap());
    }
    match tungstenite::client::client(request, stream) {
        Ok((frames, _)) => Ok(frames),
        Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => Err(Refused(response.status().as_u16())),
        Err(error) => panic!("the handshake failed: {error}"),
    }
}

pub fn stream(to: SocketAddr, how: &Opening) -> TcpStream {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
    if let Some(from) = how.from {
        socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
    }
    socket.connect_timeout(&to.into(), PATIENCE).unwrap();
    socket.set_tcp_nodelay(true).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_write_timeout(Some(PATIENCE)).unwrap();
    socket.into()
}

impl Wire for Frames<TcpStream> {
    fn send(&mut self, frame: &str) {
        let _ = Frames::send(self, Message::text(frame));
    }

    fn receive(&mut self, within: Duration) -> Received {
        let until = Instant::now() + within;
        loop {
            // The server's pings must not put it off.
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.get_ref().set_read_timeout(Some(left)).unwrap();
            match self.read() {
                Ok(Message::Text(text)) => return Received::Frame(text.as_str().to_owned()),
                Ok(Message::Close(frame)) => {
                    let _ = self.flush();
                    return Received::Closed(closed(frame));
                }
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(other) => panic!("the server sends text alone, not {other:?}"),
                Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Received::Nothing;
                }
                Err(Error::ConnectionClosed | Error::AlreadyClosed | Error::Io(_) | Error::Protocol(_)) => {
                    return Received::Closed(closed(None));
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn close(&mut self) {
        let _ = Frames::close(self, Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }));
        let _ = self.flush();
    }
}

fn closed(frame: Option<CloseFrame>) -> Closed {
    match frame {
        Some(frame) => Closed { code: frame.code.into(), reason: frame.reason.as_str().to_owned() },
        None => Closed { code: 1006, reason: String::new() },
    }
}
