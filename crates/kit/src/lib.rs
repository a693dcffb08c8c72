//! Sessions, groups, a journal and a server around an [`App`]: what every real-time server needs.
//!
//! The direction inside the crate is transport → session → server; the pure half is `parlor-core`.

pub mod serve;
pub mod server;
pub mod session;
pub mod transport;

pub use parlor_core::*;
pub use serve::Server;
pub use server::chat_server::Storage;
