//! docs/protocol.md as tables: the fields of frames, and the rules for requests.

pub mod frames;
pub mod requests;
