//! Requests that are not answered yet: the one mechanism by which one thing waits for another.
//!
//! An [`Asker`] stands for one request. Answering consumes it, and everything that waited for it goes on: its client's
//! later requests, and the requests that repeat its idempotency key. An asker that is dropped without an answer is
//! answered `internal` when the callback ends, so no request can wait forever.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};

use log::error;
use uuid::Uuid;

use crate::identity::dedup::Digest;
use crate::protocol::client::{Ask, Request, RequestId};
use crate::protocol::error::Refused;
use crate::protocol::server;
use crate::refusals;
use parlor_core::{ClientId, Close, Frame, Hold, Hub};

/// A request that still has to be answered, with [`Waiters::ok`] or [`Waiters::refuse`].
#[must_use = "a request has to be answered"]
pub struct Asker {
    client: ClientId,
    /// Taken when it is answered.
    open: Option<Open>,
    dropped: Sender<Open>,
}

/// A user's idempotency key while its first request is under way.
pub type Key = (Uuid, Digest);

struct Open {
    client: ClientId,
    /// Without one, only errors are answered.
    id: Option<RequestId>,
    /// Keeps the request in flight for the engine.
    hold: Option<Hold>,
    /// True if the client's later requests wait for this one.
    is_blocking: bool,
    /// The key that requests with the same key wait for.
    key: Option<Key>,
}

impl Asker {
    /// Returns the client that asks.
    pub fn client(&self) -> ClientId {
        self.client
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            let _ = self.dropped.send(open); // nobody listens once the lounge itself is gone
        }
    }
}

/// All requests that wait, by what they wait for.
pub struct Waiters {
    /// A line for each connected client.
    lines: HashMap<ClientId, Line>,
    /// Clients whose line may move on.
    ready: VecDeque<ClientId>,
    /// Keys under way, with the requests that repeat them. Bounded by the requests in flight.
    keys: BTreeMap<Key, Vec<Open>>,
    dropped: (Sender<Open>, Receiver<Open>),
    /// Requests in one line: more are refused.
    line_max: usize,
}

/// A client's requests behind one that blocks them.
#[derive(Default)]
struct Line {
    is_blocked: bool,
    waiting: VecDeque<(Request, Hold)>,
}

impl Waiters {
    /// Returns the waiters of a lounge without clients. `line_max`: requests that one client may have waiting.
    pub fn new(line_max: usize) -> Self {
        Waiters { lines: HashMap::new(), ready: VecDeque::new(), keys: BTreeMap::new(), dropped: channel(), line_max }
    }

    /// Begins a client's line.
    pub fn connect(&mut self, client: ClientId) {
        self.lines.insert(client, Line::default());
    }

    /// Ends a client's line. Requests that are under way go on, and their answers are not sent.
    pub fn disconnect(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        for (_, hold) in self.lines.remove(&client).unwrap_or_default().waiting {
            hub.release(hold);
        }
    }

    /// Begins a client's line. Its requests wait until [`let_in`](Waiters::let_in).
    pub fn connect_later(&mut self, client: ClientId) {
        self.lines.insert(client, Line { is_blocked: true, ..Line::default() });
    }

    /// The requests of a client that has been welcomed go on.
    pub fn let_in(&mut self, client: ClientId) {
        if let Some(line) = self.lines.get_mut(&client) {
            line.is_blocked = false;
            self.ready.push_back(client);
        }
    }

    /// Takes a request: returns it if it is next, or puts it at the end of its client's line.
    pub fn receive(&mut self, client: ClientId, request: Request, hub: &mut Hub<'_>) -> Option<(Asker, Ask)> {
        let line = self.lines.get_mut(&client)?;
        if !line.is_blocked && line.waiting.is_empty() {
            return Some(self.begin(client, request, None));
        }
        if line.waiting.len() >= self.line_max {
            let (asker, _) = self.begin(client, request, None);
            self.refuse(asker, &refusals::busy(), hub);
            return None;
        }
        let hold = hub.hold();
        line.waiting.push_back((request, hold));
        None
    }

    /// Returns the next request of a line that may move on.
    pub fn next(&mut self) -> Option<(Asker, Ask)> {
        while let Some(client) = self.ready.front().copied() {
            let line = self.lines.get_mut(&client).filter(|line| !line.is_blocked);
            match line.and_then(|line| line.waiting.pop_front()) {
                Some((request, hold)) => return Some(self.begin(client, request, Some(hold))),
                None => self.ready.pop_front(),
            };
        }
        None
    }

    /// The request goes on after this callback.
    pub fn hold(&mut self, asker: &mut Asker, hub: &mut Hub<'_>) {
        if let Some(open) = &mut asker.open {
            open.hold.get_or_insert_with(|| hub.hold());
        }
    }

