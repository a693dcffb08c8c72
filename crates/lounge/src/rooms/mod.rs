//! Rooms: logs of events, with members.

pub mod catch_up;
mod command;
pub mod content;
mod contention;
pub mod continuation;
mod create;
mod eviction;
mod expiry;
mod follow;
mod history;
pub mod id;
pub mod index;
mod join;
mod list;
mod membership;
pub mod name;
pub mod page;
mod places;
mod play;
mod presence;
pub mod room;
mod room_clock;
pub mod say;
mod seats;
mod turn;
pub mod window;
mod writer;
