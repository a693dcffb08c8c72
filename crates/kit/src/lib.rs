//! A real-time server in three callbacks: clients come, ask, and leave.
//!
//! A page that others change while you look at it (a chat, a game, a list of who is here, a price) needs a connection that
//! stays, and a server that speaks first. A WebSocket (RFC 6455) gives the connection. The server is the hard part: thousands
//! of sockets, each with a reader that may be slow, gone or hostile, and one state that all of them change at once.
//!
//! With this crate you write the state and nothing else. It is a plain value, an [`App`]. Its callbacks are called one after the
//! other, on a thread of their own, so they need no lock and no `async`. They act through a [`Hub`]. Around them, the kit opens
//! connections, decodes messages, bounds every queue, sends heartbeats, checks origins, and ends connections properly.
//!
//! # A whole program
//!
//! `Cargo.toml`, below `[dependencies]`:
//!
//! ```toml
//! parlor-kit = "0.1"
//! ```
//!
//! `src/main.rs`, a chat where everybody hears everybody:
//!
//! ```no_run
//! use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Server};
//!
//! struct Chat;
//!
//! impl App for Chat {
//!     type Request = String;
//!
//!     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
//!         hub.send(client.id, format!("welcome: {} are here", hub.count()));
//!     }
//!
//!     fn message_received(&mut self, _client: ClientId, text: String, hub: &mut Hub<'_>) {
//!         hub.send_all(text);
//!     }
//!
//!     fn client_left(&mut self, _client: ClientId, _close: &Close, hub: &mut Hub<'_>) {
//!         hub.send_all("somebody has left");
//!     }
//!
//!     fn limits(&self) -> Limits {
//!         Limits::open() // pages from anywhere may connect: for trying out
//!     }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     Server::new().app(&["/"], || Chat).main(9998)
//! }
//! ```
//!
//! `cargo run` serves `ws://127.0.0.1:9998/`; `cargo run -- --help` tells the options of [`Server::main`]. Speak to it from the
//! console of any browser page:
//!
//! ```js
//! const chat = new WebSocket("ws://127.0.0.1:9998/");
//! chat.onmessage = ({ data }) => console.log(data);
//! chat.onopen = () => chat.send("hello");
//! ```
//!
//! # Requests
//!
//! `App::Request` is the type of what clients ask for: `String` for text, [`Message`] for text and binary, [`Json<T>`](Json) for
//! JSON, or a type of your own ([`FromIncoming`]). A message that is no such request is answered by the kit, with the reason, and
//! doesn't reach the app. Answers are whatever becomes a [`Frame`]: `&str`, `String`, `Vec<u8>`, a `serde_json::Value`, [`Frame::json`]. For JSON, add
//! `serde = { version = "1", features = ["derive"] }` to your `Cargo.toml`.
//!
//! ```
//! use parlor_kit::{App, Client, ClientId, Close, Frame, Hub, Json};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(tag = "action", rename_all = "lowercase")]
//! enum Press {
//!     Plus,
//!     Minus,
//! }
//!
//! #[derive(serde::Serialize)]
//! struct Value {
//!     value: i64,
//! }
//!
//! #[derive(Default)]
//! struct Counter(i64);
//!
//! impl App for Counter {
//!     type Request = Json<Press>;
//!
//!     fn message_received(&mut self, _: ClientId, Json(press): Json<Press>, hub: &mut Hub<'_>) {
//!         match press {
//!             Press::Plus => self.0 += 1,
//!             Press::Minus => self.0 -= 1,
//!         }
//!         if let Ok(frame) = Frame::json(&Value { value: self.0 }) {
//!             hub.send_all(frame);
//!         }
//!     }
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! }
//!
//! let mut server = parlor_kit::harness::Harness::new(Counter::default(), 1);
//! let ann = server.connect();
//! server.say(ann, r#"{"action": "plus"}"#);
//! assert_eq!(server.heard(ann), [r#"{"value":1}"#]);
//! ```
//!
//! # Groups
//!
//! A group is a number of your choice, and the clients that you put into it. One broadcast to it costs one encoding and one
//! message to each worker thread, however many clients hear it. A client leaves its groups when it goes.
//!
//! ```
//! use parlor_kit::{App, Client, ClientId, Close, GroupId, Hub};
//! # use parlor_kit::harness::Harness;
//! use std::collections::BTreeMap;
//!
//! /// Rooms by the path: `/rooms/tea`, `/rooms/cake`.
//! #[derive(Default)]
//! struct Rooms {
//!     by_name: BTreeMap<String, GroupId>,
//!     of_client: BTreeMap<ClientId, GroupId>,
//! }
//!
//! impl App for Rooms {
//!     type Request = String;
//!
//!     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
//!         let next = GroupId(self.by_name.len() as u64);
//!         let room = *self.by_name.entry(client.path.clone()).or_insert(next);
//!         self.of_client.insert(client.id, room);
//!         hub.join(client.id, room);
//!     }
//!
//!     fn message_received(&mut self, client: ClientId, text: String, hub: &mut Hub<'_>) {
//!         if let Some(room) = self.of_client.get(&client) {
//!             hub.broadcast_except(*room, client, text);
//!         }
//!     }
//!
//!     fn client_left(&mut self, client: ClientId, _: &Close, _: &mut Hub<'_>) {
//!         self.of_client.remove(&client);
//!     }
//! }
//!
//! let mut server = Harness::new(Rooms::default(), 1);
//! let mut connect = |path: &str| server.connect_as(|handshake| handshake.path = path.into()).unwrap();
//! let (ann, bo, cy) = (connect("/rooms/tea"), connect("/rooms/tea"), connect("/rooms/cake"));
//! server.say(ann, "milk?");
//! assert_eq!(server.heard(bo), ["milk?"]);
//! assert!(server.heard(ann).is_empty() && server.heard(cy).is_empty());
//! ```
//!
//! # Timers
//!
//! The app has one timer ([`Hub::wake_in`], [`Hub::wake_at`], [`App::timer`]) and each client has one ([`Hub::wake_client`],
//! [`App::client_timer`]). Apps read no clock: [`Hub::now`] is the time, so that a test moves it.
//!
//! ```
//! use parlor_kit::{App, Client, ClientId, Close, Hub};
//! # use parlor_kit::harness::Harness;
//! use std::time::Duration;
//!
//! struct ShowTime;
//!
//! impl App for ShowTime {
//!     type Request = String;
//!
//!     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
//!         self.client_timer(client.id, hub);
//!     }
//!
//!     fn client_timer(&mut self, client: ClientId, hub: &mut Hub<'_>) {
//!         hub.send(client, hub.now().to_string());
//!         hub.wake_client(client, Duration::from_millis(500 + hub.random_below(1000)));
//!     }
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! }
//!
//! let mut server = Harness::new(ShowTime, 1);
//! let ann = server.connect();
//! server.advance(Duration::from_secs(60));
//! assert!((41..=121).contains(&server.heard(ann).len()));
//! ```
//!
//! # Testing
//!
//! An app does no I/O, so a server with a thousand clients runs in a unit test, without a socket, a thread or a moment of
//! waiting: [`harness`]. Every example here is such a test.
//!
//! # Further subjects
//!
//! | subject | about |
//! |---|---|
//! | [`guide::keeping`] | the journal: what survives the process, and how an app begins with it |
//! | [`guide::events`] | events from other threads and from HTTP; asynchronous work |
//! | [`guide::admission`] | who may connect; a client's cookies, query and path |
//! | [`guide::running`] | runtimes, steering a server, HTTP routes beside it, a server of your own |
//! | [`guide::transports`] | clients without WebSocket: Server-Sent Events, streaming, polling |
//! | [`guide::bounds`] | every bound, and what a client hears at it |
//! | [`guide::deploying`] | proxies, origins, many clients, readiness, figures |
//!
//! When a callback panics, the clients of that app alone are closed (1012), the log says so, and the app is made anew and given
//! what its journal holds. When the server stops, clients get [`App::farewell`] and a close frame, and what they had asked for
//! is written first.
//!
//! It runs on Unix systems, and is tested on Linux. It is built on actix-web, which you need to know for [`Server::routes`] only.

