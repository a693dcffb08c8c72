//! The product, as an app: rooms, people, private messages, counters, games and a clock. Pure.

pub mod name;
pub mod protocol;
pub mod room_name;
