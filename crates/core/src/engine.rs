//! An app and its hub, turned by hand: inputs in, effects out. Pure, so that a whole server runs in a unit test and a
//! failing run replays from its seed.
//!
//! For runtimes. An app's author needs the [`harness`](crate::harness), which drives an engine.
//!
//! ```
//! use parlor_core::engine::{Effect, Engine, Input};
//! use parlor_core::{Client, ClientId, Frame, Handshake, Now};
//! # use parlor_core::{App, Close, Hub, Message};
//! # struct Greeter;
//! # impl App for Greeter {
//! #     type Request = Message;
//! #     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) { hub.send(client.id, "hello") }
//! #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! # }
//!
//! let mut engine = Engine::new(Greeter, [0; 32], 0);
//! let client = ClientId { worker: 0, slot: 0, generation: 0 };
//! let handshake = Handshake::new("192.0.2.7".parse()?, "/");
//! let mut effects = Vec::new();
//! engine.step(Now::default(), Input::Connected(Client::new(client, handshake)), &mut effects);
//! assert_eq!(effects, [Effect::Send { client, frame: Frame::text("hello") }]);
//! # Ok::<(), std::net::AddrParseError>(())
//! ```

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::alarms::Alarms;
pub use crate::alarms::NextAlarm;
use crate::app::App;
use crate::client::Client;
use crate::close::Close;
pub use crate::effect::Effect;
use crate::hub::Hub;
use crate::ids::{ClientId, Hold, Ticket};
use crate::journal::{Followed, Loaded, Outcome, Restored};
use crate::task::{Task, TaskFailure, TaskId};
use crate::time::{Now, Steady};

/// Everything that can happen to an app, by the types of its requests and events.
#[derive(Debug)]
pub enum Input<R, E = Infallible> {
    /// The first of all: the state that the journal holds.
    Restored(Restored),
    /// A client has connected.
    Connected(Client),
    /// A client has made a request.
    Request(ClientId, R),
    /// A client has left.
    Left(ClientId, Close),
    /// The outcome of an [`Effect::Commit`].
    Committed(Ticket, Outcome),
    /// The result of an [`Effect::Load`].
    Loaded(Ticket, Loaded),
    /// A commit of another writer to the same journal.
    Followed(Followed),
    /// An event from outside.
    Told(E),
    /// A task has ended.
    TaskEnded(TaskId, Result<E, TaskFailure>),
    /// The time of [`Engine::next_alarm`] has come.
    Timer,
}

/// Runs an app's callbacks, and knows which requests still wait for the journal, a task or a release.
pub struct Engine<A, E = Infallible> {
    app: A,
    rng: RefCell<StdRng>,
    now: Now,
    alarms: Alarms,
    next_ticket: u64,
    /// Connected clients.
    clients: BTreeSet<ClientId>,
    /// The request that each open ticket belongs to.
    owners: HashMap<Ticket, u64>,
    open: HashMap<u64, OpenRequest>,
    next_request: u64,
    /// Tasks that have not ended, each with the client it is cancelled with.
    running: BTreeMap<TaskId, Option<ClientId>>,
    /// Futures that the shell has not taken yet.
    tasks: Vec<Task<E>>,
    /// Releases and detached tickets of the callback that runs; empty between callbacks.
    released: Vec<Hold>,
    detached: Vec<Ticket>,
}

/// A request that is not done.
struct OpenRequest {
    client: ClientId,
    /// Its tickets.
    waits: u32,
    is_list: bool,
}

/// The request that a step belongs to.
enum Stepped {
    /// The request is the step's input.
    New { client: ClientId, is_list: bool },
    /// The step's input is the answer to one of its tickets.
    Open(u64),
}

