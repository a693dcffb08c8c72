//! The pure core of Parlor: real-time servers as plain values, without I/O, clock or runtime.
//!
//! A server is an [`App`]: three callbacks that say what happens when a client connects, sends a request, or leaves. An app
//! acts through its [`Hub`]: it sends frames, changes groups, asks for timers and writes to a journal. `parlor-kit` runs an
//! app behind sockets; the [`harness`] runs it in a unit test, with the same results for the same seed.
//!
//! ```
//! use parlor_core::harness::Harness;
//! use parlor_core::{App, Client, ClientId, Close, Hub, Message};
//!
//! struct Echo;
//!
//! impl App for Echo {
//!     type Request = Message;
//!
//!     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
//!         hub.send(client.id, "hello");
//!     }
//!
//!     fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
//!         hub.send(client, message);
//!     }
//!
//!     fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {}
//! }
//!
//! let mut server = Harness::new(Echo, 1);
//! let client = server.connect();
//! server.say(client, "is anybody there?");
//! assert_eq!(server.heard(client), ["hello", "is anybody there?"]);
//! ```
//!
//! # Modules
//! - the root: [`App`], [`Hub`] and every type that their signatures name
//! - [`journal`]: durable logs and values: the promises of a [`journal::Journal`], and the one in memory
//! - [`harness`]: a whole server in a unit test
//! - [`engine`]: for runtimes: an app driven by inputs, with effects as output
//! - [`wire`]: for transports: WebSocket frames (RFC 6455), from and to bytes, plain and compressed (RFC 7692)

#![deny(missing_docs)]

mod address;
mod alarms;
mod app;
mod client;
mod close;
mod effect;
pub mod engine;
pub mod harness;
mod hub;
mod ids;
pub mod journal;
mod limits;
mod request;
pub mod task;
mod time;
pub mod wire;

pub use address::AddressBlock;
pub use app::{App, Farewell, Gauge, Refusal};
pub use bytes::Bytes;
pub use client::{Admitted, Client, Denied, Handshake};
pub use close::Close;
pub use hub::Hub;
pub use ids::{ClientId, GroupId, Hold, Ticket};
pub use journal::{Commit, Load, Loaded, Outcome, Restored};
pub use limits::{Compression, Limits, Origins, Rate};
pub use request::{FromIncoming, Json, Reply};
pub use task::{TaskFailure, TaskId};
pub use time::{Now, Steady, Time};
pub use uuid::Uuid;
pub use wire::{Frame, Incoming, Message};
