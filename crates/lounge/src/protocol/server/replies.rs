//! The members of an `ok`, request by request. Those without a `frame` of their own go through [`ok`](super::ok).

use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::list::List;
use super::{frames, json};
use crate::person::Person;
use crate::protocol::client::{RequestId, TickMode};
use crate::protocol::json::Json;
use crate::protocol::kind::RoomKind;
use crate::protocol::rfc3339::Rfc3339;
use crate::secret::Secret;
use parlor_core::Frame;

/// To `leave`, `typing`, `unwatch_time`: it is done, and there is no more to say.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Done {}

/// To `resume` and `rename`: who the client is from now on.
#[derive(Clone, Debug, Serialize)]
pub struct Identified<'a> {
    pub user: &'a Person,
    pub token: &'a Secret,
}

/// To `transfer`.
#[derive(Clone, Debug, Serialize)]
pub struct Transferred<'a> {
    pub token: &'a Secret,
    pub expires_at: Rfc3339,
}

/// To `join`. `G` is what [`Game`] is made of.
#[derive(Clone, Debug)]
pub struct Joined<'a, G = ()> {
    pub room: &'a str,
    /// A [`RoomKind`]'s name, or [`INBOX_KIND`].
    pub kind: &'a str,
    pub epoch: &'a str,
    /// Of the newest event; the first live one has the next number.
    pub seq: u64,
    /// True if `events` are all that came after the `since` of the request.
    pub recovered: bool,
    pub events: &'a List,
    /// Of [`Person`]s, with who asks among them; at most `limits.presence_room`.
    pub members: &'a List,
    /// Users, all of them.
    pub online: usize,
    /// A counter room's value.
    pub value: Option<i64>,
    /// In a game room.
    pub game: Option<Game<'a, G>>,
}

impl<G: Serialize> Joined<'_, G> {
    pub fn frame(&self, re: &RequestId) -> Frame {
        let mut reply = Members::default();
        reply.add("room", &self.room);
        reply.add("kind", &self.kind);
        reply.add("epoch", &self.epoch);
        reply.add("seq", &self.seq);
        reply.add("recovered", &self.recovered);
        reply.add_list("events", self.events);
        reply.add_list("members", self.members);
        reply.add("online", &self.online);
        if let Some(value) = &self.value {
            reply.add("value", value);
        }
        if let Some(game) = &self.game {
            reply.add("game", game);
        }
        reply.frame(re)
    }
}

/// The kind of an inbox, in the answer to `join`.
pub const INBOX_KIND: &str = "inbox";

/// A game as who joins sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Game<'a, G> {
    /// The game's own view: an object, whose members come first.
    #[serde(flatten)]
    pub view: G,
    pub players: Players<'a>,
    /// The asker's seat.
    pub you: Option<&'a str>,
    /// Users in the room who hold no seat.
    pub spectators: usize,
    /// The secret of the asker's seat, for a new holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat: Option<&'a Secret>,
}

/// Every seat by name, `null` where nobody sits.
#[derive(Clone, Debug)]
pub struct Players<'a>(pub Vec<(&'a str, Option<Sitter<'a>>)>);

impl Serialize for Players<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(seat, sitter)| (seat, sitter)))
    }
}

/// A person in a seat.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sitter<'a> {
    pub user: &'a Person,
    /// True if a live session holds the seat.
    pub online: bool,
    /// The time at which they forfeit, if the countdown runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forfeits_at: Option<Rfc3339>,
}

/// To `say`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Said {
    pub id: Uuid,
    pub seq: u64,
    pub at: Rfc3339,
}

/// To `tell`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Told {
    pub id: Uuid,
    /// In the sender's inbox.
    pub seq: u64,
    pub at: Rfc3339,
    /// Sessions of the receiver that it has reached; 0: it is kept for later.
    pub delivered: usize,
}

/// To `history`.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// Ascending.
    pub events: &'a List,
    /// True if the log has older ones.
    pub more: bool,
}

