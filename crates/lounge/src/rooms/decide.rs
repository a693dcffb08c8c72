//! What a command leads to, on a room's content as it is or is about to be. Changes nothing.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::games::game::{self, Who};
use crate::games::host::SeatName;
use crate::games::table::Table;
use crate::person::Person;
use crate::protocol::error::Refused;
use crate::protocol::record::Record;
use crate::protocol::server::events;
use crate::protocol::server::replies::{Counted, Moved, Said};
use crate::refusals;
use crate::rooms::room::{Content, Room};
use crate::rooms::writer::{Command, What};
use crate::secret::Secret;

pub struct Decision {
    pub records: Vec<Record>,
    /// What the room's content becomes, if it changes.
    pub content: Option<Content>,
    pub done: Done,
}

/// What is to be answered.
pub enum Done {
    Said(Said),
    Counted(Counted),
    Moved(Moved<Map<String, Value>>),
    /// The seat that was given; `None`: there is none to be had, and who asked watches.
    Seated(Option<SeatName>),
    /// There is nobody to answer.
    Forfeited,
}

/// `seq`: where its first event will stand.
pub fn decide(command: &Command, room: &Room, content: &Content, seq: u64) -> Result<Decision, Refused> {
    match (&command.what, content) {
        (What::Say { record, said, .. }, _) => {
            let done = Done::Said(Said { seq, ..*said });
            Ok(Decision { records: vec![record.clone()], content: None, done })
        }
        (What::Count { by }, Content::Counter(value)) => {
            let value = value.saturating_add(i64::from(*by));
            let record = Record::new(&events::Counted { value, by: &command.by })?;
            let done = Done::Counted(Counted { seq, value });
            Ok(Decision { records: vec![record], content: Some(Content::Counter(value)), done })
        }
        (What::Count { .. }, Content::Chat | Content::Table(_)) => Err(refusals::bad_request("\"room\" is no counter")),
        (What::Move { seat, command: asked }, Content::Table(table)) => {
            let who = seat.map_or(Who::Visitor(&command.by), Who::Player);
            Ok(play(table, who, asked.clone())?.decision(|receipt| Done::Moved(Moved { seq, receipt })))
        }
        (What::Forfeit { seat, at }, Content::Table(table)) => {
            if room.seating.countdown != Some((*seat, *at)) {
                return Err(refusals::forbidden("the player has come back"));
            }
            Ok(play(table, Who::Player(*seat), game::Command::Forfeit)?.decision(|_| Done::Forfeited))
        }
        (What::Sit { secret, .. }, Content::Table(table)) => sit(command, room, table, secret),
        (What::Move { .. } | What::Forfeit { .. } | What::Sit { .. }, Content::Chat | Content::Counter(_)) => {
            Err(refusals::no_such_game())
        }
    }
}

/// The first free seat, and what proves it from now on. If none is free: a seat that is the asker's own, and that nobody
/// holds, has a new proof, since the old one may never have reached its owner.
fn sit(command: &Command, room: &Room, table: &Table, secret: &Secret) -> Result<Decision, Refused> {
    let holds_one = command.asker.as_ref().is_some_and(|asker| room.seating.seat(asker.client).is_some());
    let own = |seat: &SeatName| {
        table.game.person(*seat).is_some_and(|person| person.id == command.by.id)
            && room.seating.player(*seat).is_none()
    };
    let (records, mut table, seat) = match table.free_seat().filter(|_| !holds_one) {
        Some(seat) => {
            let (records, content) = seat_visitor(table, &command.by)?;
            (records, content, seat)
        }
        None => match table.game.seats().into_iter().find(own).filter(|_| !holds_one) {
            Some(seat) => (Vec::new(), table.clone(), seat),
            None => return Ok(Decision { records: Vec::new(), content: None, done: Done::Seated(None) }),
        },
    };
    table.set_proof(seat, secret);
    Ok(Decision { records, content: Some(Content::Table(Box::new(table))), done: Done::Seated(Some(seat)) })
}

/// The events of somebody's taking the first free seat, and the table after them.
pub fn seat_visitor(table: &Table, visitor: &Person) -> Result<(Vec<Record>, Table), Refused> {
    let played = play(table, Who::Visitor(visitor), game::Command::Sit)?;
    Ok((played.records, played.after))
}

struct Played {
    records: Vec<Record>,
    after: Table,
    receipt: Map<String, Value>,
}

impl Played {
    fn decision(self, done: impl FnOnce(Map<String, Value>) -> Done) -> Decision {
        let content = Some(Content::Table(Box::new(self.after)));
        Decision { records: self.records, content, done: done(self.receipt) }
    }
}

fn play(table: &Table, who: Who<'_, SeatName>, command: game::Command<Map<String, Value>>) -> Result<Played, Refused> {
    let decision = table.game.decide(who, command)?;
    let mut after = table.clone();
    let mut records = Vec::new();
    for event in decision.events {
        let applied = after.game.apply(&event);
        applied.map_err(|_| refusals::internal("the game doesn't know its own event"))?;
        records.push(Record::from_bytes(Bytes::from(event))?);
    }
    Ok(Played { records, after, receipt: decision.receipt })
}
