//! Requests that wait to be sent or to be answered.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::Error;
use crate::protocol::Join;

/// Requests that wait at most. More fail at once.
const WAITING_MAX: usize = 1024;

pub(crate) type Reply = oneshot::Sender<Result<Value, Error>>;

#[derive(Debug)]
pub(crate) struct Waiting {
    pub frame: Map<String, Value>,
    pub purpose: Purpose,
    /// `true` if it may be done twice without harm: then it is sent again until it is answered.
    pub repeats: bool,
    /// On this connection.
    pub is_sent: bool,
    /// On an earlier connection, without an answer.
    pub was_sent: bool,
    pub not_before: Option<Instant>,
}

impl Waiting {
    pub fn new(frame: Map<String, Value>, purpose: Purpose, repeats: bool) -> Self {
        Waiting { frame, purpose, repeats, is_sent: false, was_sent: false, not_before: None }
    }
}

#[derive(Debug)]
pub(crate) enum Purpose {
    Ask(Reply),
    Join(Join, Reply),
    /// Done also when the connection is lost.
    Leave(Reply),
    /// To be asked again on each connection.
    Watch(Reply),
    /// The client's own: takes its identity back.
    Resume,
    /// The client's own: joins a room again.
    Rejoin(String),
    /// The client's own, with an answer that changes nothing.
    Quiet,
}

impl Purpose {
    /// Returns whether it is a caller's, and the caller still waits.
    fn is_wanted(&self) -> bool {
        match self {
            Purpose::Ask(reply) | Purpose::Join(_, reply) | Purpose::Leave(reply) | Purpose::Watch(reply) => {
                !reply.is_closed()
            }
            Purpose::Resume | Purpose::Rejoin(_) | Purpose::Quiet => false,
        }
    }

    /// Answers the caller, if it is one's. `false`: nobody waits any more.
    pub fn answer(self, answer: Result<Value, Error>) -> bool {
        match self {
            Purpose::Ask(reply) | Purpose::Join(_, reply) | Purpose::Leave(reply) | Purpose::Watch(reply) => {
                reply.send(answer).is_ok()
            }
            Purpose::Resume | Purpose::Rejoin(_) | Purpose::Quiet => true,
        }
    }
}

/// By id, which is the order in which they were asked.
#[derive(Debug, Default)]
pub(crate) struct AllWaiting {
    by_id: BTreeMap<u64, Waiting>,
    next_id: u64,
}

impl AllWaiting {
    /// Puts a caller's request behind the others. At the bound it fails.
    pub fn push(&mut self, waiting: Waiting) {
        if self.by_id.len() >= WAITING_MAX {
            self.by_id.retain(|_, waiting| waiting.is_sent || waiting.purpose.is_wanted());
        }
        if self.by_id.len() >= WAITING_MAX {
            waiting.purpose.answer(Err(Error::TooMuchWaiting));
        } else {
            self.push_own(waiting);
        }
    }

    /// The same for the client's own requests. There is at most one for each room, and two more.
    pub fn push_own(&mut self, waiting: Waiting) -> u64 {
        self.next_id += 1;
        self.by_id.insert(self.next_id, waiting);
        self.next_id
    }

    pub fn put_back(&mut self, id: u64, waiting: Waiting) {
        self.by_id.insert(id, waiting);
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut Waiting> {
        self.by_id.get_mut(&id)
    }

    pub fn take(&mut self, id: u64) -> Option<Waiting> {
        self.by_id.remove(&id)
    }

    pub fn take_all(&mut self) -> impl Iterator<Item = Waiting> + use<> {
        std::mem::take(&mut self.by_id).into_values()
    }

    /// Ids of what is not sent and may be by now.
    pub fn unsent(&self, now: Instant) -> Vec<u64> {
        let is_due = |waiting: &Waiting| !waiting.is_sent && waiting.not_before.is_none_or(|instant| instant <= now);
        self.by_id.iter().filter(|(_, waiting)| is_due(waiting)).map(|(id, _)| *id).collect()
    }

    /// The next instant at which something may be sent again.
    pub fn next_due(&self, now: Instant) -> Option<Instant> {
        let unsent = self.by_id.values().filter(|waiting| !waiting.is_sent);
        unsent.filter_map(|waiting| waiting.not_before).filter(|instant| *instant > now).min()
    }

    /// The connection is gone: keeps what is sent again on the next one.
    pub fn lose(&mut self) {
        for (id, mut waiting) in std::mem::take(&mut self.by_id) {
            if !waiting.purpose.is_wanted() {
                continue;
            }
            if matches!(waiting.purpose, Purpose::Leave(_)) {
                waiting.purpose.answer(Ok(Value::Null));
            } else if waiting.is_sent && !waiting.repeats {
                waiting.purpose.answer(Err(Error::ConnectionLost));
            } else {
                waiting.was_sent |= std::mem::take(&mut waiting.is_sent);
                self.by_id.insert(id, waiting);
            }
        }
    }

    /// Another user can't repeat a message that this one sent: the key would not protect it from being said twice.
    pub fn disown(&mut self) {
        let is_tried = |waiting: &Waiting| waiting.was_sent && waiting.frame.contains_key("body");
        let ids: Vec<u64> = self.by_id.iter().filter(|(_, waiting)| is_tried(waiting)).map(|(id, _)| *id).collect();
        for waiting in ids.into_iter().filter_map(|id| self.by_id.remove(&id)) {
            waiting.purpose.answer(Err(Error::ConnectionLost));
        }
    }
}