impl History<'_> {
    pub fn frame(&self, re: &RequestId) -> Frame {
        let mut reply = Members::default();
        reply.add_list("events", self.events);
        reply.add("more", &self.more);
        reply.frame(re)
    }
}

/// To `rooms`.
#[derive(Clone, Copy, Debug)]
pub struct Rooms<'a> {
    /// Of [`RoomEntry`]s.
    pub rooms: &'a List,
    /// The value of `after` that gets the next page; `None` if these were the last.
    pub next: Option<&'a str>,
}

impl Rooms<'_> {
    pub fn frame(&self, re: &RequestId) -> Frame {
        let mut reply = Members::default();
        reply.add_list("rooms", self.rooms);
        reply.add("more", &self.next.is_some());
        reply.add("next", &self.next);
        reply.frame(re)
    }
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct RoomEntry<'a> {
    pub room: &'a str,
    pub kind: RoomKind,
    /// Users.
    pub online: usize,
    pub seq: u64,
    /// The time of its newest event.
    pub last_at: Rfc3339,
    /// Of a game: how many may still `sit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats_free: Option<usize>,
    /// Of a game, if it was asked for: who plays, and how it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub game: Option<GameEntry<'a>>,
}

/// A game in a list.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GameEntry<'a> {
    pub status: &'static str,
    /// In the round that runs, or ended last.
    pub moves: usize,
    pub players: &'a Players<'a>,
}

/// To `users`.
#[derive(Clone, Copy, Debug)]
pub struct Users<'a> {
    /// Of [`UserEntry`]s.
    pub users: &'a List,
    /// All there are, on this page or not.
    pub count: usize,
    /// The value of `after` that gets the next page; `None` if these were the last.
    pub next: Option<&'a str>,
}

impl Users<'_> {
    pub fn frame(&self, re: &RequestId) -> Frame {
        let mut reply = Members::default();
        reply.add_list("users", self.users);
        reply.add("count", &self.count);
        reply.add("more", &self.next.is_some());
        reply.add("next", &self.next);
        reply.frame(re)
    }
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct UserEntry<'a> {
    pub id: Uuid,
    pub name: &'a str,
    pub online_since: Rfc3339,
}

/// To `create`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Created<'a> {
    pub room: &'a str,
    /// For a game.
    #[serde(flatten)]
    pub secrets: Option<GameSecrets<'a>>,
}

/// The secrets that the maker of a game is given.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GameSecrets<'a> {
    /// The key for the second player.
    pub join: &'a Secret,
    /// The key for spectators.
    pub watch: &'a Secret,
    /// The maker's seat.
    pub seat: &'a Secret,
}

/// To `play`, `resign` and `rematch`: where the first event that it led to stands, and what the game says of it (`row`).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Moved<R> {
    pub seq: u64,
    /// An object; `{}` and `()` add nothing.
    #[serde(flatten)]
    pub receipt: R,
}

/// To `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Counted {
    pub seq: u64,
    pub value: i64,
}

/// To `watch_time`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Watching {
    /// As rounded up. It says nothing in `random` mode.
    pub every_ms: u64,
    pub mode: TickMode,
}

/// To `echo`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Echoed<'a> {
    pub body: &'a Json,
}

/// To `ping`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pong {
    pub server_time: Rfc3339,
}

/// The members of a reply that has lists in it.
#[derive(Default)]
struct Members(String);

impl Members {
    fn add(&mut self, name: &str, value: &impl Serialize) {
        self.add_text(name, &json(value));
    }

    fn add_list(&mut self, name: &str, list: &List) {
        self.add_text(name, &list.text());
    }

    fn add_text(&mut self, name: &str, value: &str) {
        self.0.push_str(if self.0.is_empty() { "{\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(value);
    }

    fn frame(mut self, re: &RequestId) -> Frame {
        self.0.push('}');
        Frame::text(frames::ok_text(re, &self.0))
    }
}
