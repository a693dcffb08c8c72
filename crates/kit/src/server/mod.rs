//! The actors.

pub mod chat_server;
pub mod clock;
pub mod doors;
pub mod fanout;
mod gather;
pub mod handle;
mod journal;
pub mod messages;
pub mod metrics;
pub mod outbox;
mod perform;
pub mod slots;
pub mod station;
pub mod status;
