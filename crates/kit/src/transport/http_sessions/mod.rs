//! Sessions over HTTP: Server-Sent Events, streaming, long and short polling. A session lives on the worker thread that
//! opened it; requests come on any, and reach it by a channel.

mod answer;
mod body;
mod command;
mod cors;
mod encode;
mod events;
mod forward;
mod forwarded;
mod inbox;
mod pipe;
mod problem;
mod query;
mod receiver;
mod registry;
mod requests;
mod routes;
mod secret;

pub use registry::Registry;
pub use routes::{Around, peer_resources, resources};
pub use secret::Key;
