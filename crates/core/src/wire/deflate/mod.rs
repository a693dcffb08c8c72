//! Compression of messages: permessage-deflate (RFC 7692).
//!
//! - [`negotiate()`]: a client's offers to an [`Agreement`] (§5, §7.1)
//! - [`compress()`]: the payload of a frame (§7.2.1); [`Frame::compressed`](crate::wire::Frame::compressed) keeps it for all receivers
//! - `inflate`: the way back (§7.2.2), with a bound; the [`Decoder`](crate::wire::Decoder) does it
//!
//! Every message is compressed by itself, in both directions: the server demands `client_no_context_takeover` and promises
//! `server_no_context_takeover`, as a server may to every client (§7.1.1). So no connection has a compressor or an inflater of
//! its own. Each thread has one inflater, and one compressor for each window that its clients have asked for.

mod compress;
mod extensions;
mod inflate;
mod negotiate;
mod variants;
mod window;

pub use compress::compress;
pub use extensions::Malformed;
pub(super) use inflate::{Fault, inflate};
pub use negotiate::{Agreement, negotiate};
pub(super) use variants::Variants;
pub use window::WindowBits;
