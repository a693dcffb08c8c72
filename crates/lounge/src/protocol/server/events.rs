//! Events, in the order of docs/protocol.md. First those that are told and forgotten, made frames by
//! [`event`](super::event); then those that logs keep, by [`Record::new`](crate::protocol::record::Record::new).

use serde::Serialize;
use uuid::Uuid;

use crate::person::Person;
use crate::protocol::kind::RoomKind;
use crate::protocol::rfc3339::Rfc3339;

/// A user's first session came into a room.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "joined")]
pub struct Joined<'a> {
    pub room: &'a str,
    pub user: &'a Person,
    /// Users in the room now.
    pub online: usize,
}

/// A user's last session left a room, and none came back within the grace.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "left")]
pub struct Left<'a> {
    pub room: &'a str,
    pub user: &'a Person,
    /// Users in the room now.
    pub online: usize,
}

/// People came or went in a room with too many to tell each.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "crowd")]
pub struct Crowd<'a> {
    pub room: &'a str,
    pub online: usize,
}

/// Somebody has another name.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "renamed")]
pub struct Renamed<'a> {
    pub user: &'a Person,
    /// The name before.
    pub was: &'a str,
}

/// Somebody is writing.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "typing")]
pub struct Typing<'a> {
    pub room: &'a str,
    pub user: &'a Person,
}

/// Somebody is not writing any more, and has said nothing.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "typing_ended")]
pub struct TypingEnded<'a> {
    pub room: &'a str,
    pub user: &'a Person,
}

/// Somebody is writing privately to who hears this, or has stopped.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "private_typing")]
pub struct PrivateTyping<'a> {
    pub user: &'a Person,
    pub on: bool,
}

/// The clock.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "tick")]
pub struct Tick {
    /// Regular: floor(unix time in ms / `every_ms`). Random: counts from 1.
    pub n: u64,
    pub at: Rfc3339,
    pub every_ms: u64,
}

/// A player is away in their turn.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "away")]
pub struct Away<'a> {
    pub room: &'a str,
    pub player: &'a str,
    pub forfeits_at: Rfc3339,
}

/// A player has come back in time.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "back")]
pub struct Back<'a> {
    pub room: &'a str,
    pub player: &'a str,
}

/// The server is about to close all connections.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "closing")]
pub struct Closing<'a> {
    pub reason: &'a str,
    pub reconnect_after_ms: u64,
}

/// Logged: something said in a room.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "message")]
pub struct Message<'a> {
    pub id: Uuid,
    pub at: Rfc3339,
    pub from: &'a Person,
    pub body: &'a str,
    /// The users it mentions, by id.
    #[serde(skip_serializing_if = "<[Uuid]>::is_empty")]
    pub mentions: &'a [Uuid],
}

/// Logged, in two inboxes: something said to one person.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "private")]
pub struct Private<'a> {
    pub id: Uuid,
    pub at: Rfc3339,
    pub from: &'a Person,
    pub to: &'a Person,
    pub body: &'a str,
}

/// Logged: a counter has another value.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "counted")]
pub struct Counted<'a> {
    pub value: i64,
    pub by: &'a Person,
}

/// Logged: the first event of a room that was made with `create`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename = "created")]
pub struct Created {
    pub kind: RoomKind,
    pub at: Rfc3339,
}
