//! Every bound, and what a client hears at it. Nothing is dropped in silence.
//!
//! [`App::limits`](crate::App::limits) returns an app's [`Limits`](crate::Limits), and [`Server::access`](crate::Server::access) sets
//! what holds for the whole server.
//!
//! ```
//! use parlor_kit::{Limits, Rate};
//! use std::time::Duration;
//!
//! let limits = Limits::default()
//!     .frame_bytes(4096)
//!     .clients(50_000)
//!     .clients_per_address(20)
//!     .heartbeat(Duration::from_secs(10))
//!     .rate(Rate { per_second: 5.0, burst: 10.0, ..Rate::default() });
//! assert!(limits.heartbeat < limits.heartbeat_timeout);
//! ```
//!
//! # Of a client
//!
//! | field of [`Limits`](crate::Limits) | default | at the bound |
//! |---|---|---|
//! | `frame_bytes`, a message | 64 KiB | close 1009, before its bytes are read |
//! | `frame_bytes`, a compressed message when it is inflated | 64 KiB | close 1009, before more is inflated |
//! | `fragments`, of a message | 1024 | close 1009 |
//! | `in_flight`, requests that are not answered | 32 | nothing is lost: it is not read from until some are answered, and TCP slows it down |
//! | `rate`, requests a second | none | the answer of [`App::refuse`](crate::App::refuse); after 500 refusals in 10 s, close 4003 |
//! | `address_rate`, requests a second of all clients of one address | none | the same |
//! | `outbox_bytes`, waiting for its socket | 1 MiB | close 4000 |
//! | `outbox_stall`, its socket takes nothing | 10 s | close 4000 |
//! | `heartbeat`, silence until it is pinged | 25 s | a ping |
//! | `heartbeat_timeout`, silence | 60 s | close 4001 |
//! | its own answers that wait for its socket | 64 KiB | it is not read from |
//!
//! Without a `rate`, no request is refused: a client that sends too much is slowed down by `in_flight`. A product that is open to
//! the world sets one, since a single client may otherwise keep the app's thread busy.
//!
//! # Of a session over HTTP
//!
//! The same bounds hold, with these differences ([`guide::transports`](crate::guide::transports)):
//!
//! | bound | default | at the bound |
//! |---|---|---|
//! | `frame_bytes`, a message | 64 KiB | 413, nothing of the request is done |
//! | a request with messages | 4 × `frame_bytes` | 413 |
//! | messages that are taken and not handed to the app | 4 × `frame_bytes` | further requests wait, for 10 s; then 429 |
//! | requests that wait | 8 | 429 |
//! | `outbox_bytes`, not acknowledged, and not written to a body | 1 MiB | close 4000 |
//! | `outbox_bytes`, written to a body and not acknowledged | 1 MiB | the oldest are dropped; who asks for them gets 410 |
//! | `outbox_stall`, a connection takes nothing | 10 s | the connection is closed; its session goes on |
//! | `heartbeat`, a body brings nothing | 25 s | a comment, or an empty line |
//! | `heartbeat_timeout`, no request, and no body that takes bytes | 60 s | close 4001 |
//! | the wait of a poll | 30 s, and half of `heartbeat_timeout` | answered without messages |
//! | connections that are kept for a session | 1, that of its newest receiver | others count as no clients |
//!
//! # Compression
//!
//! Clients that offer permessage-deflate (RFC 7692), as browsers do, get messages of 256 bytes and more compressed, and may send
//! theirs so. A broadcast is compressed once for all its receivers. Neither side uses the window of an earlier message, so that
//! a compressed connection costs no more memory than another one: each worker thread has one inflater, of 50 KiB, and a
//! compressor of 0.3 MiB for each window that its clients have asked for, 7 at most.
//!
//! It pays for lists and histories (a tenth of the bytes), and for broadcasts to many. For a line of talk it saves a quarter.
//! [`Limits::compression`](crate::Limits::compression) turns it off, or sets another length:
//!
//! ```
//! use parlor_kit::{Compression, Limits};
//!
//! let limits = Limits::default().compression(Compression { min_bytes: 1024 });
//! let plain = Limits::default().compression(None);
//! # drop((limits, plain));
//! ```
//!
//! # Of a server
//!
//! | bound | default | at the bound |
//! |---|---|---|
//! | [`Limits::origins`](crate::Limits::origins) | pages of this server | 403 |
//! | [`Limits::clients`](crate::Limits::clients) | 10 000 for each app | 503 |
//! | [`Limits::clients_per_address`](crate::Limits::clients_per_address), IPv6 by /64 | 100 for each app | 503 |
//! | [`Access`](crate::Access): clients of all apps | none | 503 |
//! | [`Access`](crate::Access): connections that are no clients | 1024, 100 from one address | closed |
//! | [`Access::answer_within`](crate::Access::answer_within) | 15 s | closed |
//! | connections that receive for sessions of [other servers](crate::Server::peers) | as many as clients, in all and of an address | one more counts as a connection that is no client |
//! | connections of other servers | clients and connections that are no clients, of all apps | closed |
//! | connections to another server that wait for a request | 32 for each app and worker thread, 30 s | closed |
//! | a decision of [`Mount::admit`](crate::Mount::admit) | 10 s | 503 |
//! | [`Server::shutdown_timeout`](crate::Server::shutdown_timeout) | 10 s | connections are reset |
//!
//! # Of an app
//!
//! | bound | default | at the bound |
//! |---|---|---|
//! | its mailbox | `clients` × `in_flight` requests | follows from those |
//! | [`Handle::EVENTS_MAX`](crate::Handle::EVENTS_MAX), events that wait | 1024 | [`TellError::Full`](crate::TellError::Full) |
//! | [`Limits::tasks`](crate::Limits::tasks) that run, and as many that wait | 1024 | [`TaskFailure::Refused`](crate::TaskFailure::Refused) |
//! | timers | one for the app, one for each client | a second call moves a client's, and keeps the earlier of the app's |
//! | a log of [`Storage::memory`](crate::Storage::memory) | its newest records, 4 MiB | the oldest go |
//!
//! The app itself bounds what it keeps.
//!
//! # Close codes
//!
//! [`Close`](crate::Close) lists them. A client may come back after 1001, 1006, 1011, 1012, 1013 and 4000 to 4499, after a pause that
//! grows with each attempt; after 1002, 1003, 1007, 1009 and 4500 to 4999 it would only fail again.
