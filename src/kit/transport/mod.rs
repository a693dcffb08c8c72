//! How bytes travel between clients and sessions.

pub mod upgrade;
pub mod websocket;