impl<A: App<E>, E: Send + Unpin + 'static> Engine<A, E> {
    /// Makes an engine. `seed` determines all randomness of the app; `first_ticket` is a number beyond every ticket that an
    /// engine before this one gave out, and 0 for the first.
    pub fn new(app: A, seed: [u8; 32], first_ticket: u64) -> Self {
        Engine {
            app,
            rng: RefCell::new(StdRng::from_seed(seed)),
            now: Now::default(),
            alarms: Alarms::default(),
            next_ticket: first_ticket,
            clients: BTreeSet::new(),
            owners: HashMap::new(),
            open: HashMap::new(),
            next_request: 0,
            running: BTreeMap::new(),
            tasks: Vec::new(),
            released: Vec::new(),
            detached: Vec::new(),
        }
    }

    /// Returns the app.
    pub fn app(&self) -> &A {
        &self.app
    }

    /// Returns the times at which an [`Input::Timer`] is due.
    pub fn next_alarm(&self) -> NextAlarm {
        self.alarms.next()
    }

    /// Returns whether the app was told that the client came, and not that it left.
    pub fn is_connected(&self, client: ClientId) -> bool {
        self.clients.contains(&client)
    }

    /// Returns the number of requests that are not done yet, of clients here and gone.
    pub fn open_requests(&self) -> usize {
        self.open.len()
    }

    /// Returns the ticket that will be given out next: the `first_ticket` of an engine after this one.
    pub fn next_ticket(&self) -> u64 {
        self.next_ticket
    }

    /// Takes the future of an [`Effect::Spawn`]; `None` if it was taken already, or cancelled.
    pub fn take_task(&mut self, id: TaskId) -> Option<Task<E>> {
        let at = self.tasks.iter().position(|task| task.id == id)?;
        Some(self.tasks.swap_remove(at))
    }

    /// Calls the callback that `input` is for, and appends its effects to `effects`. If the steady
    /// time is before that of the last step, that one is used.
    pub fn step(&mut self, now: Now, input: Input<A::Request, E>, effects: &mut Vec<Effect>) {
        self.now = Now { steady: self.now.steady.max(now.steady), ..now };
        let first_ticket = self.next_ticket;
        let request = match &input {
            Input::Request(client, request) => {
                Some(Stepped::New { client: *client, is_list: A::answers_with_list(request) })
            }
            Input::Committed(ticket, _) | Input::Loaded(ticket, _) => self.owners.remove(ticket).map(Stepped::Open),
            Input::TaskEnded(task, _) => {
                if self.running.remove(task).is_none() {
                    return; // it was cancelled
                }
                self.owners.remove(&task.0).map(Stepped::Open)
            }
            Input::Left(client, _) => {
                self.clients.remove(client);
                self.alarms.forget(*client);
                self.cancel_tasks(*client, effects);
                None
            }
            Input::Connected(client) => {
                self.clients.insert(client.id);
                None
            }
            Input::Restored(_) | Input::Followed(_) | Input::Told(_) | Input::Timer => None,
        };
        let first_task = self.tasks.len();
        self.call(input, effects);
        self.running.extend(self.tasks[first_task..].iter().map(|task| (task.id, task.client)));
        match request {
            Some(Stepped::New { client, is_list }) => self.begin(client, is_list, first_ticket, effects),
            Some(Stepped::Open(request)) => {
                let more = self.own(request, first_ticket);
                self.settle(request, more, effects);
            }
            None => {}
        }
        self.detached.clear();
        for Hold(ticket) in std::mem::take(&mut self.released) {
            if let Some(request) = self.owners.remove(&ticket) {
                self.settle(request, 0, effects);
            }
        }
    }

    fn call(&mut self, input: Input<A::Request, E>, effects: &mut Vec<Effect>) {
        let now = self.now;
        let due = matches!(input, Input::Timer).then(|| (self.due_clients(now.steady), self.alarms.take_app(now)));
        let Engine { app, rng, next_ticket, alarms, clients, released, detached, tasks, .. } = self;
        let hub = &mut Hub { now, rng, next_ticket, alarms, clients, effects, released, detached, tasks };
        match input {
            Input::Restored(restored) => {
                app.restored(restored, hub);
                app.started(hub);
            }
            Input::Connected(client) => app.new_client(&client, hub),
            Input::Request(client, request) => app.message_received(client, request, hub),
            Input::Left(client, close) => app.client_left(client, &close, hub),
            Input::Committed(ticket, outcome) => app.committed(ticket, outcome, hub),
            Input::Loaded(ticket, loaded) => app.loaded(ticket, loaded, hub),
            Input::Followed(followed) => app.followed(followed, hub),
            Input::Told(event) | Input::TaskEnded(_, Ok(event)) => app.told(event, hub),
            Input::TaskEnded(task, Err(failure)) => app.task_failed(task, failure, hub),
            Input::Timer => {
                let (clients, app_is_due) = due.unwrap_or_default();
                for client in clients {
                    app.client_timer(client, hub);
                }
                if app_is_due {
                    app.timer(hub);
                }
            }
        }
    }

    /// Takes the clients' alarms that are due now: one set for "at once" by a callback comes with the next input.
    fn due_clients(&mut self, now: Steady) -> Vec<ClientId> {
        std::iter::from_fn(|| self.alarms.take_client(now)).collect()
    }

    /// Ends the tasks that go with a client; the requests that waited for them are done as far as they go.
    fn cancel_tasks(&mut self, client: ClientId, effects: &mut Vec<Effect>) {
        let cancelled: Vec<TaskId> =
            self.running.iter().filter(|(_, with)| **with == Some(client)).map(|(task, _)| *task).collect();
        for task in cancelled {
            self.running.remove(&task);
            self.tasks.retain(|waiting| waiting.id != task);
            effects.push(Effect::Cancel { task });
            if let Some(request) = self.owners.remove(&task.0) {
                self.settle(request, 0, effects);
            }
        }
    }

    /// Remembers a request whose callback has drawn tickets; one that has drawn none is done.
    fn begin(&mut self, client: ClientId, is_list: bool, first_ticket: u64, effects: &mut Vec<Effect>) {
        let request = self.next_request;
        self.next_request += 1;
        let waits = self.own(request, first_ticket);
        if waits == 0 {
            effects.push(Effect::Done { client, list: is_list });
        } else {
            self.open.insert(request, OpenRequest { client, waits, is_list });
        }
    }

    /// Gives `request` the tickets drawn since `first_ticket`, but for those drawn detached. Returns their number.
    fn own(&mut self, request: u64, first_ticket: u64) -> u32 {
        let mut waits = 0;
        for ticket in (first_ticket..self.next_ticket).map(Ticket).filter(|ticket| !self.detached.contains(ticket)) {
            self.owners.insert(ticket, request);
            waits += 1;
        }
        waits
    }

    /// Counts one ticket off `request`, and `more` to it; with none open it is done.
    fn settle(&mut self, request: u64, more: u32, effects: &mut Vec<Effect>) {
        let Some(open) = self.open.get_mut(&request) else { return };
        open.waits += more;
        open.waits -= 1;
        if open.waits == 0 {
            effects.push(Effect::Done { client: open.client, list: open.is_list });
            self.open.remove(&request);
        }
    }
}

#[cfg(test)]
mod tests;
