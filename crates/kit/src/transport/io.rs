//! The connections there are.

use std::io::{self, ErrorKind, IoSlice};
use std::net::Shutdown;
use std::task::{Context, Poll};
use std::time::Duration;

use log::debug;
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::session::socket::Socket;
use crate::transport::body_socket::BodySocket;

/// A client's connection. TLS will be one more of them.
pub enum Io {
    Tcp(TcpStream),
    /// Through an HTTP server that is not ours.
    Body(BodySocket),
}

impl Socket for Io {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Io::Tcp(tcp) => {
                let read = tcp.try_read(buffer)?;
                if (1..buffer.len()).contains(&read) {
                    // A short read has emptied the socket: the next one waits for news, and no call is wasted to learn
                    // that. This is what tokio's own `poll_read` does; the end of the stream is never forgotten.
                    let _ = tcp.try_io(Interest::READABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()));
                }
                Ok(read)
            }
            Io::Body(body) => body.try_read(buffer),
        }
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Io::Tcp(tcp) => tcp.try_write(bytes),
            Io::Body(body) => body.try_write(bytes),
        }
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Io::Tcp(tcp) => tcp.try_write_vectored(slices),
            Io::Body(body) => body.try_write_vectored(slices),
        }
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Io::Tcp(tcp) => tcp.poll_read_ready(cx),
            Io::Body(body) => body.poll_readable(cx),
        }
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Io::Tcp(tcp) => tcp.poll_write_ready(cx),
            Io::Body(body) => body.poll_writable(cx),
        }
    }

    fn shutdown_write(&self) {
        match self {
            // If this fails the connection is gone, which is as good.
            Io::Tcp(tcp) => drop(SockRef::from(tcp).shutdown(Shutdown::Write)),
            Io::Body(body) => body.shutdown_write(),
        }
    }

    fn abort(&self) {
        match self {
            Io::Tcp(tcp) => note("SO_LINGER", SockRef::from(tcp).set_linger(Some(Duration::ZERO))),
            Io::Body(body) => body.abort(),
        }
    }

    fn tune(&self, unacknowledged_max: Duration) {
        match self {
            Io::Tcp(tcp) => tune_tcp(tcp, unacknowledged_max),
            Io::Body(_) => {} // the socket is the HTTP server's
        }
    }
}

/// Small messages go out at once, and a peer that acknowledges nothing for so long is given up.
pub fn tune_tcp(tcp: &TcpStream, unacknowledged_max: Duration) {
    note("TCP_NODELAY", tcp.set_nodelay(true));
    #[cfg(any(target_os = "android", target_os = "linux"))]
    note("TCP_NOTSENT_LOWAT", SockRef::from(tcp).set_tcp_notsent_lowat(UNSENT_BYTES));
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux", target_os = "cygwin"))]
    note("TCP_USER_TIMEOUT", SockRef::from(tcp).set_tcp_user_timeout(Some(unacknowledged_max)));
    #[cfg(not(any(target_os = "android", target_os = "fuchsia", target_os = "linux", target_os = "cygwin")))]
    let _ = unacknowledged_max; // elsewhere the heartbeat finds them, only later
}

/// Bytes that the system holds for a client beyond those on the network. With more, a slow reader would look as if it took
/// nothing: the socket is writable again only when a third of the system's buffer, megabytes, has gone.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT_BYTES: u32 = 32 * 1024;

/// Options that make things better and not possible: without them the connection goes on.
fn note(option: &str, result: io::Result<()>) {
    if let Err(error) = result {
        debug!("{option} can't be set: {error}");
    }
}
