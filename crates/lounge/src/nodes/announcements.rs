//! Sessions of this server that have changed: the others are told at the end of the callback.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::session;
use super::signal::Signal;
use crate::rooms::continuation::Entering;
use crate::waiters::Asker;
use parlor_core::journal::{Ephemeral, WriterName};
use parlor_core::{Bytes, ClientId, Commit};

/// The worker of clients that are connected to another server. No worker of this one has the number, so what is sent to them
/// goes nowhere.
const ELSEWHERE: u16 = u16::MAX;

/// Returns the id of another server's session, by a number of its own.
pub fn elsewhere(number: u64) -> ClientId {
    let [high, low] = [number >> 32, number & u64::from(u32::MAX)].map(|half| u32::try_from(half).unwrap_or(u32::MAX));
    ClientId { worker: ELSEWHERE, slot: low, generation: high }
}

/// Returns whether a client is connected to this server.
pub fn is_here(client: ClientId) -> bool {
    client.worker != ELSEWHERE
}

/// The continuation of a change, run when the other servers know of it.
pub enum AfterAnnounced {
    /// A client that came is welcomed.
    Welcome(ClientId),
    /// A session enters a room.
    Enter(Box<Entering>),
    /// A session has left a room.
    Left(Asker),
    /// A session acts for another user than before.
    Identified(Asker, Uuid),
}

/// The changes of a callback. Empty for a journal with one writer.
#[derive(Default)]
pub struct Announcements {
    writer: Option<WriterName>,
    changed: BTreeSet<ClientId>,
    signals: Vec<Bytes>,
    after: Vec<AfterAnnounced>,
    /// The values that were announced last. Bounded by the clients there are.
    announced: HashMap<ClientId, Bytes>,
}

impl Announcements {
    /// The journal has several writers; this is the server's name among them.
    pub fn begin(&mut self, writer: WriterName) {
        self.writer = Some(writer);
    }

    /// Returns whether there are other servers.
    pub fn is_shared(&self) -> bool {
        self.writer.is_some()
    }

    /// Returns whether a commit that is followed is one of this server's own, whose answer was lost.
    pub fn is_mine(&self, writer: &WriterName) -> bool {
        self.writer.as_ref() == Some(writer)
    }

    /// Returns whether this server's name comes after another's: where both want the same, the other goes first.
    pub fn comes_after(&self, other: &WriterName) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer > other)
    }

    /// A session may have changed.
    pub fn touch(&mut self, client: ClientId) {
        if self.is_shared() && is_here(client) {
            self.changed.insert(client);
        }
    }

    /// This goes on when the others know what has changed in this callback. Only for a journal with several writers.
    pub fn then(&mut self, after: AfterAnnounced) {
        self.after.push(after);
    }

    /// Tells the other servers something that is not kept.
    pub fn signal(&mut self, signal: &Signal) {
        if self.is_shared() {
            self.signals.push(signal.bytes());
        }
    }

    /// Takes what the others are to be told, and what goes on then. `value`: of a session, as it is now.
    pub fn take(&mut self, value: impl Fn(ClientId) -> Option<Bytes>) -> Option<(Commit, Vec<AfterAnnounced>)> {
        let mut ephemerals = Vec::new();
        for client in std::mem::take(&mut self.changed) {
            let value = value(client);
            if value.as_ref() != self.announced.get(&client) {
                match &value {
                    Some(value) => self.announced.insert(client, value.clone()),
                    None => self.announced.remove(&client),
                };
                ephemerals.push(Ephemeral { key: session::key(client), value });
            }
        }
        let (signals, after) = (std::mem::take(&mut self.signals), std::mem::take(&mut self.after));
        if ephemerals.is_empty() && signals.is_empty() && after.is_empty() {
            return None;
        }
        Some((Commit { ephemerals, signals, ..Commit::default() }, after))
    }
}
