//! The product, as an app: rooms, people, private messages, counters, games and a clock. Pure.
//!
//! [`Lounge`] holds what there is; `app.rs` takes in what happens; `handlers/` has a file for each family of requests.
//! What is sequenced changes nothing before it is committed: a request is decided, its events are appended, and when the
//! journal has said where they stand they are applied, shown and answered.

mod app;
mod characters;
mod clock;
mod context;
pub mod games;
mod gauges;
mod identity;
mod inbox;
mod pending;
mod person;
mod protocol;
mod quota;
mod refusals;
mod rooms;
mod secret;
mod settings;
mod timers;
pub mod transfer;
mod waiters;

#[cfg(test)]
mod tests;

pub use crate::app::Lounge;
pub use crate::identity::token::Signer;
pub use crate::person::Person;
pub use crate::protocol::record::Record;
pub use crate::rooms::name::{RoomName, RoomNameError};
pub use crate::secret::Secret;
pub use crate::settings::{Allowance, LoungeSettings};
