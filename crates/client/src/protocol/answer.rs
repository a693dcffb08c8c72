//! Answers to requests.

use serde::Deserialize;

use super::{Event, RoomKind, User};

/// The answer to `say`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Said {
    /// The message's id.
    pub id: String,
    /// The number in the room's log.
    pub seq: u64,
    /// The time, RFC 3339.
    pub at: String,
}

/// The answer to `tell`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Told {
    /// The message's id.
    pub id: String,
    /// The number in this user's inbox.
    pub seq: u64,
    /// The time, RFC 3339.
    pub at: String,
    /// Sessions of the receiver that it reached. 0: it is kept for later.
    pub delivered: u64,
}

/// A page of a room's log.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct History {
    /// Ascending.
    pub events: Vec<Event>,
    /// `true` if older ones are kept.
    pub more: bool,
}

/// A page of the listed rooms.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct RoomList {
    /// The rooms of this page.
    pub rooms: Vec<RoomInfo>,
    /// `true` if there are more pages.
    pub more: bool,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A listed room.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RoomInfo {
    /// The room's name.
    pub room: String,
    /// The room's kind.
    pub kind: RoomKind,
    /// The number of users in it.
    pub online: u64,
    /// The number of the newest event.
    pub seq: u64,
    /// The time of the newest event, RFC 3339.
    pub last_at: Option<String>,
    /// Free seats, if it is a game.
    pub seats_free: Option<u64>,
}

/// A page of the users who are on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct OnlineUsers {
    /// The users of this page.
    pub users: Vec<Online>,
    /// The number of all.
    pub count: u64,
    /// `true` if there are more pages.
    pub more: bool,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A user who is on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Online {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// The time since when, RFC 3339.
    pub online_since: String,
}

/// The answer to `create`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Created {
    /// The room's name.
    pub room: String,
    /// The secret by which another player takes the other seat of a game.
    pub join: Option<String>,
    /// The secret by which a game is watched.
    pub watch: Option<String>,
    /// The secret that is the red seat of a game.
    pub seat: Option<String>,
}

/// The answer to `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Counted {
    /// The number in the room's log.
    pub seq: u64,
    /// The new value.
    pub value: i64,
}

/// The answer to `play`, `resign` and `rematch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Moved {
    /// The number of the event in the room's log.
    pub seq: u64,
    /// The row in which a disc came to lie, 0 to 5 from the bottom.
    pub row: Option<u8>,
}

/// The answer to `watch_time`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Watching {
    /// Milliseconds between two ticks.
    pub every_ms: u64,
    /// `regular` or `random`.
    pub mode: String,
}

/// The server's bounds, from its welcome.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a frame.
    pub frame_bytes: u64,
    /// Characters of a body.
    pub body_chars: u64,
    /// Users of a room that are told one by one.
    pub presence_room: u64,
    /// Events that are recovered after a reconnect.
    pub recover_events: u64,
    /// Rooms that one client is in.
    pub rooms: u64,
    /// Requests per second in the long run; none: no limit.
    pub rate_per_second: Option<f64>,
    /// Requests at once; none: no limit.
    pub rate_burst: Option<f64>,
}
