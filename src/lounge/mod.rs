//! The product, as an app: rooms, people, private messages, counters, games and a clock. Pure.

pub mod any_game;
mod characters;
pub mod connect4;
pub mod game;
pub mod name;
pub mod person;
pub mod protocol;
pub mod room_name;
pub mod secret;
pub mod token;
