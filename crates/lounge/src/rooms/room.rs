//! A room: a log, what its events add up to, and its members while it is in use.

use std::collections::VecDeque;

use log::error;
use serde_json::value::RawValue;

use super::command::{Command, RoomBatch};
use super::content::{About, Content, Touched};
use super::id::RoomId;
use super::name::RoomName;
use super::presence::Presence;
use super::turn::Turn;
use super::window::Window;
use crate::games::seats::Seating;
use crate::games::table::Table;
use crate::identity::directory::Identity;
use crate::later::Later;
use crate::protocol::record::Record;
use crate::protocol::server::json;
use crate::protocol::server::replies::{GameEntry, Players, RoomEntry, Sitter};
use crate::settings::LoungeSettings;
use parlor_core::journal::LogName;
use parlor_core::{Hub, Steady, Time};

/// A room for as long as it is kept.
pub struct Room {
    /// Its number.
    pub id: RoomId,
    /// Its name.
    pub name: RoomName,
    /// The journal's name of its log.
    pub log: LogName,
    /// The log's own epoch; clients see [`Context::epoch`](crate::context::Context::epoch) of it.
    pub epoch: String,
    /// True if `rooms` leaves it out.
    pub is_unlisted: bool,
    /// The address that it was created from, hidden; `None` if that is not known.
    pub made_by: Option<u64>,
    /// Facts that a later version of the server has written.
    pub later: Later,
    /// The sum of its events.
    pub content: Content,
    /// The newest event that is committed and shown.
    pub head: u64,
    /// The version of its log, as it is shown.
    pub version: u64,
    /// The time of that event.
    pub last_at: Time,
    /// The time at which somebody was last in it or something happened in it, by the [`RoomClock`](super::room_clock::RoomClock).
    pub used_at: Steady,
    /// The time at which its log was last written, by the same clock.
    pub written_at: Steady,
    /// Only while somebody is in it, or about to be.
    pub live: Option<Box<Live>>,
    /// The batch that is being written. There is one at a time, so that all decisions are made on committed content, and
    /// every request knows the numbers of its events.
    pub in_flight: Option<RoomBatch>,
    /// The contention with other servers that want to change it.
    pub turn: Turn,
    /// What another server wrote is being read, before anything more is written.
    pub is_looking: bool,
    /// Commands that are decided next. Bounded by [`room_queue`](LoungeSettings::room_queue).
    pub waiting: VecDeque<Command>,
    /// The holders of the seats of its game.
    pub seating: Seating,
    /// Its entry in lists, for as long as that holds.
    listed: Option<ListEntry>,
}

/// A room's entry in lists, already written, since lists are long and asked for often.
struct ListEntry {
    head: u64,
    online: usize,
    entry: Box<RawValue>,
}

/// The part of a room that is there while it is in use.
pub struct Live {
    /// Its newest events.
    pub window: Window,
    /// Its members.
    pub presence: Presence,
    /// Joins that wait for the journal.
    pub loading: usize,
}

impl Room {
    /// Returns a room without an event.
    pub fn new(id: RoomId, name: RoomName, epoch: String, content: Content, about: About) -> Self {
        Room {
            id,
            log: Room::log_name(&name),
            name,
            epoch,
            is_unlisted: about.is_unlisted,
            made_by: about.made_by,
            later: about.later,
            content,
            head: 0,
            version: 0,
            last_at: Time::default(),
            used_at: Steady::default(),
            written_at: Steady::default(),
            live: None,
            in_flight: None,
            turn: Turn::default(),
            is_looking: false,
            waiting: VecDeque::new(),
            seating: Seating::default(),
            listed: None,
        }
    }

    /// Returns the facts that are kept of it.
    pub fn about(&self, touched: Option<Touched>) -> About {
        About { is_unlisted: self.is_unlisted, made_by: self.made_by, touched, later: self.later.clone() }
    }

    /// Returns the journal's name of a room's log.
    pub fn log_name(room: &RoomName) -> LogName {
        LogName::new(&format!("{LOG_PREFIX}{}", room.as_str()))
    }

    /// Returns the room that a log belongs to.
    pub fn name_of(log: &LogName) -> Option<RoomName> {
        log.as_str().strip_prefix(LOG_PREFIX).and_then(|name| RoomName::parse(name).ok())
    }

