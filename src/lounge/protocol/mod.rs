//! The wire contract: docs/protocol.md in types.

pub mod client;
