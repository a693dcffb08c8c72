//! TCP sockets: reading, and their options.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::time::Duration;

use log::debug;
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Reads without waiting, as tokio's own `poll_read` does: a short read has emptied the socket, so the next one waits for
/// news, and no call is wasted to learn that. The end of the stream is never forgotten.
pub fn try_read(tcp: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let read = tcp.try_read(buffer)?;
    if (1..buffer.len()).contains(&read) {
        let _ = tcp.try_io(Interest::READABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()));
    }
    Ok(read)
}

/// Says that nothing more will be written. If this fails the connection is gone, which is as good.
pub fn shutdown_write(tcp: &TcpStream) {
    drop(SockRef::from(tcp).shutdown(Shutdown::Write));
}

/// Makes the drop of the socket discard unsent bytes: the peer sees a reset.
pub fn abort(tcp: &TcpStream) {
    note("SO_LINGER", SockRef::from(tcp).set_linger(Some(Duration::ZERO)));
}

/// Small messages go out at once, and a peer that acknowledges nothing for so long is given up.
pub fn tune(tcp: &TcpStream, unacknowledged_max: Duration) {
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