    /// Returns the number of users in it.
    pub fn online(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.presence.online())
    }

    /// Returns its entry in `rooms`.
    pub fn entry(&mut self) -> Option<&RawValue> {
        let (head, online) = (self.head, self.online());
        if self.listed.as_ref().is_none_or(|listed| (listed.head, listed.online) != (head, online)) {
            let entry = RawValue::from_string(json(&self.listing(None))).ok()?;
            self.listed = Some(ListEntry { head, online, entry });
        }
        self.listed.as_ref().map(|listed| &*listed.entry)
    }

    /// Returns its entry in `rooms`, with how the game stands, if it is one.
    pub fn entry_with_game(&self, identity: &Identity) -> Option<Box<RawValue>> {
        let table = self.content.table()?;
        let players = self.players(table, identity);
        let game = GameEntry { status: table.status(), moves: table.game.moves(), players: &players };
        RawValue::from_string(json(&self.listing(Some(game)))).ok()
    }

    /// Returns the players of its game, by the names they have now, as far as they are known.
    pub fn players<'a>(&'a self, table: &'a Table, identity: &'a Identity) -> Players<'a> {
        let players = table.game.seats().into_iter().map(|seat| {
            let forfeits_at = self.seating.forfeits_at(seat).map(Into::into);
            let online = self.seating.player(seat).is_some();
            let sitter = table.game.person(seat).map(|person| {
                let user = identity.user(person.id).map_or(person, |user| &user.person);
                Sitter { user, online, forfeits_at }
            });
            (seat.as_str(), sitter)
        });
        Players(players.collect())
    }

    fn listing<'a>(&'a self, game: Option<GameEntry<'a>>) -> RoomEntry<'a> {
        RoomEntry {
            room: self.name.as_str(),
            kind: self.content.kind(),
            online: self.online(),
            seq: self.head,
            last_at: self.last_at.into(),
            seats_free: self.content.table().map(Table::seats_free),
            game,
        }
    }

    /// Makes it a room in use.
    pub fn wake(&mut self) -> &mut Live {
        let head = self.head;
        self.live.get_or_insert_with(|| {
            Box::new(Live { window: Window::at(head), presence: Presence::default(), loading: 0 })
        })
    }

    /// Unloads it if nobody is in it or about to be.
    pub fn rest(&mut self, now: Steady) {
        self.used_at = now;
        if self.live.as_ref().is_some_and(|live| live.presence.is_empty() && live.loading == 0) {
            self.live = None;
        }
    }

    /// Shows committed events to its members.
    pub fn show(&mut self, records: &[Record], first: u64, settings: &LoungeSettings, hub: &mut Hub<'_>) {
        if let Some(live) = self.live.as_mut().filter(|_| first != self.head + 1 && !records.is_empty()) {
            error!("{}: number {first} comes after {}", self.log, self.head);
            live.window = Window::at(first.saturating_sub(1));
        }
        for (record, seq) in records.iter().zip(first..) {
            self.head = seq;
            let Some(live) = &mut self.live else { continue };
            if live.loading == 0 && live.presence.is_elsewhere() {
                live.window = Window::at(seq); // nobody here asks for it soon: it is read when somebody does
                continue;
            }
            let event = record.event(self.name.as_str(), seq);
            if !live.presence.is_empty() {
                hub.broadcast(self.id.group(), event.frame());
            }
            let (events_max, bytes_max) = match live.loading {
                0 => (settings.window_events, settings.window_bytes),
                // A page that is on its way is continued with these.
                _ => (settings.recover_events, settings.recover_bytes),
            };
            live.window.push(event, hub.now(), events_max, bytes_max);
        }
    }

    /// Drops events from its window that are older than the journal keeps them.
    pub fn forget_old(&mut self, now: Time, settings: &LoungeSettings) {
        if let (Some(age), Some(live)) = (settings.retain_age, &mut self.live) {
            live.window.forget_before(now - age);
        }
    }

    /// Returns whether only holders of a key may join: it is an unlisted game.
    pub fn is_closed(&self) -> bool {
        self.is_unlisted && self.content.table().is_some()
    }

    /// Returns whether nothing is under way in it and nobody is in it.
    pub fn is_idle(&self) -> bool {
        self.live.is_none() && self.in_flight.is_none() && !self.is_looking && self.waiting.is_empty()
    }
}

const LOG_PREFIX: &str = "room/";
