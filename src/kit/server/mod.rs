//! The actors.

pub mod chat_server;
pub mod clock;
pub mod doors;
pub mod handle;
mod journal;
pub mod messages;
pub mod metrics;
mod perform;
pub mod status;
