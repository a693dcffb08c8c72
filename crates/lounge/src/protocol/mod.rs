//! The wire contract: docs/protocol.md in types.
//!
//! [`client`] is all that a client may say, [`codec`] makes it of bytes; [`server`] is all it may hear, [`error`] what
//! can go wrong, [`record`] how the events of logs are kept and told.

pub mod client;
pub mod codec;
pub mod error;
pub mod fault;
pub mod fields;
pub mod json;
pub mod kind;
pub mod record;
pub mod rfc3339;
pub mod server;
