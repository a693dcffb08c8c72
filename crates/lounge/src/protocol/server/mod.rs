//! All that a client may hear: [`replies`], [`events`] and the [`welcome`], and how they become frames.
//!
//! Frames are made by [`ok`], [`error`] and [`event`], and for replies that carry lists by [`replies::Joined::frame`] and
//! its like, which take list entries already encoded. Sequenced events go through [`Record`](super::record::Record).

pub mod events;
mod frames;
mod list;
pub mod replies;
pub mod welcome;

pub use frames::{error, event, json, ok};
pub use list::{LIST_BYTES_MAX, List};
