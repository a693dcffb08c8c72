//! Clients without WebSocket: sessions over plain HTTP, for networks that let no WebSocket through.
//!
//! [`Mount::http_sessions`](crate::Mount::http_sessions) switches them on for an app. The app doesn't notice: a session is a client
//! with a [`ClientId`](crate::ClientId) like any other, with the same order, groups, rate, bounds and one `client_left`.
//!
//! ```
//! # use parlor_kit::{App, Client, ClientId, Close, Hub, HttpSessions, Json, Mount, Server};
//! # struct Chat;
//! # impl App for Chat {
//! #     type Request = Json<u32>;
//! #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
//! #     fn message_received(&mut self, _: ClientId, _: Json<u32>, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! # }
//! let chat = Mount::new(&["/ws"], || Chat).http_sessions(HttpSessions::new("/api/sessions"));
//! let server = Server::new().mount(chat);
//! # drop(server);
//! ```
//!
//! # The requests
//!
//! | request | does |
//! |---|---|
//! | `POST /api/sessions` | opens a session: `{"session":"<secret>","welcome":…}`, the app's first message if it sent one in `new_client`, else `null`; with [`greets`](crate::HttpSessions::greets) the answer waits for it |
//! | `POST …/<secret>/send?n=N&ack=M` | takes messages, one a line |
//! | `GET …/<secret>/poll?ack=M&wait_ms=W` | `{"frames":[{"n":1,"frame":…}]}`, after W ms at the latest |
//! | `GET …/<secret>/events` | Server-Sent Events |
//! | `GET …/<secret>/stream?ack=M` | a line of JSON for each message |
//! | `DELETE …/<secret>` | ends the session |
//!
//! Messages to the client are numbered and stay until it acknowledges them (`ack`, `Last-Event-ID`), so that a lost answer loses
//! nothing. The client numbers its sends (`n`), so that a repeated one is done once. A subprotocol is offered by
//! `?protocols=best,second`.
//!
//! Messages are JSON in these answers. [`HttpSessions::new`](crate::HttpSessions::new) is for apps whose messages are JSON: they
//! stand as they are. With [`text`](crate::HttpSessions::text) they are any text, and stand as JSON strings, in both
//! directions. A binary message is `{"binary":"<base64>"}`.
//!
//! # The end
//!
//! A session ends with a close like any other, which its receiver is told, and who asks later (404) for five minutes, for the
//! newest 4096 sessions. One that was unheard for [`heartbeat_timeout`](crate::Limits::heartbeat_timeout) ends with 4001. A
//! server that was restarted knows nothing of a session: its client opens a new one.
//!
//! # On several servers
//!
//! A session lives on the server that opened it. Another one knows nothing of it, and answers 404; the client opens a new one
//! there, so nothing has to stick to one server. With [`Server::peers`](crate::Server::peers) the client does not notice at all: the
//! secret of a session names its server, as in `n1.<secret>`, and a server that gets another's request passes it on.
//!
//! | what | where |
//! |---|---|
//! | `Host`, `Origin`, addresses of clients, places for connections | the server that the client reached |
//! | places for clients, rates, numbers, bounds | the server that has the session |
//! | a reader that takes nothing | both: the bytes wait where the session is |
//! | a server that is gone, or does not answer | 404 |
//! | a body that breaks off between them | ends, without its close: the client asks again |
//! | a server that stops | its sessions are told by the others. What it passes on ends within a second |
//!
//! A send without a number that was on its way when a connection between two servers broke is answered 404, since it may have
//! been done.
//!
//! # In a server of one's own
//!
//! [`Scope`](crate::Scope) serves sessions too. There the HTTP server counts and closes connections: an idle one may be closed
//! by its time-outs, and one that is stuck is not put out.
