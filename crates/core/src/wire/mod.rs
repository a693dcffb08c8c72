//! The WebSocket protocol (RFC 6455 §5) as pure functions and values: bytes to messages, messages to bytes.

pub mod control;
pub mod decoder;
mod frame;
mod message;

pub use frame::Frame;
pub use message::{Incoming, Message};
