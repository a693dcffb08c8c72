//! Admission of clients, and their cookies, query and path.
//!
//! [`App::admit`](crate::App::admit) sees the [`Handshake`](crate::Handshake) before it is answered: address, path, query, headers,
//! cookies, subprotocols. It returns [`Admitted`](crate::Admitted), perhaps with a value for
//! [`new_client`](crate::App::new_client), or [`Denied`](crate::Denied): an HTTP response of any status from 300 to 599.
//!
//! ```
//! use parlor_kit::{Admitted, App, Client, ClientId, Close, Denied, Handshake, Hub};
//! # use parlor_kit::harness::Harness;
//!
//! struct User {
//!     name: String,
//! }
//!
//! struct Chat;
//!
//! impl App for Chat {
//!     type Request = String;
//!
//!     fn admit(handshake: &Handshake) -> Result<Admitted, Denied> {
//!         match handshake.cookie("session") {
//!             Some("f00d") => Ok(Admitted::with(User { name: "Ann".to_owned() })),
//!             Some(_) => Err(Denied::forbidden("this session has ended")),
//!             None => Err(Denied::redirect("/login")),
//!         }
//!     }
//!
//!     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
//!         if let Some(user) = client.admitted::<User>() {
//!             hub.send(client.id, format!("welcome, {}", user.name));
//!         }
//!     }
//! #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! }
//!
//! let mut server = Harness::new(Chat, 1);
//! let ann = server.connect_as(|handshake| handshake.headers.push(("cookie".into(), "session=f00d".into())));
//! assert_eq!(server.heard(ann.unwrap()), ["welcome, Ann"]);
//! assert_eq!(server.connect_as(|_| {}).unwrap_err().status, 302);
//! ```
//!
//! # Asking a database
//!
//! [`Mount::admit`](crate::Mount::admit) takes an asynchronous decision, after that of `App::admit`. One that takes more than 10 s
//! refuses the client (503).
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
//! use parlor_kit::{Admitted, Denied, Handshake, Mount};
//!
//! async fn user_of(token: &str) -> Option<String> {
//!     (token == "secret").then(|| "Ann".to_owned()) // your database
//! }
//!
//! async fn decide(handshake: Handshake) -> Result<Admitted, Denied> {
//!     let token = handshake.query("token").unwrap_or_default();
//!     match user_of(&token).await {
//!         Some(user) => Ok(Admitted::with(user)),
//!         None => Err(Denied::unauthorized("Bearer", "the token is not known")),
//!     }
//! }
//!
//! let mount = Mount::new(&["/chat"], || Chat).admit(decide);
//! # drop(mount);
//! # let mut handshake = Handshake::new([127, 0, 0, 1].into(), "/chat");
//! # let decided = |handshake| {
//! #     let future = std::pin::pin!(decide(handshake));
//! #     match future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
//! #         std::task::Poll::Ready(decided) => decided,
//! #         std::task::Poll::Pending => unreachable!(),
//! #     }
//! # };
//! # assert_eq!(decided(handshake.clone()).unwrap_err().status, 401);
//! # handshake.query = "token=secret".into();
//! # assert!(decided(handshake).is_ok());
//! # use std::future::Future;
//! ```
//!
//! # Before it
//!
//! These are checked first, and answered by the kit: the `Host` name ([`Server::allowed_hosts`](crate::Server::allowed_hosts), 421),
//! the `Origin` ([`Limits::origins`](crate::Limits::origins), 403), the form of the handshake (400), and the number of clients
//! ([`Limits::clients`](crate::Limits::clients), [`Limits::clients_per_address`](crate::Limits::clients_per_address), 503). Each
//! refusal is logged, with the setting that it comes from.
