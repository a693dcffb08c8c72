//! Parlor: an actor-based real-time server, and the kit to write one as three callbacks.

pub mod config;
pub mod kit;
pub mod lounge;

pub use kit::app::{App, Client};
pub use kit::hub::Hub;
