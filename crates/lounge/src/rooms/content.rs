//! The content of a room: the sum of its events, and how the journal keeps it.

use serde::{Deserialize, Serialize};

use crate::games::host::GameList;
use crate::games::table::{Table, TableState};
use crate::later::Later;
use crate::protocol::kind::RoomKind;
use parlor_core::Time;

/// The sum of a room's events, beside talk.
#[derive(Clone)]
pub enum Content {
    /// Nothing but talk.
    Chat,
    /// A counter's value.
    Counter(i64),
    /// A game.
    Table(Box<Table>),
}

impl Content {
    /// Returns the kind of its room.
    pub fn kind(&self) -> RoomKind {
        match self {
            Content::Chat => RoomKind::Chat,
            Content::Counter(_) => RoomKind::Counter,
            Content::Table(table) => RoomKind::Game(table.game.kind()),
        }
    }

    /// Returns the table of a game.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Content::Table(table) => Some(table),
            Content::Chat | Content::Counter(_) => None,
        }
    }
}

/// Reads the value of a `counted` event.
pub fn counted(record: &[u8]) -> serde_json::Result<i64> {
    #[derive(Deserialize)]
    struct Counted {
        value: i64,
    }
    serde_json::from_slice::<Counted>(record).map(|counted| counted.value)
}

/// The state of a room, as the journal keeps it beside the newest event.
#[derive(Serialize, Deserialize)]
struct RoomState {
    kind: String,
    unlisted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<TableState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_by: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    touched: Option<Touched>,
}

impl RoomState {
    const MEMBERS: [&str; 6] = ["kind", "unlisted", "value", "table", "made_by", "touched"];
}

/// The facts that are kept of a room beside its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// True if `rooms` leaves it out.
    pub is_unlisted: bool,
    /// The address that it was created from, as a number that hides it.
    pub made_by: Option<u64>,
    /// The note that somebody was in it.
    pub touched: Option<Touched>,
    /// Facts that a later version of the server has written.
    pub later: Later,
}

/// A note in a room's log that somebody was in it, while nothing was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// The time of the note. If the log's is another, an event came after it.
    pub at: Time,
    /// The time of the newest event.
    pub last_at: Time,
}

/// Returns the state that goes into the journal with a room's events.
///
/// # Errors
/// If a game can't be written: a fault of its code.
pub fn stored(content: &Content, about: About) -> serde_json::Result<Vec<u8>> {
    let About { is_unlisted: unlisted, made_by, touched, later } = about;
    let (value, table) = match content {
        Content::Chat => (None, None),
        Content::Counter(value) => (Some(*value), None),
        Content::Table(table) => (None, Some(table.stored()?)),
    };
    let kind = content.kind().as_str().to_owned();
    later.write(&RoomState { kind, unlisted, value, table, made_by, touched })
}

/// Reads what [`stored`] wrote.
///
/// # Errors
/// If it is not the state of a room, or of a game that is not in the list.
pub fn restored(state: &[u8], games: &GameList) -> Result<(Content, About), String> {
    let RoomState { kind, unlisted, value, table, made_by, touched } =
        serde_json::from_slice(state).map_err(|error| error.to_string())?;
    let content = match (games.find(&kind), kind.as_str(), value, table) {
        (Some(game), _, None, Some(table)) => {
            Content::Table(Box::new(Table::restored(game, table).map_err(|error| error.to_string())?))
        }
        (None, "counter", Some(value), None) => Content::Counter(value),
        (None, "chat", None, None) => Content::Chat,
        (None, "counter" | "chat", ..) | (Some(_), ..) => {
            return Err("it is not what a room of its kind has".into());
        }
        (None, ..) => return Err("this server does not know its kind".into()),
    };
    let later = Later::of(state, &RoomState::MEMBERS);
    Ok((content, About { is_unlisted: unlisted, made_by, touched, later }))
}
