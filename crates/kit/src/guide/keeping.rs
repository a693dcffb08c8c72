//! The journal: what an app keeps beyond a callback, a panic and the process.
//!
//! An app's state is a value in memory. When a callback panics, or the process ends, it is gone. What has to stay is written to
//! the app's journal, which has two forms of it:
//!
//! - **Logs**: records one after the other, numbered 1, 2, 3 without a gap, such as the lines of a chat. A log has a name; it
//!   begins with its first record. It may have a state besides, of any bytes, which replaces the one before.
//! - **Values** by key, such as a user's record.
//!
//! The order is: ask for the writing, and show the change when the journal has answered. Then nobody ever sees what a crash
//! could take back.
//!
//! ```
//! use parlor_kit::{App, Client, ClientId, Close, Hub, Load, Loaded, Outcome, Ticket};
//! # use parlor_kit::harness::Harness;
//! use std::collections::BTreeMap;
//!
//! #[derive(Default)]
//! struct Chat {
//!     /// Lines that are being written.
//!     lines: BTreeMap<Ticket, (ClientId, String)>,
//!     /// Newcomers whose history is being read.
//!     newcomers: BTreeMap<Ticket, ClientId>,
//! }
//!
//! impl App for Chat {
//!     type Request = String;
//!
//!     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
//!         let ticket = hub.load(Load::newest("chat", 50));
//!         self.newcomers.insert(ticket, client.id);
//!     }
//!
//!     fn message_received(&mut self, client: ClientId, text: String, hub: &mut Hub<'_>) {
//!         let ticket = hub.append("chat", text.clone());
//!         self.lines.insert(ticket, (client, text));
//!     }
//!
//!     fn committed(&mut self, ticket: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
//!         let Some((client, text)) = self.lines.remove(&ticket) else { return };
//!         match outcome {
//!             Outcome::Committed(_) => hub.send_all(text),
//!             Outcome::Conflict | Outcome::Unavailable(_) | Outcome::Unknown(_) => hub.send(client, "not saved: try again"),
//!         }
//!     }
//!
//!     fn loaded(&mut self, ticket: Ticket, loaded: Loaded, hub: &mut Hub<'_>) {
//!         let Some(client) = self.newcomers.remove(&ticket) else { return };
//!         let Loaded::Page(page) = loaded else { return };
//!         for (_, line) in page.records {
//!             hub.send(client, String::from_utf8_lossy(&line).into_owned());
//!         }
//!     }
//!
//!     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! }
//!
//! let mut server = Harness::new(Chat::default(), 1);
//! let ann = server.connect();
//! server.say(ann, "hello");
//!
//! let mut server = Harness::with_journal(Chat::default(), 2, server.into_journal()); // the process has ended, and is back
//! let bo = server.connect();
//! assert_eq!(server.heard(bo), ["hello"]);
//! ```
//!
//! Answers come in the order of the asking, and a client's request counts as open until they have come
//! ([`Limits::in_flight`](crate::Limits::in_flight)).
//!
//! # Which journal
//!
//! | [`Mount::storage`](crate::Mount::storage) | keeps | survives |
//! |---|---|---|
//! | (not called) | the newest record of each log, and all values | a panic of the app |
//! | [`Storage::memory(n)`](crate::Storage::memory) | the newest `n` records of each log, and all values | a panic of the app |
//! | [`Storage::sqlite(path)`](crate::Storage), feature `sqlite` | all of it | also `kill -9` |
//! | `SqliteOptions` of `parlor-sqlite` | as its retention says | also a loss of power, if so set |
//! | your own [`Journal`](crate::journal::Journal) | | |
//!
//! ```no_run
//! # use parlor_kit::{App, Client, ClientId, Close, Hub};
//! # #[derive(Default)]
//! # struct Chat;
//! # impl App for Chat {
//! #     type Request = String;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! # }
//! use parlor_kit::{Mount, Server, Storage};
//!
//! fn main() -> std::process::ExitCode {
//!     Server::new().mount(Mount::new(&["/"], Chat::default).storage(Storage::memory(1000))).main(9998)
//! }
//! ```
//!
//! # An app that begins with its state
//!
//! [`Hub::save`](crate::Hub::save) writes a log's state, and [`App::restored`](crate::App::restored) gets every log that has one. Here
//! the state is the counter itself; the log needs no records.
//!
//! ```
//! use parlor_kit::{App, Client, ClientId, Close, Hub, Outcome, Restored, Ticket};
//! # use parlor_kit::harness::Harness;
//!
//! #[derive(Default)]
//! struct Counter {
//!     value: u64,
//!     asked: u64,
//! }
//!
//! impl App for Counter {
//!     type Request = String;
//!
//!     fn restored(&mut self, restored: Restored, _: &mut Hub<'_>) {
//!         let state = restored.logs.iter().find(|log| log.log.as_str() == "counter");
//!         let text = state.and_then(|log| std::str::from_utf8(&log.state).ok());
//!         self.value = text.and_then(|text| text.parse().ok()).unwrap_or(0);
//!         self.asked = self.value;
//!     }
//!
//!     fn message_received(&mut self, _: ClientId, _: String, hub: &mut Hub<'_>) {
//!         self.asked += 1;
//!         hub.save("counter", self.asked.to_string());
//!     }
//!
//!     fn committed(&mut self, _: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
//!         match outcome {
//!             Outcome::Committed(_) => self.value += 1,
//!             Outcome::Conflict | Outcome::Unavailable(_) | Outcome::Unknown(_) => self.asked = self.value,
//!         }
//!         hub.send_all(self.value.to_string());
//!     }
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! }
//!
//! let mut server = Harness::new(Counter::default(), 1);
//! let ann = server.connect();
//! server.say(ann, "press");
//! server.say(ann, "press");
//! let server = Harness::with_journal(Counter::default(), 2, server.into_journal());
//! assert_eq!(server.app().value, 2);
//! ```
//!
//! # When the journal can't write
//!
//! Each commit is answered [`Outcome::Unavailable`](crate::Outcome::Unavailable), the log says why once, and
//! [`RunningApp::check`](crate::RunningApp::check) fails until it writes again, which it tries by itself.
