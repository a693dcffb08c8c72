//! Events from outside of the callbacks: other threads, HTTP routes, and asynchronous work.
//!
//! An app that hears of events names their type: `impl App<Event> for …`, and `Hub<'_, Event>` in its callbacks. Each event is
//! delivered to [`App::told`](crate::App::told), between two other callbacks.
//!
//! # From anywhere: a handle
//!
//! A [`Mount`](crate::Mount) gives a [`Handle`](crate::Handle), which is cheap to clone and may be used from any thread and in any
//! async runtime. At most [`Handle::EVENTS_MAX`](crate::Handle::EVENTS_MAX) events wait for an app. One more is given back as
//! [`TellError::Full`](crate::TellError::Full), and [`tell_when_room`](crate::Handle::tell_when_room) waits for its turn instead.
//!
//! ```no_run
//! # use parlor_kit::{App, Client, ClientId, Close, Hub};
//! # struct News;
//! # impl App<String> for News {
//! #     type Request = String;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_, String>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
//! fn told(&mut self, headline: String, hub: &mut Hub<'_, String>) {
//!     hub.send_all(headline);
//! }
//! # }
//! use parlor_kit::{Mount, Server};
//! use std::io::BufRead;
//!
//! fn main() -> std::process::ExitCode {
//!     let mount = Mount::new(&["/"], || News);
//!     let news = mount.handle();
//!     std::thread::spawn(move || {
//!         for line in std::io::stdin().lock().lines().map_while(Result::ok) {
//!             if news.tell(line).is_err() {
//!                 eprintln!("too many headlines at once, or the server has ended");
//!             }
//!         }
//!     });
//!     Server::new().mount(mount).main(9998)
//! }
//! ```
//!
//! From an HTTP route: [`running`](super::running#http-routes-beside-it).
//!
//! In a test, [`Harness::tell`](crate::harness::Harness::tell) tells the event:
//!
//! ```
//! # use parlor_kit::{App, Client, ClientId, Close, Hub, harness::Harness};
//! # struct News;
//! # impl App<String> for News {
//! #     type Request = String;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_, String>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
//! #     fn told(&mut self, headline: String, hub: &mut Hub<'_, String>) { hub.send_all(headline) }
//! # }
//! let mut server = Harness::new(News, 1);
//! let ann = server.connect();
//! server.tell("it rains".to_owned());
//! assert_eq!(server.heard(ann), ["it rains"]);
//! ```
//!
//! # Asynchronous work
//!
//! A callback must not wait: while it does, no other client is served. [`Hub::spawn`](crate::Hub::spawn) hands a future to
//! threads beside the app, inside a tokio runtime, and its output comes back as an event. The request that asked for it stays open
//! meanwhile. [`Hub::spawn_for`](crate::Hub::spawn_for) drops the future when its client leaves.
//!
//! ```
//! use parlor_kit::{App, Client, ClientId, Close, Hub, TaskFailure, TaskId};
//! # use parlor_kit::harness::Harness;
//! # async fn search(words: &str) -> usize { words.len() }
//!
//! struct Search;
//!
//! /// An answer of the database, for the client that asked.
//! struct Found {
//!     client: ClientId,
//!     hits: usize,
//! }
//!
//! impl App<Found> for Search {
//!     type Request = String;
//!
//!     fn message_received(&mut self, client: ClientId, words: String, hub: &mut Hub<'_, Found>) {
//!         hub.spawn_for(client, async move { Found { client, hits: search(&words).await } });
//!     }
//!
//!     fn told(&mut self, found: Found, hub: &mut Hub<'_, Found>) {
//!         hub.send(found.client, format!("{} hits", found.hits));
//!     }
//!
//!     fn task_failed(&mut self, _: TaskId, failure: TaskFailure, hub: &mut Hub<'_, Found>) {
//!         hub.send_all(failure.to_string()); // it panicked, or too many run
//!     }
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, Found>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, Found>) {}
//! }
//!
//! let mut server = Harness::new(Search, 1);
//! let ann = server.connect();
//! server.say(ann, "parlor");
//! assert_eq!(server.in_flight(ann), 1, "the request is open");
//! server.poll_tasks();
//! assert_eq!(server.heard(ann), ["6 hits"]);
//! ```
//!
//! At most [`Limits::tasks`](crate::Limits::tasks) run at once, as many again wait, and one more is refused. Work that blocks a
//! thread belongs to `tokio::task::spawn_blocking` inside the future.
