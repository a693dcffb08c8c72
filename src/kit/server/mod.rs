//! The actors.

pub mod messages;
