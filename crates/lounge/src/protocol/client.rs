//! All that a client may say.

use uuid::Uuid;

use super::json::Json;
use crate::identity::name::Name;
use crate::rooms::name::RoomName;
use crate::secret::Secret;

/// A request, checked as far as it can be without knowing the lounge's state.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What the answer is to carry as `re`; without it only errors are answered.
    pub id: Option<RequestId>,
    pub ask: Ask,
}

/// The `id` of a request: a string of 1–64 characters, or an integer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum RequestId {
    Text(String),
    Signed(i64),
    Unsigned(u64),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Resume { token: Secret },
    Rename { name: Name },
    Join(Join),
    Leave { room: RoomName },
    Say { room: RoomName, body: String, key: Option<DedupKey> },
    Tell { to: Addressee, body: String, key: Option<DedupKey> },
    History { room: LogRef, before: Option<u64>, limit: Option<u32> },
    Rooms { after: Option<String> },
    Users { room: Option<RoomName>, after: Option<String> },
    Typing { room: RoomName },
    Create { kind: Kind, room: Option<RoomName>, unlisted: bool },
    Play { room: RoomName, column: u8 },
    Resign { room: RoomName },
    Rematch { room: RoomName },
    Count { room: RoomName, by: i8 },
    WatchTime { every_ms: Option<u64>, mode: TickMode },
    UnwatchTime,
    Echo { body: Json },
    Ping,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    pub at: JoinAt,
    pub since: Option<Since>,
    /// The secret of a seat in a game.
    pub seat: Option<Secret>,
    /// Whether a free seat of a listed game is wanted.
    pub sit: bool,
    /// How many of the newest events, 50 if not said.
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JoinAt {
    Room(RoomName),
    /// `@inbox`: one's own private messages.
    Inbox,
    /// A secret that `create` gave: the room's join or watch key.
    Key(Secret),
}

/// Whose events are asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum LogRef {
    Room(RoomName),
    Inbox,
}

/// Up to where a client knows a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    pub epoch: String,
    pub seq: u64,
}

/// A key made by the client, 1–64 characters: the same message sent again has the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DedupKey(pub String);

#[derive(Clone, Debug, PartialEq)]
pub enum Addressee {
    Id(Uuid),
    Name(Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Chat,
    Connect4,
    Counter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TickMode {
    Regular,
    Random,
}
