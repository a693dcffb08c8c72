//! Rooms: logs of events with members.

pub mod catch_up;
mod count;
pub mod create;
mod decide;
mod expiry;
mod follow;
pub mod history;
pub mod index;
pub mod join;
mod leave;
mod list;
mod membership;
pub mod name;
mod play;
pub mod presence;
pub mod room;
mod say;
mod seats;
mod typing;
pub mod window;
pub mod writer;
