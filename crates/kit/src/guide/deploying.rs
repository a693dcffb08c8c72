//! From your machine to the world.
//!
//! # Addresses and origins
//!
//! [`Server::main`](crate::Server::main) listens on 127.0.0.1, which only this machine reaches; `--host 0.0.0.0` is for everybody.
//!
//! A browser tells the page that connects, as the `Origin`. By default pages of this very server may, and programs, which send no
//! `Origin`. [`Limits::open`](crate::Limits::open) allows every page, also in the name of a user who is signed in by cookie (RFC 6455
//! §10.2). Before you go public, name yours:
//!
//! ```
//! use parlor_kit::{Limits, Origins};
//!
//! let also = vec!["https://chat.example.org".to_owned()];
//! let limits = Limits::default().origins(Origins::Same { also, required: false });
//! assert_eq!(Limits::default().origins, Origins::Same { also: Vec::new(), required: false });
//! # drop(limits);
//! ```
//!
//! Inside a private network, also name the server's own hosts ([`AllowedHosts`](crate::AllowedHosts)), so that a page of a foreign
//! name can't reach it (DNS rebinding).
//!
//! # Behind a proxy
//!
//! The proxy speaks TLS, and plain HTTP to the server. It has to pass the upgrade on, and the `Host`, by which the server knows its own pages; and not to end
//! connections that are quiet for less than [`Limits::heartbeat`](crate::Limits::heartbeat). For nginx:
//!
//! ```text
//! location /chat {
//!     proxy_pass http://127.0.0.1:9998;
//!     proxy_http_version 1.1;
//!     proxy_set_header Upgrade $http_upgrade;
//!     proxy_set_header Connection "upgrade";
//!     proxy_set_header Host $host;
//!     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
//!     proxy_read_timeout 75s;
//! }
//! ```
//!
//! The server then sees the proxy's address for everybody, unless it trusts it to tell the client's:
//!
//! ```
//! use parlor_kit::{Access, ForwardedHeader, Server};
//!
//! let mut access = Access::default();
//! access.trusted_proxies = vec!["127.0.0.1/32".parse()?];
//! access.forwarded_header = ForwardedHeader::XForwardedFor;
//! assert_eq!(access.forwarded_header.name(), "x-forwarded-for");
//! let server = Server::new().access(access);
//! # drop(server);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server that shares its name with others has everything below a path of its own
//! ([`Server::base_path`](crate::Server::base_path)); the proxy passes paths on as they are.
//!
//! # TLS without a proxy
//!
//! With the feature `tls`, a server takes a certificate and its key (`Tls`, `Server::tls`): TLS 1.2 and 1.3 by rustls. A session
//! then owns its connection as it does over TCP, with the same bounds, and holds one record of ciphertext beside its outbox. New
//! files are taken without a restart. An idle client costs about 12 KiB more than over TCP, for the state of its TLS session.
//!
//! # Many clients
//!
//! - Each connection is a file descriptor: raise the limit of open files (`ulimit -n`, systemd's `LimitNOFILE=`) beyond
//!   [`Limits::clients`](crate::Limits::clients).
//! - Build with `cargo build --release`.
//! - One app has one thread. What it does for each message bounds the messages a second; keep slow work out of its callbacks
//!   ([`events`](super::events#asynchronous-work)), and answer what needs no state in [`App::decode`](crate::App::decode), which
//!   runs on the connection's own thread.
//! - A client that reads slowly costs up to [`Limits::outbox_bytes`](crate::Limits::outbox_bytes). Lower it when there are many.
//!
//! # Stopping and starting
//!
//! On SIGTERM, [`Server::main`](crate::Server::main) lets nobody in any more, closes each client with 1012 when its requests are
//! answered, waits for them for [`Server::shutdown_timeout`](crate::Server::shutdown_timeout), writes what is left and ends with
//! status 0. A second signal ends it at once. Clients should come back after a random pause that grows with each attempt, so that
//! a restart is not a flood.
//!
//! Nobody is refused meanwhile if somebody else holds the listening socket, such as systemd with a socket unit:
//! [`inherited_listener`](crate::inherited_listener) takes it, as [`Server::main`](crate::Server::main) does by itself, and
//! [`Server::queue_while_stopping`](crate::Server::queue_while_stopping) leaves newcomers in its queue for the next process.
//!
//! # Readiness and figures
//!
//! [`ServerHandle::apps`](crate::ServerHandle::apps) gives each [`RunningApp`](crate::RunningApp): whether it can do its work, the
//! counts of its connections, and the app's own [gauges](crate::App::gauges). A route of your own shows them, in the form that
//! your monitoring takes.
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
//! use actix_web::{HttpResponse, web};
//! use parlor_kit::{Server, ServerHandle};
//!
//! async fn ready(server: web::Data<ServerHandle>) -> HttpResponse {
//!     match server.apps().iter().try_for_each(|app| app.check()) {
//!         Ok(()) => HttpResponse::Ok().body("ready"),
//!         Err(reason) => HttpResponse::ServiceUnavailable().body(reason),
//!     }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     let server = Server::new().app(&["/chat"], || Chat);
//!     let handle = web::Data::new(server.handle());
//!     let routes = move |config: &mut web::ServiceConfig| {
//!         config.app_data(handle.clone()).route("/readyz", web::get().to(ready));
//!     };
//!     server.routes(routes).main(9998)
//! }
//! ```
