//! The listening sockets.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use socket2::{Domain, Protocol, Socket, Type};

use crate::config::ListenSettings;
use parlor_kit::inherited_listener;

/// Connections that wait to be accepted: all clients of a server may come back at the same moment.
const BACKLOG: i32 = 4096;

/// Takes the listener that was passed to this process, or opens one. Returns whether it was passed.
///
/// # Errors
/// The reason why it can't be used, and what to do.
pub fn take_or_bind(listen: &ListenSettings) -> Result<(TcpListener, bool), String> {
    match inherited_listener().map_err(|error| error.to_string())? {
        Some(listener) => Ok((listener, true)),
        None => bind(listen).map(|listener| (listener, false)),
    }
}

/// # Errors
/// The reason why the port can't be used, and what to do.
fn bind(listen: &ListenSettings) -> Result<TcpListener, String> {
    let (host, port) = (listen.host.as_str(), listen.port);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut addresses = (bare, port).to_socket_addrs().map_err(|error| format!("host {host}: {error}"))?;
    let address = addresses.next().ok_or_else(|| format!("host {host} has no address"))?;
    open(address).map_err(|error| {
        let kind = error.kind();
        if kind == ErrorKind::AddrInUse {
            format!("port {port} of {host} is taken: end the program that has it, or choose another with --port")
        } else if kind == ErrorKind::PermissionDenied {
            format!("port {port} of {host} may not be used: ports below 1024 are for root; choose another with --port")
        } else if kind == ErrorKind::AddrNotAvailable {
            format!("{host} is no address of this machine: choose another with --host (0.0.0.0 for all)")
        } else {
            format!("port {port} of {host} can't be used: {error}")
        }
    })
}

/// Opens a socket that listens.
///
/// # Errors
/// As of the system.
pub fn open(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?; // a restarted server must not wait for TIME_WAIT
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Opens the port for metrics.
///
/// # Errors
/// The reason why the port can't be used, and what to do.
pub fn bind_metrics(address: SocketAddr) -> Result<TcpListener, String> {
    open(address).map_err(|error| format!("metrics can't be served at {address}: {error} (setting: metrics-listen)"))
}

/// Opens the port that sends plain HTTP to `https:`.
///
/// # Errors
/// The reason why the port can't be used, and what to do.
pub fn bind_redirect(address: SocketAddr) -> Result<TcpListener, String> {
    open(address).map_err(|error| format!("HTTP can't be redirected at {address}: {error} (setting: redirect-http)"))
}
