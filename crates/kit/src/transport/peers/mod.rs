//! Requests from one server to another that serves the same app: plain HTTP/1.1 on connections that are kept.
//!
//! A server listens for its peers apart from its clients, so that no client meets this way in. Who asks there proves that it has
//! the servers' common key. That keeps out whoever reaches the port and nothing else: the bytes are not encrypted, so the
//! network between the servers has to be a private one.

mod connection;
mod entrance;
mod link;
mod pool;
mod token;

pub use connection::{Asked, PeerBody, PeerError};
pub use entrance::Entrance;
pub use link::PeerLink;
pub use pool::Pool;
pub use token::HEADER;
