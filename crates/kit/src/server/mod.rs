//! The actors of a server, and what they share.

pub mod admission;
pub mod attach;
pub mod bucket;
pub mod chat_server;
pub mod clock;
pub mod events;
pub mod fanout;
mod gather;
pub mod handle;
mod journal;
pub mod messages;
pub mod metrics;
pub mod outbox;
pub mod protocol;
pub mod rates;
pub mod running;
pub mod slots;
pub mod status;
mod tasks;
pub mod worker;
mod workers;
