//! The product, as an app: rooms, people, private messages, counters, games and a clock. Pure.
//!
//! [`Lounge`] holds what there is; `app.rs` takes in what happens; `handlers/` has a file for each family of requests.
//! What is sequenced changes nothing before it is committed: a request is decided, its events are appended, and when the
//! journal has said where they stand they are applied, shown and answered.

mod app;
mod characters;
mod clock;
mod dispatch;
pub mod games;
mod gauges;
pub mod identity;
mod inbox;
mod pending;
pub mod person;
pub mod protocol;
mod quota;
mod refusals;
pub mod rooms;
pub mod secret;
pub mod settings;
mod timers;
pub mod transfer;
mod waiters;

#[cfg(test)]
mod tests;

pub use crate::identity::token::Signer;
pub use crate::rooms::name::RoomName;
pub use crate::settings::LoungeSettings;

use std::collections::HashMap;

use uuid::Uuid;

use crate::clock::interval::Clock;
use crate::identity::clients::Session;
use crate::identity::people::People;
use crate::inbox::state::Inbox;
use crate::pending::Pending;
use crate::quota::Allowances;
use crate::rooms::index::Rooms;
use crate::timers::Timers;
use parlor_core::{ClientId, Ticket};

/// Rooms and the people in them.
pub struct Lounge {
    settings: LoungeSettings,
    /// Part of every epoch: see [`Restored::generation`](parlor_core::journal::Restored::generation).
    generation: String,
    /// Bounded by the clients the kit lets in.
    sessions: HashMap<ClientId, Session>,
    people: People,
    rooms: Rooms,
    /// Inboxes in use: of users who are on, and those a message is on its way to.
    inboxes: HashMap<Uuid, Inbox>,
    clock: Clock,
    timers: Timers,
    /// What the journal was asked for and what for. Bounded by the requests in flight that the kit allows, and one commit
    /// for each room.
    pending: HashMap<Ticket, Pending>,
    room_creation: Allowances,
    user_creation: Allowances,
}

impl Lounge {
    /// A lounge in which nobody is yet; the rooms come from the journal.
    pub fn new(settings: LoungeSettings) -> Self {
        Lounge {
            generation: String::new(),
            sessions: HashMap::new(),
            people: People::default(),
            rooms: Rooms::default(),
            inboxes: HashMap::new(),
            clock: Clock::default(),
            timers: Timers::default(),
            pending: HashMap::new(),
            room_creation: Allowances::new(settings.room_creation, settings.addresses),
            user_creation: Allowances::new(settings.user_creation, settings.addresses),
            settings,
        }
    }

    /// The epoch that clients see of a log.
    fn epoch(&self, of_log: &str) -> String {
        if self.generation.is_empty() { of_log.to_owned() } else { format!("{of_log}.{}", self.generation) }
    }
}
