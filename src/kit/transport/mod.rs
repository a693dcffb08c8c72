//! How bytes travel between clients and sessions.

pub mod frames;
pub mod upgrade;
pub mod websocket;
