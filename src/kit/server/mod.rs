//! The actors.

pub mod chat_server;
mod clock;
mod journal;
pub mod messages;
mod perform;
pub mod status;
