//! The connections there are.

use std::io::{self, IoSlice};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;

use crate::session::socket::Socket;
use crate::transport::body_socket::BodySocket;
use crate::transport::tcp;
#[cfg(feature = "tls")]
use crate::transport::tls_socket::TlsSocket;

/// A client's connection.
pub enum Io {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(TlsSocket),
    /// Through an HTTP server that is not ours.
    Body(BodySocket),
}

impl Socket for Io {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Io::Tcp(tcp) => tcp::try_read(tcp, buffer),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tls.try_read(buffer),
            Io::Body(body) => body.try_read(buffer),
        }
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Io::Tcp(tcp) => tcp.try_write(bytes),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tls.try_write(bytes),
            Io::Body(body) => body.try_write(bytes),
        }
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Io::Tcp(tcp) => tcp.try_write_vectored(slices),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tls.try_write_vectored(slices),
            Io::Body(body) => body.try_write_vectored(slices),
        }
    }

    fn held(&self) -> usize {
        match self {
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tls.held(),
            Io::Tcp(_) | Io::Body(_) => 0,
        }
    }

    fn try_flush(&self) -> io::Result<()> {
        match self {
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tls.try_flush(),
            Io::Tcp(_) | Io::Body(_) => Ok(()),
        }
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Io::Tcp(tcp) => tcp.poll_read_ready(cx),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tls.poll_readable(cx),
            Io::Body(body) => body.poll_readable(cx),
        }
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Io::Tcp(tcp) => tcp.poll_write_ready(cx),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tls.poll_writable(cx),
            Io::Body(body) => body.poll_writable(cx),
        }
    }

    fn shutdown_write(&self) {
        match self {
            Io::Tcp(tcp) => tcp::shutdown_write(tcp),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => {
                tls.close_notify();
                tcp::shutdown_write(tls.tcp());
            }
            Io::Body(body) => body.shutdown_write(),
        }
    }

    fn abort(&self) {
        match self {
            Io::Tcp(tcp) => tcp::abort(tcp),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tcp::abort(tls.tcp()),
            Io::Body(body) => body.abort(),
        }
    }

    fn tune(&self, unacknowledged_max: Duration) {
        match self {
            Io::Tcp(tcp) => tcp::tune(tcp, unacknowledged_max),
            #[cfg(feature = "tls")]
            Io::Tls(tls) => tcp::tune(tls.tcp(), unacknowledged_max),
            Io::Body(_) => {} // the socket is the HTTP server's
        }
    }
}
