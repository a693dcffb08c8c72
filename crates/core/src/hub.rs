//! How an app acts.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, RngExt};
use uuid::Uuid;

use crate::alarms::Alarms;
use crate::close::Close;
use crate::effect::Effect;
use crate::ids::{ClientId, GroupId, Hold, Ticket};
use crate::journal::{Append, Commit, Expect, Load, LogName};
use crate::task::{Task, TaskId};
use crate::time::Time;
use crate::wire::Frame;

/// The means by which an app acts during one callback. Effects are performed, in order, when the callback returns.
///
/// `E` is the app's event type, as in [`App<E>`](crate::app::App); apps without events write `Hub<'_>`.
pub struct Hub<'a, E = Infallible> {
    pub(crate) now: Time,
    pub(crate) rng: &'a RefCell<StdRng>,
    pub(crate) next_ticket: &'a mut u64,
    pub(crate) alarms: &'a mut Alarms,
    pub(crate) clients: &'a BTreeSet<ClientId>,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(crate) released: &'a mut Vec<Hold>,
    /// Tickets of this callback that no request waits for.
    pub(crate) detached: &'a mut Vec<Ticket>,
    /// Futures of this callback's [`Effect::Spawn`]s.
    pub(crate) tasks: &'a mut Vec<Task<E>>,
}

impl<E> Hub<'_, E> {
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

    /// Appends one record to a log, which begins with it if there is none. The answer is
    /// [`App::committed`](crate::app::App::committed) with the same ticket; its outcome carries the record's sequence number.
    pub fn append(&mut self, log: impl AsRef<str>, record: impl Into<Bytes>) -> Ticket {
        let append = Append {
            log: LogName::new(log.as_ref()),
            expect: Expect::Anything,
            epoch: self.uuid().simple().to_string(),
            at: self.now,
            records: vec![record.into()],
            state: None,
            expires_at: None,
        };
        self.commit(Commit { appends: vec![append], ..Commit::default() })
    }

    /// Runs a future beside the app, never on its thread. Its output is delivered to
    /// [`App::told`](crate::app::App::told); a panic or a refusal to
    /// [`App::task_failed`](crate::app::App::task_failed). The request of this callback stays open until then.
    ///
    /// At most [`Limits::tasks`](crate::limits::Limits::tasks) run at once; as many again wait for their turn, and more are
    /// refused.
    pub fn spawn(&mut self, work: impl Future<Output = E> + Send + 'static) -> TaskId {
        self.spawn_task(None, Box::pin(work))
    }

    /// [`spawn`](Hub::spawn), cancelled when `client` leaves: the future is dropped and nothing is delivered.
    pub fn spawn_for(&mut self, client: ClientId, work: impl Future<Output = E> + Send + 'static) -> TaskId {
        self.spawn_task(Some(client), Box::pin(work))
    }

    fn spawn_task(&mut self, client: Option<ClientId>, work: crate::task::Work<E>) -> TaskId {
        let id = TaskId(self.ticket());
        self.tasks.push(Task { id, client, work });
        self.effects.push(Effect::Spawn { task: id });
        id
    }

    /// Asks for [`App::timer`](crate::app::App::timer) at `at`, or as soon as possible if that is past. Of several
    /// requests the earliest is kept; when the callback comes, all are forgotten.
    pub fn wake_at(&mut self, at: Time) {
        self.alarms.wake_app(at);
    }

    /// Asks for [`App::timer`](crate::app::App::timer) after `delay`, as [`wake_at`](Hub::wake_at) does.
    pub fn wake_in(&mut self, delay: Duration) {
        self.wake_at(self.now + delay);
    }

    /// Asks for [`App::client_timer`](crate::app::App::client_timer) of one client after `delay`. A client has one timer:
    /// a second call moves it. It goes with the client. Does nothing for a client that has left.
    pub fn wake_client(&mut self, client: ClientId, delay: Duration) {
        if self.clients.contains(&client) {
            self.alarms.wake_client(client, self.now + delay);
        }
    }

    /// All connected clients, in the order of their ids. The newcomer is among them during `new_client`; who leaves is not
    /// during `client_left`.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> + use<'_, E> {
        self.clients.iter().copied()
    }

    /// The number of connected clients.
    pub fn count(&self) -> usize {
        self.clients.len()
    }

    /// A number in `0..below`, evenly distributed; 0 if `below` is 0.
    pub fn random_below(&self, below: u64) -> u64 {
        if below == 0 { 0 } else { self.rng.borrow_mut().random_range(0..below) }
    }

    /// Bytes fit for secrets.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }

    /// A random UUID (version 4).
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random_bytes()).into_uuid()
    }

    /// A UUID that sorts by time (version 7, RFC 9562 §5.7).
    pub fn uuid_by_time(&self) -> Uuid {
        let now = self.now.as_millis();
        uuid::Builder::from_unix_timestamp_millis(now, &self.random_bytes()).into_uuid()
    }

    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(*self.next_ticket);
        *self.next_ticket += 1;
        ticket
    }
}
