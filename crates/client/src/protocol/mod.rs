//! The frames of docs/protocol.md as types.

mod answer;
mod event;
mod game;
mod names;
mod room;

pub use answer::{
    Counted, Created, History, Limits, Moved, Online, OnlineUsers, RoomInfo, RoomList, Said, Told, Watching,
};
pub use event::{Chat, Event, Presence, Private};
pub use game::{Game, GameResult, GameStatus, Player, Players, Seated};
pub use names::{RoomKind, User};
pub use room::{Join, Joined};
