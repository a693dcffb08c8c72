//! The places where a server runs, its steering, and HTTP routes beside it.
//!
//! # Runtimes
//!
//! | your program | runs a server with |
//! |---|---|
//! | is nothing but the server | [`Server::main`](crate::Server::main): command line, log, signals |
//! | is that, with options of its own | [`Program::main`](crate::Program::main) |
//! | has no async runtime | [`Server::run_blocking`](crate::Server::run_blocking), on this thread |
//! | is `#[tokio::main]`, `#[actix_web::main]` or any other | [`Server::run`](crate::Server::run)`(listener, shutdown).await` |
//!
//! In each case the server has threads of its own: one for each app, and for connections as many as
//! [`Server::workers`](crate::Server::workers) says.
//!
//! ```no_run
//! # use parlor_kit::{App, Client, ClientId, Close, Hub};
//! # struct Chat;
//! # impl App for Chat {
//! #     type Request = String;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! # }
//! use parlor_kit::{Server, stop_signal};
//! use std::net::TcpListener;
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:9998")?;
//!     Server::new().app(&["/chat"], || Chat).run(listener, stop_signal()?).await
//! }
//! ```
//!
//! # Steering
//!
//! [`Server::handle`](crate::Server::handle) gives a [`ServerHandle`](crate::ServerHandle), for any thread: it stops the server, closes
//! its clients, denies newcomers, counts. The table there sets it beside the `server` object of Python's `websocket-server`.
//!
//! ```
//! # use parlor_kit::{App, Client, ClientId, Close, Hub};
//! # struct Chat;
//! # impl App for Chat {
//! #     type Request = String;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! # }
//! use parlor_kit::Server;
//! use std::net::TcpListener;
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?; // any free port
//! let server = Server::new().app(&["/chat"], || Chat);
//! let handle = server.handle();
//! let thread = std::thread::spawn(move || server.run_blocking(listener));
//!
//! assert_eq!(handle.clients(), 0);
//! handle.stop(Close::new(Close::GOING_AWAY, "closed for today"));
//! thread.join().unwrap()?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Several apps
//!
//! One server hosts several apps, each on its own paths, with its own thread, limits, journal and clients. One that panics
//! leaves the others alone. Paths are patterns: `/rooms/{room}` ([`Client::path_param`](crate::Handshake::path_param)),
//! `/{any:.*}` for all.
//!
//! ```
//! # use parlor_kit::{App, Client, ClientId, Close, Hub, Server};
//! # struct Chat;
//! # impl App for Chat {
//! #     type Request = String;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! # }
//! let server = Server::new().app(&["/rooms/{room}"], || Chat).app(&["/help"], || Chat);
//! assert_eq!(server.handle().clients(), 0);
//! ```
//!
//! # HTTP routes beside it
//!
//! [`Server::page`](crate::Server::page) serves one HTML page, at an app's own path too.
//! [`Server::routes`](crate::Server::routes) takes routes of actix-web: pages, files, an endpoint that tells the app something. Add
//! `actix-web = { version = "4", default-features = false }` to your `Cargo.toml`.
//!
//! ```no_run
//! # use parlor_kit::{App, Client, ClientId, Close, Hub};
//! # struct News;
//! # impl App<String> for News {
//! #     type Request = String;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_, String>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
//! #     fn told(&mut self, headline: String, hub: &mut Hub<'_, String>) { hub.send_all(headline) }
//! # }
//! use actix_web::{HttpResponse, web};
//! use parlor_kit::{Handle, Mount, Server};
//!
//! async fn publish(news: web::Data<Handle<String>>, headline: String) -> HttpResponse {
//!     match news.tell(headline) {
//!         Ok(()) => HttpResponse::Accepted().finish(),
//!         Err(error) => HttpResponse::ServiceUnavailable().body(error.to_string()),
//!     }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     let mount = Mount::new(&["/news"], || News);
//!     let news = web::Data::new(mount.handle());
//!     let routes = move |config: &mut web::ServiceConfig| {
//!         config.app_data(news.clone()).route("/publish", web::post().to(publish));
//!     };
//!     Server::new().mount(mount).routes(routes).main(9998)
//! }
//! ```
//!
//! Then `curl -d 'it rains' http://127.0.0.1:9998/publish` tells every client. Such a route is open to every page and program that
//! reaches the server: check who asks.
//!
//! # Inside an actix-web server of your own
//!
//! [`scope`](crate::scope()) makes an app a service of an `actix_web::HttpServer` that you have already. Such a server keeps its
//! sockets, so some promises don't hold there: [`Scope`](crate::Scope) lists them. If you can, take the routes into this crate's
//! [`Server`](crate::Server) instead.