#![deny(missing_docs)]

mod access;
mod activation;
mod base_path;
mod command_line;
mod drain;
pub mod guide;
mod http_sessions;
mod moment;
mod mount;
mod page;
mod peers;
mod program;
mod sample;
mod scope;
mod serve;
mod server;
mod server_handle;
mod session;
mod storage;
#[cfg(feature = "tls")]
mod tls;
mod transport;

pub use access::Access;
pub use access::forwarded::ForwardedHeader;
pub use access::rejection::Rejection;
pub use activation::inherited_listener;
pub use base_path::{BasePath, InvalidBasePath};
pub use command_line::Given;
pub use http_sessions::HttpSessions;
pub use ipnet::IpNet;
pub use mount::Mount;
#[doc(inline)]
pub use parlor_core::{
    AddressBlock, Admitted, App, Bytes, Client, ClientId, Close, Commit, Compression, Denied, Farewell, Frame,
    FromIncoming, Gauge, GroupId, Handshake, Hold, Hub, Incoming, Json, Limits, Load, Loaded, Message, Origins,
    Outcome, Rate, Refusal, Reply, Restored, TaskFailure, TaskId, Ticket, Time, Uuid, harness, journal,
};
pub use peers::{InvalidNodeName, NodeName, Peers};
pub use program::{Program, stop_signal};
pub use sample::{Sample, SampleKind};
pub use scope::{Scope, scope};
pub use serve::Server;
pub use server::clock::wall_clock;
pub use server::events::{Handle, TellError};
pub use server::running::RunningApp;
pub use server_handle::ServerHandle;
pub use storage::Storage;
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};
pub use transport::host::AllowedHosts;

/// The crate's README.md, whose program is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
