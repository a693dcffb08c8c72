//! How bytes travel between clients and sessions.

mod closing;
mod handshake;
mod inlet;
pub mod io;
mod origin;
mod refusal;
mod scratch;
pub mod upgrade;
pub mod websocket;
