//! Rooms on their way out of a journal and into one, as the events that everybody hears.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::games::host::GameList;
use crate::games::table::{self, Keys, Table};
use crate::protocol::error::excerpt;
use crate::protocol::kind::RoomKind;
use crate::protocol::record::{Event, NotARecord, Record};
use crate::protocol::rfc3339::Rfc3339;
use crate::rooms::content::{About, Content, counted, restored, stored};
use crate::rooms::name::RoomName;
use crate::rooms::room::Room;
use crate::secret::Secret;
use parlor_core::Time;
use parlor_core::journal::LogName;

#[cfg(test)]
mod tests;

/// The journal's name of a room's log.
pub fn log_name(room: &RoomName) -> LogName {
    Room::log_name(room)
}

/// A record as the room hears it.
///
/// # Errors
/// If the journal holds something else there.
pub fn event(room: &RoomName, seq: u64, record: Bytes) -> Result<Event, NotARecord> {
    Record::from_bytes(record).map(|record| record.event(room.as_str(), seq))
}

/// One event as it was exported.
#[derive(Debug)]
pub struct Line {
    /// The room.
    pub room: RoomName,
    /// The number of the event.
    pub seq: u64,
    /// `None` if the event doesn't tell.
    at: Option<Time>,
    kind: String,
    record: Record,
}

/// The place of a line.
#[derive(Deserialize)]
struct LinePlace {
    r#type: String,
    room: RoomName,
    seq: u64,
    at: Option<Rfc3339>,
}

impl Line {
    /// # Errors
    /// The fault of the line, in words.
    pub fn parse(text: &str) -> Result<Line, String> {
        let wrong = |error: serde_json::Error| format!("it is no event of a room ({error})");
        let LinePlace { r#type: kind, room, seq, at } = serde_json::from_str(text).map_err(wrong)?;
        let mut members: Map<String, Value> = serde_json::from_str(text).map_err(wrong)?;
        for member in ["room", "seq"] {
            members.shift_remove(member);
        }
        let kind_first = members.shift_remove("type").map(|kind| ("type".to_owned(), kind));
        let members: Map<String, Value> = kind_first.into_iter().chain(members).collect();
        let record = Record::new(&members).map_err(|error| error.to_string())?;
        Ok(Line { room, seq, at: at.map(|at| at.0), kind, record })
    }
}

/// A room whose lines are coming in.
pub struct Arriving {
    room: RoomName,
    first: u64,
    records: Vec<(Time, Bytes)>,
    content: Option<Content>,
    games: GameList,
}

/// A room that can be written.
#[derive(Debug)]
pub struct Arrived {
    /// The journal's name of its log.
    pub log: LogName,
    /// The number of its first event.
    pub first: u64,
    /// Its events, with their times.
    pub records: Vec<(Time, Bytes)>,
    /// Its state after them.
    pub state: Bytes,
    /// The report for the operator.
    pub told: Told,
}

/// The report about a room that came in. The secrets of a game are in no event, so it has new ones, and is unlisted: who may
/// have them is for who reads this to decide.
#[derive(Debug, Serialize)]
pub struct Told {
    /// The room.
    pub room: RoomName,
    /// Its kind.
    pub kind: RoomKind,
    /// The number of its events.
    pub events: usize,
    /// The new key for players, of a game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<Secret>,
    /// The new key for spectators, of a game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<Secret>,
    /// The new secrets of the seats that are taken, of a game.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seats: BTreeMap<&'static str, Secret>,
}

impl Arriving {
    /// Returns a room of which this line is the first. `games`: those that it may be.
    pub fn at(line: &Line, games: GameList) -> Self {
        Arriving { room: line.room.clone(), first: line.seq, records: Vec::new(), content: None, games }
    }

    /// Returns whether this line belongs to it.
    pub fn is_of(&self, line: &Line) -> bool {
        self.room == line.room
    }

