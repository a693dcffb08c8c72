//! TCP connections to a server.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

use crate::PATIENCE;

/// Choices for a new connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dial {
    /// The local address; any of 127.0.0.0/8 works.
    pub from: Option<IpAddr>,
    /// The size of the receive buffer in bytes. A small one is full soon.
    pub receive_buffer: Option<usize>,
}

impl Dial {
    /// A small receive buffer.
    pub const NARROW: Dial = Dial { from: None, receive_buffer: Some(4096) };

    pub fn connect(&self, to: SocketAddr) -> TcpStream {
        self.try_connect(to).unwrap()
    }

    /// # Errors
    /// If nobody listens there.
    pub fn try_connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        if let Some(from) = self.from {
            socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
        }
        socket.connect_timeout(&to.into(), PATIENCE)?;
        socket.set_tcp_nodelay(true).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        Ok(socket.into())
    }
}
