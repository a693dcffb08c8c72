//! Parlor's product as an app: rooms, chat, private messages, presence, counters, games and a clock.
//!
//! [`Lounge`] is a [`parlor_core::App`] like any other: a plain value without I/O, clock or randomness of its own, so that a
//! whole server runs in a unit test, and a failing run replays from its seed. It speaks docs/protocol.md.
//!
//! ```
//! use parlor_core::harness::Harness;
//! use parlor_lounge::{Lounge, LoungeSettings, Signer};
//!
//! let settings = LoungeSettings::new(Signer::new(b"32 random bytes"));
//! let mut server = Harness::new(Lounge::new(settings), 1);
//! let ann = server.connect();
//! assert!(server.heard(ann)[0].starts_with(r#"{"type":"welcome","protocol":1"#));
//! server.say(ann, r#"{"id":1,"type":"join","room":"tea"}"#);
//! assert!(server.heard(ann)[0].starts_with(r#"{"type":"ok","re":1,"room":"tea""#));
//! ```
//!
//! # Public face
//! - [`Lounge`], [`LoungeSettings`], [`Signer`]: the app, its bounds, and the secret that signs tokens
//! - [`games`]: the trait of a game, for one of your own
//! - [`transfer`]: rooms out of a journal and into one
//!
//! # Inside
//! `app` says whose business each callback is. The subjects own their state: `identity`, `rooms`, `inbox`, `clock`; `games` is
//! what a room may host, `protocol` the wire contract in types. `nodes` is what servers on one journal know of one another. `waiters` holds every request that is not answered yet.

#![deny(missing_docs)]

mod app;
mod characters;
mod clock;
mod context;
pub mod games;
mod gauges;
mod identity;
mod inbox;
mod later;
mod nodes;
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
pub use crate::protocol::kind::RoomKind;
pub use crate::protocol::record::Record;
pub use crate::rooms::name::{RoomName, RoomNameError};
pub use crate::secret::Secret;
pub use crate::settings::{Allowance, LoungeSettings};
