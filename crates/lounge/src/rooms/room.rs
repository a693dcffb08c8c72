//! A room: a log, what its events add up to, and while somebody is in it, who.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::games::host;
use crate::games::table::{self, Seating, Table};
use crate::protocol::client::Kind;
use crate::protocol::server::{json, replies::RoomEntry};
use crate::rooms::name::RoomName;
use crate::rooms::presence::Presence;
use crate::rooms::window::Window;
use crate::rooms::writer::{Batch, Command};
use parlor_core::GroupId;
use parlor_core::Time;
use parlor_core::journal::LogName;

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
    /// The log's own; clients see [`Lounge::epoch`](crate::Lounge::epoch) of it.
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
    /// Somebody else's events are being read, before anything more is written.
    pub is_following: bool,
    /// What is decided next. Bounded by [`room_queue`](crate::settings::LoungeSettings::room_queue).
    pub waiting: VecDeque<Command>,
    /// In a game.
    pub seating: Seating,
    /// What lists say of it, as long as that holds.
    listed: Option<Listed>,
}

/// A room's entry in lists, already written, since lists are long and asked for often.
struct Listed {
    head: u64,
    online: usize,
    entry: Box<RawValue>,
}

/// A room in use.
pub struct Live {
    pub window: Window,
    pub presence: Presence,
    /// Joins that wait for the journal.
    pub loading: usize,
}

/// What the events of a room add up to, beside talk.
#[derive(Clone)]
pub enum Content {
    Chat,
    Counter(i64),
    Table(Box<Table>),
}

impl Content {
    pub fn kind(&self) -> Kind {
        match self {
            Content::Chat => Kind::Chat,
            Content::Counter(_) => Kind::Counter,
            Content::Table(_) => Kind::Connect4,
        }
    }

    pub fn table(&self) -> Option<&Table> {
        match self {
            Content::Table(table) => Some(table),
            Content::Chat | Content::Counter(_) => None,
        }
    }
}

/// The game that a kind of room has, if any.
pub fn game_of(kind: Kind) -> Option<&'static host::Kind> {
    match kind {
        Kind::Connect4 => host::Kind::find("connect4"),
        Kind::Chat | Kind::Counter => None,
    }
}

/// What the journal keeps beside a room's newest event.
#[derive(Serialize, Deserialize)]
struct Stored {
    kind: Kind,
    unlisted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<table::Stored>,
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
            is_following: false,
            waiting: VecDeque::new(),
            seating: Seating::default(),
            listed: None,
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

    /// What `rooms` says of it.
    pub fn entry(&mut self) -> Option<&RawValue> {
        let (head, online) = (self.head, self.online());
        if self.listed.as_ref().is_none_or(|listed| (listed.head, listed.online) != (head, online)) {
            let entry = RoomEntry {
                room: self.name.as_str(),
                kind: self.content.kind(),
                online,
                seq: head,
                last_at: Some(self.last_at.into()),
                seats_free: self.content.table().map(Table::seats_free),
            };
            let entry = RawValue::from_string(json(&entry)).ok()?;
            self.listed = Some(Listed { head, online, entry });
        }
        self.listed.as_ref().map(|listed| &*listed.entry)
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

    /// An unlisted game is for those who have a key to it.
    pub fn is_closed(&self) -> bool {
        self.is_unlisted && self.content.table().is_some()
    }

    pub fn is_idle(&self) -> bool {
        self.live.is_none() && self.in_flight.is_none() && !self.is_following && self.waiting.is_empty()
    }
}

const LOG_PREFIX: &str = "room/";

/// The state that goes into the journal with a room's events.
///
/// # Errors
/// If a game can't be written: a fault of its code.
pub fn stored(content: &Content, is_unlisted: bool) -> serde_json::Result<Vec<u8>> {
    let (value, table) = match content {
        Content::Chat => (None, None),
        Content::Counter(value) => (Some(*value), None),
        Content::Table(table) => (None, Some(table.stored()?)),
    };
    serde_json::to_vec(&Stored { kind: content.kind(), unlisted: is_unlisted, value, table })
}

/// What [`stored`] wrote: content, and whether it is unlisted.
pub fn restored(state: &[u8]) -> Result<(Content, bool), String> {
    let stored: Stored = serde_json::from_slice(state).map_err(|error| error.to_string())?;
    let content = match (game_of(stored.kind), stored.value, stored.table) {
        (Some(kind), None, Some(table)) => {
            let table = Table::restored(kind, table).map_err(|error| error.to_string())?;
            Content::Table(Box::new(table))
        }
        (None, Some(value), None) if stored.kind == Kind::Counter => Content::Counter(value),
        (None, None, None) if stored.kind == Kind::Chat => Content::Chat,
        (Some(_) | None, ..) => return Err("it is not what a room of its kind has".into()),
    };
    Ok((content, stored.unlisted))
}
