//! How an app acts.

use rand::rngs::StdRng;
use rand::{Rng, RngExt};
use uuid::Uuid;

use crate::close::Close;
use crate::effect::Effect;
use crate::ids::{ClientId, GroupId, Hold, Ticket};
use crate::journal::{Commit, Load};
use crate::time::Time;
use crate::wire::Frame;

/// An app's hands during one callback. What it asks for is done, in order, when the callback returns.
pub struct Hub<'a> {
    pub(crate) now: Time,
    pub(crate) rng: &'a mut StdRng,
    pub(crate) next_ticket: &'a mut u64,
    pub(crate) wake_at: &'a mut Option<Time>,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(crate) released: &'a mut Vec<Hold>,
    /// Tickets of this callback that no request waits for.
    pub(crate) detached: &'a mut Vec<Ticket>,
}

impl Hub<'_> {
    /// The wall clock at the beginning of the callback. It never goes back between callbacks.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Sends to one client.
    pub fn send(&mut self, client: ClientId, frame: impl Into<Frame>) {
        self.effects.push(Effect::Send { client, frame: frame.into() });
    }

    /// Sends to everyone in a group.
    pub fn broadcast(&mut self, group: GroupId, frame: impl Into<Frame>) {
        self.broadcast_to(vec![group], Vec::new(), None, frame);
    }

    /// Sends to everyone in a group but one.
    pub fn broadcast_except(&mut self, group: GroupId, except: ClientId, frame: impl Into<Frame>) {
        self.broadcast_to(vec![group], Vec::new(), Some(except), frame);
    }

    /// Sends once to everyone who is in any of `groups` or among `clients`, but not to `except`.
    pub fn broadcast_to(
        &mut self,
        groups: Vec<GroupId>,
        clients: Vec<ClientId>,
        except: Option<ClientId>,
        frame: impl Into<Frame>,
    ) {
        self.effects.push(Effect::Broadcast { groups, clients, except, frame: frame.into() });
    }

    /// Sends to every client of the app.
    pub fn send_all(&mut self, frame: impl Into<Frame>) {
        self.effects.push(Effect::All { except: None, frame: frame.into() });
    }

    /// Sends to every client of the app but one.
    pub fn send_all_except(&mut self, except: ClientId, frame: impl Into<Frame>) {
        self.effects.push(Effect::All { except: Some(except), frame: frame.into() });
    }

    /// Puts a client into a group. Broadcasts asked for before do not reach it, those after do.
    pub fn join(&mut self, client: ClientId, group: GroupId) {
        self.effects.push(Effect::Join { client, group });
    }

    /// Takes a client out of a group.
    pub fn leave(&mut self, client: ClientId, group: GroupId) {
        self.effects.push(Effect::Leave { client, group });
    }

    /// Ends a client's connection when it has got what was sent to it before. `client_left` follows.
    pub fn close(&mut self, client: ClientId, code: u16, reason: impl Into<String>) {
        self.effects.push(Effect::Close { client, close: Close::new(code, reason) });
    }

    /// Writes to the journal: all of `commit` or nothing. The answer is
    /// [`App::committed`](crate::app::App::committed) with the same ticket; answers come in the order of the asking.
    pub fn commit(&mut self, commit: Commit) -> Ticket {
        let ticket = self.ticket();
        self.effects.push(Effect::Commit { ticket, commit });
        ticket
    }

    /// [`commit`](Hub::commit) on nobody's account: the request at hand is not kept open for it.
    pub fn commit_detached(&mut self, commit: Commit) -> Ticket {
        let ticket = self.commit(commit);
        self.detached.push(ticket);
        ticket
    }

    /// Keeps the request of this callback open until [`release`](Hub::release), as an unanswered commit or load would: for
    /// requests that wait for something else, so that a client's requests in flight stay bounded
    /// ([`Limits::in_flight`](crate::limits::Limits::in_flight)) however long they wait.
    pub fn hold(&mut self) -> Hold {
        Hold(self.ticket())
    }

    /// The request is answered, as far as this hold goes. To be done for every hold, also when its client has left.
    pub fn release(&mut self, hold: Hold) {
        self.released.push(hold);
    }

    /// Reads from the journal. The answer is [`App::loaded`](crate::app::App::loaded) with the same ticket.
    pub fn load(&mut self, load: Load) -> Ticket {
        let ticket = self.ticket();
        self.effects.push(Effect::Load { ticket, load });
        ticket
    }

    /// Asks for [`App::timer`](crate::app::App::timer) at `at`, or as soon as may be if that is past. Of several
    /// wishes the earliest is kept; once it has been granted, all are forgotten.
    pub fn wake_at(&mut self, at: Time) {
        let earliest = self.wake_at.map_or(at, |before| before.min(at));
        *self.wake_at = Some(earliest);
    }

    /// A number in `0..below`, evenly; 0 if `below` is 0.
    pub fn random_below(&mut self, below: u64) -> u64 {
        if below == 0 { 0 } else { self.rng.random_range(0..below) }
    }

    /// Bytes fit for secrets.
    pub fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A random UUID (version 4).
    pub fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random_bytes()).into_uuid()
    }

    /// A UUID that sorts by time (version 7, RFC 9562 §5.7).
    pub fn uuid_by_time(&mut self) -> Uuid {
        let now = self.now.as_millis();
        uuid::Builder::from_unix_timestamp_millis(now, &self.random_bytes()).into_uuid()
    }

    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(*self.next_ticket);
        *self.next_ticket += 1;
        ticket
    }
}
