//! A client for [Parlor](https://docs.rs/parlor) servers that loses nothing: connections break, servers restart, and the
//! program sees each numbered event once and in order.
//!
//! ```no_run
//! use parlor_client::{Client, Error, Event, Update};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Error> {
//!     let (client, mut updates) = Client::connect("ws://127.0.0.1:8080/ws")?;
//!     client.rename("Ferris").await?;
//!     let room = client.join("tea").await?;
//!     println!("{} people, {} events so far", room.online, room.seq);
//!     client.say("tea", "Hello!").await?;
//!     while let Some(update) = updates.next().await {
//!         match update {
//!             Update::Event(Event::Message(message)) => println!("{}: {}", message.from.name, message.body),
//!             Update::Entered(room) if !room.recovered => println!("too long away: {} events anew", room.events.len()),
//!             Update::Entered(room) => println!("back again: {} events were missed", room.events.len()),
//!             Update::Disconnected { close, retry_in, .. } => println!("{close}; back in {retry_in:?}"),
//!             Update::Closed(close) => println!("the end: {close}"),
//!             _ => {}
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! ```toml
//! [dependencies]
//! parlor-client = "0.1"
//! tokio = { version = "1", features = ["macros", "rt"] }
//! ```
//!
//! # Connections
//! A client opens a connection and, when it breaks, another one: after a random time of up to half a second, doubled with
//! each failure up to 20 seconds, and not before the time that a server names when it restarts. Close codes decide whether it
//! comes back at all ([`Close::may_return`]). On each connection it takes back its identity by its token, joins its rooms
//! again with the place where their logs stand, and sends again what was not answered.
//!
//! # What is repeated
//! | request | if the connection breaks before the answer |
//! |---|---|
//! | [`say`](Client::say), [`tell`](Client::tell) | sent again under the same key: the server does it once |
//! | [`join`](Client::join), [`watch_time`](Client::watch_time) and questions ([`history`](Client::history), …) | sent again |
//! | all others | [`Error::ConnectionLost`]: it may or may not have been done |
//!
//! A request waits for the connection and for the answer, no longer than [`Options::request_timeout`].
//!
//! # Bounds
//! 1024 requests wait at most, then they fail with [`Error::TooMuchWaiting`]. [`Updates`] is a bounded queue; a program that
//! does not take its updates never stops the connection and loses no numbered event.
//!
//! # Features
//! `rustls`: `wss:` addresses, and `Options::tls`.

#![deny(missing_docs)]

mod backoff;
mod client;
mod close;
mod driver;
mod error;
mod machine;
mod options;
mod protocol;
mod target;
mod update;

pub use client::Client;
pub use close::Close;
pub use error::{Error, ErrorCode, Fault, Refused};
pub use machine::State;
pub use options::Options;
pub use protocol::*;
pub use update::{Update, Updates};