    /// The request goes on after this callback, and its client's later requests wait for its answer.
    pub fn block(&mut self, asker: &mut Asker, hub: &mut Hub<'_>) {
        self.hold(asker, hub);
        if let Some(open) = &mut asker.open
            && let Some(line) = self.lines.get_mut(&open.client)
        {
            open.is_blocking = true;
            line.is_blocked = true;
        }
    }

    /// The client's later requests need not wait for this one any more.
    pub fn unblock(&mut self, asker: &mut Asker) {
        if let Some(open) = asker.open.as_mut().filter(|open| open.is_blocking) {
            open.is_blocking = false;
            let client = open.client;
            self.let_in(client);
        }
    }

    /// The request is the first with its key: requests that repeat the key get its answer.
    pub fn claim(&mut self, asker: &mut Asker, key: Key) {
        if let Some(open) = &mut asker.open {
            self.keys.insert(key, Vec::new());
            open.key = Some(key);
        }
    }

    /// Returns whether a request with this key is under way.
    pub fn is_claimed(&self, key: Key) -> bool {
        self.keys.contains_key(&key)
    }

    /// Returns whether a request with any key of this user is under way.
    pub fn has_claims(&self, user: Uuid) -> bool {
        self.keys.range((user, Digest::MIN)..=(user, Digest::MAX)).next().is_some()
    }

    /// The request repeats a key that is under way, and gets the answer of the first one.
    pub fn follow(&mut self, mut asker: Asker, key: Key, hub: &mut Hub<'_>) {
        self.hold(&mut asker, hub);
        if let Some(followers) = self.keys.get_mut(&key)
            && let Some(open) = asker.open.take()
        {
            followers.push(open);
        }
    }

    /// Answers `ok`.
    pub fn ok(&mut self, asker: Asker, frame: impl Fn(&RequestId) -> Frame, hub: &mut Hub<'_>) {
        self.answer(asker, &|id| id.map(&frame), hub);
    }

    /// Answers with an error.
    pub fn refuse(&mut self, asker: Asker, refused: &Refused, hub: &mut Hub<'_>) {
        self.answer(asker, &|id| Some(server::error(id, refused)), hub);
    }

    /// Closes the client of a request that can't be answered, and those of the requests that repeat its key.
    pub fn lose(&mut self, mut asker: Asker, hub: &mut Hub<'_>) {
        if let Some(open) = asker.open.take() {
            self.close_clients(open, hub);
        }
    }

    fn close_clients(&mut self, open: Open, hub: &mut Hub<'_>) {
        hub.close(
            open.client,
            Close::RESTART,
            "the storage was lost for a while: connect again, and send again what was not answered",
        );
        if let Some(hold) = open.hold {
            hub.release(hold);
        }
        for follower in open.key.and_then(|key| self.keys.remove(&key)).unwrap_or_default() {
            self.close_clients(follower, hub);
        }
    }

    /// Answers the askers that were dropped: a fault of the code, which must not leave a client waiting.
    pub fn answer_dropped(&mut self, hub: &mut Hub<'_>) {
        while let Ok(open) = self.dropped.1.try_recv() {
            error!("a request was dropped without an answer");
            let refused = refusals::internal("the request was dropped");
            self.close(open, &|id| Some(server::error(id, &refused)), hub);
        }
    }

    fn begin(&self, client: ClientId, Request { id, ask }: Request, hold: Option<Hold>) -> (Asker, Ask) {
        let open = Some(Open { client, id, hold, is_blocking: false, key: None });
        (Asker { client, open, dropped: self.dropped.0.clone() }, ask)
    }

    fn answer(&mut self, mut asker: Asker, frame: &dyn Fn(Option<&RequestId>) -> Option<Frame>, hub: &mut Hub<'_>) {
        if let Some(open) = asker.open.take() {
            self.close(open, frame, hub);
        }
    }

    fn close(&mut self, open: Open, frame: &dyn Fn(Option<&RequestId>) -> Option<Frame>, hub: &mut Hub<'_>) {
        let line = self.lines.get_mut(&open.client);
        if line.is_some()
            && let Some(frame) = frame(open.id.as_ref())
        {
            hub.send(open.client, frame);
        }
        if let Some(line) = line.filter(|_| open.is_blocking) {
            line.is_blocked = false;
            self.ready.push_back(open.client);
        }
        if let Some(hold) = open.hold {
            hub.release(hold);
        }
        let followers = open.key.and_then(|key| self.keys.remove(&key)).unwrap_or_default();
        for follower in followers {
            self.close(follower, frame, hub);
        }
    }
}

#[cfg(test)]
mod tests;
