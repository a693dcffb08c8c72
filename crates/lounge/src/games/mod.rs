//! Games: the trait of a game, its host in a room, the table with its keys and seats, and Connect Four.

pub mod connect4;
pub mod game;
pub mod host;
pub mod table;
