//! A listener that was open before this program began.

use std::io;
use std::net::TcpListener;

use listenfd::ListenFd;
use log::warn;
use socket2::SockRef;

/// Takes the listening socket that systemd, or another parent that follows sd_listen_fds(3), has passed to this process
/// (`LISTEN_FDS`, `LISTEN_PID`). `None`: none was passed. The first one is taken; a second call finds nothing.
///
/// While the program is not running the parent holds the socket open. Nobody who connects meanwhile is refused: connections
/// wait in the socket's queue until the program runs again. [`Server::queue_while_stopping`](crate::Server::queue_while_stopping)
/// does the rest. To be called early, before threads are started: it changes the environment.
///
/// # Errors
/// If what was passed is not a TCP socket that listens.
///
/// ```no_run
/// # fn main() -> std::io::Result<()> {
/// use parlor_kit::{Server, inherited_listener};
///
/// let server = Server::new();
/// match inherited_listener()? {
///     Some(listener) => server.queue_while_stopping().run_blocking(listener),
///     None => server.run_blocking(std::net::TcpListener::bind("127.0.0.1:9998")?),
/// }
/// # }
/// ```
pub fn inherited_listener() -> io::Result<Option<TcpListener>> {
    let mut passed = ListenFd::from_env();
    let listener = passed.take_tcp_listener(0).map_err(|_| unusable("it is no TCP socket"))?;
    let Some(listener) = listener else { return Ok(None) };
    if !SockRef::from(&listener).is_listener()? {
        return Err(unusable("it does not listen"));
    }
    if passed.len() > 1 {
        warn!("{} sockets were passed to this process: the first one serves, the others are left alone", passed.len());
    }
    listener.set_nonblocking(true)?;
    Ok(Some(listener))
}

fn unusable(reason: &str) -> io::Error {
    let words = format!(
        "the socket that was passed to this process (LISTEN_FDS) can't be used: {reason}. It has to be a TCP socket that \
         listens: in a systemd socket unit, ListenStream= with an address and a port, and Accept=no"
    );
    io::Error::new(io::ErrorKind::InvalidInput, words)
}
