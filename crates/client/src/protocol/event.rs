//! Events: frames that the server sends without being asked.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{GameResult, Player, RoomKind, User};

/// Something that happened. Events with a `seq` are kept by the server and come once each and in order.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(remote = "Self", tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A message in a room.
    Message(Chat),
    /// A private message, sent by or to this user.
    Private(Private),
    /// A user came into a room.
    Joined(Presence),
    /// A user is gone from a room.
    Left(Presence),
    /// The number of users in a room that is too full for [`Joined`](Self::Joined) and [`Left`](Self::Left).
    #[non_exhaustive]
    Crowd {
        /// The room's name.
        room: String,
        /// Users in the room.
        online: u64,
    },
    /// A user has another name.
    #[non_exhaustive]
    Renamed {
        /// The user with the new name.
        user: User,
        /// The old name.
        was: String,
    },
    /// A user is writing.
    #[non_exhaustive]
    Typing {
        /// The room's name.
        room: String,
        /// The user who writes.
        user: User,
    },
    /// The first event of a room that was made by `create`.
    #[non_exhaustive]
    Created {
        /// The room's name.
        room: String,
        /// The number in the room's log.
        seq: u64,
        /// The kind of room.
        kind: RoomKind,
        /// The time, RFC 3339.
        at: String,
    },
    /// A counter changed.
    #[non_exhaustive]
    Counted {
        /// The room's name.
        room: String,
        /// The number in the room's log.
        seq: u64,
        /// The new value.
        value: i64,
        /// The user who changed it.
        by: User,
    },
    /// A tick of the clock that was asked for by `watch_time`.
    #[non_exhaustive]
    Tick {
        /// The tick's number.
        n: u64,
        /// The server's time, RFC 3339.
        at: String,
        /// Milliseconds between two ticks.
        every_ms: u64,
    },
    /// A user has taken a seat.
    #[non_exhaustive]
    Seated {
        /// The room's name.
        room: String,
        /// The number in the room's log.
        seq: u64,
        /// The seat.
        player: Player,
        /// The user.
        user: User,
    },
    /// A disc was dropped.
    #[non_exhaustive]
    Played {
        /// The room's name.
        room: String,
        /// The number in the room's log.
        seq: u64,
        /// The player who moved.
        player: Player,
        /// 0 to 6, from the left.
        column: u8,
        /// 0 to 5, from the bottom.
        row: u8,
        /// The player whose turn it is; none after the last disc.
        turn: Option<Player>,
    },
    /// A round of a game has ended.
    #[non_exhaustive]
    Ended {
        /// The room's name.
        room: String,
        /// The number in the room's log.
        seq: u64,
        /// How it ended.
        result: GameResult,
        /// None after a draw.
        winner: Option<Player>,
        /// Every square of the winning lines, as column and row.
        line: Vec<(u8, u8)>,
    },
    /// A player asks for another round.
    #[non_exhaustive]
    RematchOffered {
        /// The room's name.
        room: String,
        /// The number in the room's log.
        seq: u64,
        /// The player who asks.
        player: Player,
    },
    /// Another round begins.
    #[non_exhaustive]
    Rematched {
        /// The room's name.
        room: String,
        /// The number in the room's log.
        seq: u64,
        /// The player who makes the first move.
        begins: Player,
    },
    /// No connection holds a player's seat.
    #[non_exhaustive]
    Away {
        /// The room's name.
        room: String,
        /// The player who is away.
        player: Player,
        /// The time at which the player loses, RFC 3339.
        forfeits_at: Option<String>,
    },
    /// A player who was away is back.
    #[non_exhaustive]
    Back {
        /// The room's name.
        room: String,
        /// The player who is back.
        player: Player,
    },
    /// The server is about to close all connections. The client comes back by itself.
    #[non_exhaustive]
    Closing {
        /// A sentence for people.
        reason: String,
        /// Milliseconds to wait before coming back.
        reconnect_after_ms: u64,
    },
    /// An event of a later server, as it came.
    #[serde(skip)]
    Unknown(Value),
}

/// A message in a room.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Chat {
    /// The room's name.
    pub room: String,
    /// The number in the room's log.
    pub seq: u64,
    /// The message's id, a UUIDv7.
    pub id: String,
    /// The time, RFC 3339.
    pub at: String,
    /// The user who said it, as the server knows.
    pub from: User,
    /// Text, never markup.
    pub body: String,
}

/// A private message.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Private {
    /// The number in this user's inbox.
    pub seq: u64,
    /// The message's id, a UUIDv7.
    pub id: String,
    /// The time, RFC 3339.
    pub at: String,
    /// The sender.
    pub from: User,
    /// The receiver.
    pub to: User,
    /// Text, never markup.
    pub body: String,
}

/// Coming or going.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Presence {
    /// The room's name.
    pub room: String,
    /// The user who came or went.
    pub user: User,
    /// Users in the room from then on.
    pub online: u64,
}

impl<'de> Deserialize<'de> for Event {
    /// Never fails on a JSON value: what is not known is kept as it is.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Event::deserialize(&value).unwrap_or(Event::Unknown(value)))
    }
}

impl Event {
    pub(crate) fn from_value(value: Value) -> Self {
        Event::deserialize(&value).unwrap_or(Event::Unknown(value))
    }
}
