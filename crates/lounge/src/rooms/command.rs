//! Requests to a room, and the decisions about them. Nothing here changes a room: the writer commits and applies it.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::content::Content;
use crate::games::game::{self, Who};
use crate::games::host::{self, SeatName};
use crate::games::seats::Seating;
use crate::games::table::Table;
use crate::identity::dedup::Digest;
use crate::person::Person;
use crate::protocol::client::Join;
use crate::protocol::error::Refused;
use crate::protocol::fields::Fields;
use crate::protocol::record::Record;
use crate::protocol::server::events;
use crate::protocol::server::replies::{Counted, Moved, Said};
use crate::refusals;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::{ClientId, Time};

/// A request to a room.
pub struct Command {
    /// The request that waits for the answer.
    pub asker: Asker,
    /// The user, by the name they had when they asked.
    pub by: Person,
    /// The request.
    pub what: What,
}

/// The kinds of requests.
pub enum What {
    /// `say`: the event is written already; the `seq` of `said` is still to come.
    Say {
        /// The event.
        record: Record,
        /// The answer.
        said: Said,
        /// The idempotency key.
        key: Option<Digest>,
    },
    /// `count`.
    Count {
        /// 1 or −1.
        by: i8,
    },
    /// `play`, `resign` or `rematch`.
    Move {
        /// The seat that its session plays.
        seat: Option<SeatName>,
        /// The move.
        command: game::Command<Fields<'static>>,
    },
    /// `join`, to take a seat. Then the join goes on.
    Sit {
        /// The new proof of the seat.
        secret: Secret,
        /// The join.
        join: Box<Join>,
    },
}

/// The result of a command.
pub struct Decision {
    /// Its events.
    pub records: Vec<Record>,
    /// The room's content after them, if it changes.
    pub content: Option<Content>,
    /// The answer.
    pub done: Done,
}

/// The answer to a command.
pub enum Done {
    /// To `say`.
    Said(Said),
    /// To `say` with a key that another server has answered meanwhile.
    SaidBefore(Said),
    /// To `count`.
    Counted(Counted),
    /// To a move.
    Moved(Moved<Map<String, Value>>),
    /// The seat that was given; `None`: none is free, and the asker watches.
    Seated(Option<SeatName>),
}

/// Commands that were decided together, and are written in one commit.
pub struct RoomBatch {
    /// The time of the decisions.
    pub at: Time,
    /// The newest event when they were made. Others may have come before theirs: then all their numbers are higher.
    pub decided_at: u64,
    /// The commands and their answers.
    pub decided: Vec<Decided>,
    /// Their events.
    pub records: Vec<Record>,
    /// The content after all of them, if it changes.
    pub content: Option<Content>,
    /// Users who do something lasting by it.
    pub lasting: Vec<Uuid>,
}

/// A command and its answer.
pub struct Decided {
    /// The command.
    pub command: Command,
    /// The answer.
    pub result: Result<Done, Refused>,
    /// Its idempotency key, if that is written with it.
    pub key: Option<Digest>,
}

impl Done {
    /// Returns the answer with other numbers: events of other servers came before those of its batch.
    pub fn shifted(self, by: u64) -> Self {
        match self {
            Done::Said(said) => Done::Said(Said { seq: said.seq + by, ..said }),
            Done::Counted(counted) => Done::Counted(Counted { seq: counted.seq + by, ..counted }),
            Done::Moved(moved) => Done::Moved(Moved { seq: moved.seq + by, ..moved }),
            Done::SaidBefore(_) | Done::Seated(_) => self,
        }
    }
}

impl Command {
    /// Decides, on the room's content as it is or is about to be. `seq`: the number of its first event.
    ///
    /// # Errors
    /// Why the command is refused.
    pub fn decide(&self, content: &Content, seating: &Seating, seq: u64) -> Result<Decision, Refused> {
        match (&self.what, content) {
            (What::Say { record, said, .. }, _) => {
                let done = Done::Said(Said { seq, ..*said });
                Ok(Decision { records: vec![record.clone()], content: None, done })
            }
            (What::Count { by }, Content::Counter(value)) => {
                let value = value.saturating_add(i64::from(*by));
                let record = Record::new(&events::Counted { value, by: &self.by })?;
                let done = Done::Counted(Counted { seq, value });
                Ok(Decision { records: vec![record], content: Some(Content::Counter(value)), done })
            }
            (What::Count { .. }, Content::Chat | Content::Table(_)) => {
                Err(refusals::bad_request("\"room\" is no counter").about("room"))
            }
            (What::Move { seat, command }, Content::Table(table)) => {
                let who = seat.map_or(Who::Visitor(&self.by), Who::Player);
                let host::Decided { after, records, receipt } = table.game.decide(who, command.as_ref())?;
                let done = Done::Moved(Moved { seq, receipt });
                Ok(Decision { records, content: Some(Content::Table(Box::new(table.with(after)))), done })
            }
            (What::Sit { secret, .. }, Content::Table(table)) => {
                sit(self.asker.client(), &self.by, table, seating, secret)
            }
            (What::Move { .. } | What::Sit { .. }, Content::Chat | Content::Counter(_)) => {
                Err(refusals::no_such_game())
            }
        }
    }
}

/// Gives the first free seat, and what proves it from now on. If none is free: a seat that is the asker's own, and that
/// nobody holds, has a new proof, since the old one may never have reached its owner.
fn sit(client: ClientId, by: &Person, table: &Table, seating: &Seating, secret: &Secret) -> Result<Decision, Refused> {
    let holds_one = seating.seat(client).is_some();
    let own = |seat: &SeatName| {
        table.game.person(*seat).is_some_and(|person| person.id == by.id) && seating.is_unclaimed(*seat)
    };
    let (records, mut table, seat) = match table.free_seat().filter(|_| !holds_one) {
        Some(seat) => {
            let (records, table) = seat_visitor(table, by)?;
            (records, table, seat)
        }
        None => match table.game.seats().into_iter().find(own).filter(|_| !holds_one) {
            Some(seat) => (Vec::new(), table.clone(), seat),
            None => return Ok(Decision { records: Vec::new(), content: None, done: Done::Seated(None) }),
        },
    };
    table.set_proof(seat, secret);
    Ok(Decision { records, content: Some(Content::Table(Box::new(table))), done: Done::Seated(Some(seat)) })
}

/// Returns the events of a visitor's taking the first free seat, and the table after them.
///
/// # Errors
/// If no seat is free.
pub fn seat_visitor(table: &Table, visitor: &Person) -> Result<(Vec<Record>, Table), Refused> {
    let sat = table.game.decide(Who::Visitor(visitor), game::Command::Sit)?;
    Ok((sat.records, table.with(sat.after)))
}

/// Returns the events of a player's forfeit, and the table after them.
///
/// # Errors
/// If the turn has passed on.
pub fn forfeit(table: &Table, seat: SeatName) -> Result<(Vec<Record>, Table), Refused> {
    let forfeited = table.game.decide(Who::Player(seat), game::Command::Forfeit)?;
    Ok((forfeited.records, table.with(forfeited.after)))
}
