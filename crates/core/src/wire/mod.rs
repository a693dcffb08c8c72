//! The WebSocket protocol (RFC 6455) as pure functions and values.
//!
//! - [`Frame`]: a server's message, encoded once (§5.2)
//! - [`Decoder`]: a client's bytes to [`Received`] messages and control frames (§5.2–§5.6, §8.1)
//! - [`control`]: the server's close, ping and pong frames (§5.5)
//! - [`frame_end`]: the borders of frames in a server's bytes (§5.2)
//! - [`deflate`]: compressed messages (RFC 7692)
//!
//! The handshake (§4) is the transport's work.

pub mod control;
mod decoder;
pub mod deflate;
mod frame;
mod header;
mod message;

pub use decoder::{Decoder, Received};
pub use frame::Frame;
pub use header::frame_end;
pub use message::{Incoming, Message};
