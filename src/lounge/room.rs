//! A room: a log, what its events add up to, and while somebody is in it, who.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::handlers::room_commit::{Batch, Command};
use super::presence::Presence;
use super::protocol::client::Kind;
use super::protocol::error::{ErrorCode, Refused};
use super::room_name::RoomName;
use super::window::Window;
use crate::kit::ids::GroupId;
use crate::kit::journal::model::LogName;
use crate::kit::time::Time;

/// A room as long as it is kept. Its members are the group of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u64);

impl RoomId {
    pub fn group(self) -> GroupId {
        GroupId(self.0)
    }
}

pub struct Room {
    pub id: RoomId,
    pub name: RoomName,
    pub log: LogName,
    /// The log's own; clients see [`Lounge::epoch`](super::Lounge::epoch) of it.
    pub epoch: String,
    pub is_unlisted: bool,
    pub content: Content,
    /// The newest event that is committed and shown.
    pub head: u64,
    /// When it happened.
    pub last_at: Time,
    /// When somebody was last in it.
    pub used_at: Time,
    /// Only while somebody is in it, or about to be.
    pub live: Option<Box<Live>>,
    /// What is being written: one batch at a time, so that all that is decided is decided on what is committed, and every
    /// request knows where its events will stand.
    pub in_flight: Option<Batch>,
    /// What is decided next. Bounded by [`room_queue`](super::settings::LoungeSettings::room_queue).
    pub waiting: VecDeque<Command>,
}

/// A room in use.
pub struct Live {
    pub window: Window,
    pub presence: Presence,
    /// Joins that wait for the journal.
    pub loading: usize,
}

/// What the events of a room add up to, beside talk.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Chat,
    Counter(i64),
}

impl Content {
    pub fn new(kind: Kind) -> Result<Self, Refused> {
        match kind {
            Kind::Chat => Ok(Content::Chat),
            Kind::Counter => Ok(Content::Counter(0)),
            Kind::Connect4 => Err(Refused::new(ErrorCode::BadRequest, "\"kind\" connect4 is not to be had yet")),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Content::Chat => Kind::Chat,
            Content::Counter(_) => Kind::Counter,
        }
    }
}

/// What the journal keeps beside a room's newest event.
#[derive(Serialize, Deserialize)]
struct Stored {
    kind: Kind,
    unlisted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<i64>,
}

impl Room {
    /// A room without an event.
    pub fn new(id: RoomId, name: RoomName, epoch: String, content: Content, is_unlisted: bool) -> Self {
        Room {
            id,
            log: Room::log_name(&name),
            name,
            epoch,
            is_unlisted,
            content,
            head: 0,
            last_at: Time::default(),
            used_at: Time::default(),
            live: None,
            in_flight: None,
            waiting: VecDeque::new(),
        }
    }

    /// The journal's name of a room's log.
    pub fn log_name(room: &RoomName) -> LogName {
        LogName::new(&format!("{LOG_PREFIX}{}", room.as_str()))
    }

    /// The room that a log belongs to.
    pub fn name_of(log: &LogName) -> Option<RoomName> {
        log.as_str().strip_prefix(LOG_PREFIX).and_then(|name| RoomName::parse(name).ok())
    }

    pub fn online(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.presence.online())
    }

    /// Makes it a room in use.
    pub fn wake(&mut self) -> &mut Live {
        let head = self.head;
        self.live.get_or_insert_with(|| {
            Box::new(Live { window: Window::at(head), presence: Presence::default(), loading: 0 })
        })
    }

    /// Unloads it if nobody is in it or about to be.
    pub fn rest(&mut self, now: Time) {
        self.used_at = now;
        if self.live.as_ref().is_some_and(|live| live.presence.is_empty() && live.loading == 0) {
            self.live = None;
        }
    }

    pub fn is_idle(&self) -> bool {
        self.live.is_none() && self.in_flight.is_none() && self.waiting.is_empty()
    }
}

const LOG_PREFIX: &str = "room/";

/// The state that goes into the journal with a room's events.
pub fn stored(content: &Content, is_unlisted: bool) -> Vec<u8> {
    let value = match content {
        Content::Counter(value) => Some(*value),
        Content::Chat => None,
    };
    serde_json::to_vec(&Stored { kind: content.kind(), unlisted: is_unlisted, value }).unwrap_or_default()
}

/// What [`stored`] wrote: content, and whether it is unlisted.
pub fn restored(state: &[u8]) -> Result<(Content, bool), String> {
    let stored: Stored = serde_json::from_slice(state).map_err(|error| error.to_string())?;
    let content = match (stored.kind, stored.value) {
        (Kind::Chat, _) => Content::Chat,
        (Kind::Counter, Some(value)) => Content::Counter(value),
        (Kind::Counter, None) => return Err("a counter without a value".into()),
        (Kind::Connect4, _) => return Err("a game".into()),
    };
    Ok((content, stored.unlisted))
}
