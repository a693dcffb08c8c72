//! Real-time servers as three callbacks: the runtime around `parlor-core`'s `App`.
//!
//! The kit opens WebSockets (RFC 6455), decodes messages, keeps every queue bounded, sends heartbeats, limits rates, checks
//! origins, and calls the app on a thread of its own, one callback at a time. A panic in a callback costs the app's clients
//! their connections (close code 1012); the app is then made anew from its journal.
//!
//! ```no_run
//! use parlor_kit::{App, Client, ClientId, Close, Hub, Message, Server};
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
//! fn main() -> std::process::ExitCode {
//!     Server::new().app(&["/"], || Echo).main(9998)
//! }
//! ```
//!
//! # Public face
//! - [`Server`]: apps on paths, plain HTTP beside them, run until a signal
//! - [`App`], [`Hub`] and the types that their signatures name, from `parlor-core`
//! - [`journal`], [`Storage`]: what outlives a callback, and how it is run
//! - [`Limits`]: every bound of a client
//! - [`harness`]: the whole server in a unit test, without sockets
//! - [`AllowedHosts`]: the `Host` names that a server answers to
//! - [`RunningApp`], [`Sample`], [`Rejection`]: readiness, figures and refusals, for the program around the server
//!
//! # Inside
//! `transport` (sockets) → `session` (one client) → `server` (the actors). Nothing points back.

mod access;
mod mount;
mod program;
mod serve;
mod server;
mod server_handle;
mod session;
mod storage;
mod transport;

pub use access::Access;
pub use access::forwarded::ForwardedHeader;
pub use access::rejection::Rejection;
pub use ipnet::IpNet;
pub use mount::Mount;
pub use parlor_core::{
    AddressBlock, Admitted, App, Bytes, Client, ClientId, Close, Commit, Denied, Farewell, Frame, FromIncoming, Gauge,
    GroupId, Handshake, Hold, Hub, Incoming, Json, Limits, Load, Loaded, Message, Origins, Outcome, Rate, Refusal,
    Reply, Restored, TaskFailure, TaskId, Ticket, Time, Uuid, harness, journal,
};
pub use program::stop_signal;
pub use serve::Server;
pub use server::clock::wall_clock;
pub use server::events::{Handle, TellError};
pub use server::metrics::{Sample, SampleKind};
pub use server::running::RunningApp;
pub use server_handle::ServerHandle;
pub use storage::Storage;
pub use transport::host::AllowedHosts;
