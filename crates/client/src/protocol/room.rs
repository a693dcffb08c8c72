//! The way into a room.

use serde::{Deserialize, Serialize};

use super::{Event, Game, RoomKind, User};

/// A way into a room. The client takes it again after each reconnect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Join {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) room: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seat: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) sit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Since>,
}

/// A place in a room's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Since {
    pub epoch: String,
    pub seq: u64,
}

impl Join {
    /// Into the room of this name. A chat room is made if there is none.
    pub fn room(name: impl Into<String>) -> Self {
        Join { room: Some(name.into()), key: None, seat: None, sit: false, limit: None, since: None }
    }

    /// Into the room that this secret opens.
    pub fn key(key: impl Into<String>) -> Self {
        Join { room: None, key: Some(key.into()), ..Self::room("") }
    }

    /// Into this user's inbox, `@inbox`: then private messages come without gaps over reconnects.
    pub fn inbox() -> Self {
        Self::room("@inbox")
    }

    /// The same on the seat that this secret is.
    pub fn on_seat(self, secret: impl Into<String>) -> Self {
        Join { seat: Some(secret.into()), ..self }
    }

    /// The same on a free seat, if there is one.
    pub fn sitting(self) -> Self {
        Join { sit: true, ..self }
    }

    /// The same with this many of the newest events: 1 to 1000, 50 unless set.
    pub fn newest(self, events: u16) -> Self {
        Join { limit: Some(events), ..self }
    }

    /// The same with the events after this place, if the server can recover them: for programs that store what they have.
    pub fn since(self, epoch: impl Into<String>, seq: u64) -> Self {
        Join { since: Some(Since { epoch: epoch.into(), seq }), ..self }
    }
}

impl From<&str> for Join {
    fn from(room: &str) -> Self {
        Join::room(room)
    }
}

impl From<String> for Join {
    fn from(room: String) -> Self {
        Join::room(room)
    }
}

/// The answer to a join.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Joined {
    /// The room's name, brought into Unicode's form NFC.
    pub room: String,
    /// The room's kind.
    pub kind: RoomKind,
    /// Changes when earlier numbers are void.
    pub epoch: String,
    /// The number of the newest event.
    pub seq: u64,
    /// `true` if `events` is all that came after the place that was asked for.
    pub recovered: bool,
    /// Ascending.
    pub events: Vec<Event>,
    /// Users in the room; not all of them if there are many.
    pub members: Vec<User>,
    /// The number of users in the room.
    pub online: u64,
    /// The value of a counter room.
    pub value: Option<i64>,
    /// The game of a game room.
    pub game: Option<Game>,
}
