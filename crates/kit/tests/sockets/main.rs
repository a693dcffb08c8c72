//! Sessions over real sockets: what a client may do, what it may not, and what that costs the others.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::wildcard_enum_match_arm)]

mod access;
mod admit;
mod base_path;
mod compression;
mod drain;
mod events;
mod frames;
mod handshakes;
mod http_peers;
mod http_receivers;
mod http_sends;
mod http_sessions;
mod limits;
mod lives;
mod pressure;
mod scope;
mod server;
mod slow;
mod steering;
#[cfg(feature = "tls")]
mod tls;
