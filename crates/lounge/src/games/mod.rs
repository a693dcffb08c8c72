//! Games: a trait with two pure functions, its host in a room, the table with its keys and seats, and Connect Four.
//!
//! A game of one's own implements [`Game`]; [`GameType::of`] makes an entry of it for the [`GameList`] in
//! [`LoungeSettings::games`](crate::LoungeSettings::games).

pub mod connect4;
pub(crate) mod game;
pub(crate) mod host;
pub(crate) mod seats;
pub(crate) mod table;

pub use self::game::{Command, Events, Game, Seat, Who};
pub use self::host::{Decided, GameList, GameType, HostedGame, SeatName};
pub use crate::protocol::error::{ErrorCode, Refused};
pub use crate::protocol::fields::{Fields, bad_field, boolean, chars, integer, one_of, text};
