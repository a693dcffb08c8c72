//! Parlor: an actor-based real-time server, and the kit to write one as three callbacks.

pub mod commands;
pub mod config;
pub mod kit;
pub mod lounge;
pub mod run;
pub mod secret;
pub mod web;

pub use kit::app::{App, Client, Farewell, FromIncoming, Gauge, Refusal, Reply};
pub use kit::close::Close;
pub use kit::frame::{Frame, Incoming, Message};
pub use kit::hub::Hub;
pub use kit::ids::{ClientId, GroupId, Ticket};
pub use kit::limits::{Limits, Origins, Rate};
pub use kit::serve::Server;
pub use kit::server::chat_server::Storage;
pub use kit::time::Time;
