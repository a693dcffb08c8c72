//! How bytes travel between clients and sessions.

pub mod accept;
mod body_socket;
mod closing;
mod entrance;
mod event_stream;
mod handshake;
pub mod host;
mod http_connection;
mod http_error;
pub mod http_sessions;
pub mod http_stream;
pub mod io;
mod newcomer;
mod origin;
pub mod peers;
mod scratch;
mod tcp;
#[cfg(feature = "tls")]
mod tls_socket;
pub mod upgrade;
pub mod websocket;