    /// # Errors
    /// If the line is not what can come next, in words.
    pub fn add(&mut self, line: Line, random: &mut dyn FnMut(&mut [u8])) -> Result<(), String> {
        let expected = self.first + self.records.len() as u64;
        if line.seq != expected || line.seq == 0 {
            return Err(format!("its seq is {}, and {} was to come", line.seq, expected.max(1)));
        }
        self.fold(&line, random)?;
        let before = self.records.last().map_or(Time(0), |(at, _)| *at);
        self.records.push((line.at.unwrap_or(before), line.record.bytes()));
        Ok(())
    }

    /// Adds an event to what the room's events add up to.
    fn fold(&mut self, line: &Line, random: &mut dyn FnMut(&mut [u8])) -> Result<(), String> {
        #[derive(Deserialize)]
        struct Created {
            kind: String,
        }
        let bytes = line.record.bytes();
        let wrong = |error: serde_json::Error| format!("it is no `{}` ({error})", line.kind);
        match (line.kind.as_str(), &mut self.content) {
            ("message", _) => {}
            ("created", content @ None) if line.seq == 1 => {
                let Created { kind } = serde_json::from_slice(&bytes).map_err(wrong)?;
                *content = Some(begin(&kind, &self.games, random)?);
            }
            ("created", _) => return Err("a room is created once, at its beginning".into()),
            ("counted", content @ (None | Some(Content::Counter(_)))) => {
                *content = Some(Content::Counter(counted(&bytes).map_err(wrong)?));
            }
            (_, Some(Content::Table(table))) => {
                table.game.apply(&String::from_utf8_lossy(&bytes)).map_err(wrong)?;
            }
            (_, None) => return Err("the room's beginning is missing, without which its game is not known".into()),
            (kind, Some(Content::Chat | Content::Counter(_))) => {
                return Err(format!("there is no `{kind}` in a room of its kind"));
            }
        }
        Ok(())
    }

    /// # Errors
    /// If its events add up to nothing that can be.
    pub fn finish(self, random: &mut dyn FnMut(&mut [u8])) -> Result<Arrived, String> {
        let mut content = self.content.unwrap_or(Content::Chat);
        let (room, kind, events) = (self.room, content.kind(), self.records.len());
        let mut told = Told { room, kind, events, join: None, watch: None, seats: BTreeMap::new() };
        if let Content::Table(table) = &mut content {
            give_secrets(table, &mut told, random);
        }
        let about = About { is_unlisted: content.table().is_some(), ..About::default() };
        let state = stored(&content, about).map_err(|error| error.to_string())?;
        restored(&state, &self.games).map_err(|error| format!("its events contradict each other ({error})"))?;
        let log = Room::log_name(&told.room);
        Ok(Arrived { log, first: self.first, records: self.records, state: state.into(), told })
    }
}

fn begin(kind: &str, games: &GameList, random: &mut dyn FnMut(&mut [u8])) -> Result<Content, String> {
    match games.room_kind(kind) {
        Some(RoomKind::Chat) => Ok(Content::Chat),
        Some(RoomKind::Counter) => Ok(Content::Counter(0)),
        Some(RoomKind::Game(name)) => match games.find(name) {
            Some(game) => Ok(Content::Table(Box::new(Table::new(game, keys(random).0)))),
            None => Err(format!("there is no game {name}")),
        },
        None => Err(format!("there is no kind of room {}", excerpt(kind))),
    }
}

fn give_secrets(table: &mut Table, told: &mut Told, random: &mut dyn FnMut(&mut [u8])) {
    let (keys, join, watch) = keys(random);
    (table.keys, told.join, told.watch) = (keys, Some(join), Some(watch));
    for seat in table.game.seats() {
        if table.game.person(seat).is_some() {
            let secret = table::secret_of(drawn(random));
            table.set_proof(seat, &secret);
            told.seats.insert(seat.as_str(), secret);
        }
    }
}

fn keys(random: &mut dyn FnMut(&mut [u8])) -> (Keys, Secret, Secret) {
    Keys::of(drawn(random), drawn(random), drawn(random))
}

fn drawn<const N: usize>(random: &mut dyn FnMut(&mut [u8])) -> [u8; N] {
    let mut bytes = [0; N];
    random(&mut bytes);
    bytes
}
