//! A whole server without sockets, threads or clocks: for the unit tests of apps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::app::App;
use crate::client::{Admitted, Client, Denied, Handshake};
use crate::close::Close;
use crate::effect::Effect;
use crate::engine::{Engine, Input};
use crate::ids::{ClientId, GroupId, Ticket};
use crate::journal::Journal;
use crate::journal::MemoryJournal;
use crate::journal::{Commit, Load, Outcome};
use crate::task::{Task, TaskFailure, TaskId};
use crate::time::Time;
use crate::wire::{Frame, Incoming};

/// Drives one app: connect clients, let them speak, move the clock, and see what each has heard.
pub struct Harness<A: App<E>, E: Send + Unpin + 'static = Infallible> {
    engine: Engine<A, E>,
    journal: Box<dyn Journal>,
    now: Time,
    next_slot: u32,
    clients: BTreeMap<ClientId, Seen>,
    groups: BTreeMap<GroupId, BTreeSet<ClientId>>,
    /// Commits that wait while the journal is [held](Harness::hold_journal).
    held: Option<VecDeque<(Ticket, Commit)>>,
    journal_fault: Option<String>,
    /// Outcomes of what is written, while they are held.
    held_answers: Option<VecDeque<Input<A::Request, E>>>,
    /// What is to be read or has been read, while it is held.
    held_reads: Option<HeldReads<A::Request, E>>,
    /// What the app is to be told next: the journal's answers, after all effects of the callback that asked.
    inputs: VecDeque<Input<A::Request, E>>,
    /// Tasks that the test has not ended.
    tasks: Vec<Task<E>>,
    /// Every effect so far with the time at which it happened: what a replay is compared by.
    pub trace: Vec<(Time, Effect)>,
}

enum HeldReads<R, E> {
    Done(VecDeque<Input<R, E>>),
    ToDo(VecDeque<(Ticket, Load)>),
}

#[derive(Default)]
struct Seen {
    inbox: VecDeque<Frame>,
    closed: Option<Close>,
    in_flight: u32,
}

impl<A: App<E>, E: Send + Unpin + 'static> Harness<A, E> {
    /// The same app with the same seed, driven alike, has the same effects.
    pub fn new(app: A, seed: u64) -> Self {
        Self::with_journal(app, seed, Box::new(MemoryJournal::new(1000)))
    }

    pub fn with_journal(app: A, seed: u64, mut journal: Box<dyn Journal>) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let restored = journal.restore().unwrap_or_default();
        let mut harness = Harness {
            engine: Engine::new(app, key, 0),
            journal,
            now: Time(1_795_224_660_000),
            next_slot: 0,
            clients: BTreeMap::new(),
            groups: BTreeMap::new(),
            held: None,
            journal_fault: None,
            held_answers: None,
            held_reads: None,
            inputs: VecDeque::new(),
            tasks: Vec::new(),
            trace: Vec::new(),
        };
        harness.step(Input::Restored(restored));
        harness
    }

    pub fn app(&self) -> &A {
        self.engine.app()
    }

    pub fn now(&self) -> Time {
        self.now
    }

    /// The journal, for a server that comes after this one.
    pub fn into_journal(self) -> Box<dyn Journal> {
        self.journal
    }

    /// Connects a client from 127.0.0.1 to `/`, without asking [`App::admit`].
    pub fn connect(&mut self) -> ClientId {
        self.connect_from(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// Connects a client from `address` to `/`, without asking [`App::admit`].
    pub fn connect_from(&mut self, address: IpAddr) -> ClientId {
        self.enter(Handshake::new(address, "/"), Admitted::default())
    }

    /// Connects a client whose handshake differs from that of [`connect`](Harness::connect) as `change` makes it, if
    /// [`App::admit`] lets it in.
    ///
    /// # Errors
    /// The app's answer, if it doesn't.
    pub fn connect_as(&mut self, change: impl FnOnce(&mut Handshake)) -> Result<ClientId, Denied> {
        let mut handshake = Handshake::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "/");
        change(&mut handshake);
        let admitted = A::admit(&handshake)?;
        Ok(self.enter(handshake, admitted))
    }

    fn enter(&mut self, handshake: Handshake, admitted: Admitted) -> ClientId {
        let id = ClientId { worker: 0, slot: self.next_slot, generation: 0 };
        self.next_slot += 1;
        self.clients.insert(id, Seen::default());
        let spoken = A::subprotocols().iter().find(|ours| handshake.subprotocols.iter().any(|offer| offer == *ours));
        let subprotocol = spoken.map(|name| (*name).to_owned());
        self.step(Input::Connected(Client { subprotocol, admitted, ..Client::new(id, handshake) }));
        id
    }

    /// Sends a text message of a client, decoded as its session would.
    pub fn say(&mut self, client: ClientId, text: &str) {
        self.receive(client, Incoming::Text(text));
    }

    /// Sends a binary message of a client, decoded as its session would.
    pub fn say_binary(&mut self, client: ClientId, bytes: &[u8]) {
        self.receive(client, Incoming::Binary(bytes));
    }

    fn receive(&mut self, client: ClientId, incoming: Incoming<'_>) {
        if !self.is_open(client) {
            return;
        }
        match A::decode(incoming) {
            Ok(request) => {
                if let Some(seen) = self.clients.get_mut(&client) {
                    seen.in_flight += 1;
                }
                self.step(Input::Request(client, request));
            }
            Err(reply) => {
                let send = reply.frame.map(|frame| Effect::Send { client, frame });
                let close = reply.close.map(|close| Effect::Close { client, close });
                for effect in send.into_iter().chain(close) {
                    self.perform(effect);
                }
            }
        }
    }

    /// Tells the app an event from outside.
    pub fn tell(&mut self, event: E) {
        self.step(Input::Told(event));
    }

    /// Tasks that the app has spawned and the test has not ended, oldest first. They don't run by themselves.
    pub fn tasks(&self) -> Vec<TaskId> {
        self.tasks.iter().map(|task| task.id).collect()
    }

    /// Ends a task in the test's own way, without running its future: with an event, or with a failure. Does nothing for a
    /// task that has ended or was cancelled.
    pub fn end_task(&mut self, id: TaskId, result: Result<E, TaskFailure>) {
        let before = self.tasks.len();
        self.tasks.retain(|task| task.id != id);
        if self.tasks.len() < before {
            self.step(Input::TaskEnded(id, result));
        }
    }

    /// Polls every task once, oldest first, and tells the app the events of those that are ready: enough for futures that
    /// wait for nothing outside the test.
    pub fn poll_tasks(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        for id in self.tasks() {
            let Some(task) = self.tasks.iter_mut().find(|task| task.id == id) else { continue };
            if let Poll::Ready(event) = task.work.as_mut().poll(&mut context) {
                self.end_task(id, Ok(event));
            }
        }
    }

    /// Ends the client's connection: with the close that the app gave, or without a word (1006).
    pub fn drop_client(&mut self, client: ClientId) {
        if let Some(seen) = self.clients.remove(&client) {
            for members in self.groups.values_mut() {
                members.remove(&client);
            }
            let close = seen.closed.unwrap_or_else(Close::lost);
            self.step(Input::Left(client, close));
        }
    }

    /// What the client has heard since it was last asked.
    pub fn heard(&mut self, client: ClientId) -> Vec<String> {
        let inbox = self.clients.get_mut(&client).map(|seen| std::mem::take(&mut seen.inbox)).unwrap_or_default();
        inbox.iter().map(|frame| String::from_utf8_lossy(&frame.payload()).into_owned()).collect()
    }

    /// The frames that the client has received since it was last asked, binary ones included.
    pub fn heard_frames(&mut self, client: ClientId) -> Vec<Frame> {
        self.clients.get_mut(&client).map(|seen| std::mem::take(&mut seen.inbox).into()).unwrap_or_default()
    }

    pub fn is_open(&self, client: ClientId) -> bool {
        self.clients.get(&client).is_some_and(|seen| seen.closed.is_none())
    }

    pub fn closed(&self, client: ClientId) -> Option<&Close> {
        self.clients.get(&client)?.closed.as_ref()
    }

    /// Requests of the client that are taken and not yet done.
    pub fn in_flight(&self, client: ClientId) -> u32 {
        self.clients.get(&client).map_or(0, |seen| seen.in_flight)
    }

    /// Requests that are not done yet, of clients here and gone.
    pub fn open_requests(&self) -> usize {
        self.engine.open_requests()
    }

    /// Lets time pass, with every timer on the way.
    pub fn advance(&mut self, by: Duration) {
        let until = self.now + by;
        while let Some(at) = self.engine.wake_at().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.step(Input::Timer);
        }
        self.now = until;
    }

    /// From now on commits wait.
    pub fn hold_journal(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Writes what waits, as one batch; `Err`: it fails.
    pub fn release_journal(&mut self, fault: Result<(), &str>) {
        let (tickets, batch): (Vec<_>, Vec<_>) = self.held.take().unwrap_or_default().into_iter().unzip();
        let outcomes = match fault {
            Ok(()) => self.journal.commit_all(batch),
            Err(words) => batch.iter().map(|_| Outcome::Unavailable(words.to_owned())).collect(),
        };
        // All of them before what is written because of them: answers come in the order of the asking.
        for (ticket, outcome) in tickets.into_iter().zip(outcomes) {
            self.answer(ticket, outcome);
        }
        self.run();
    }

    /// From now on commits are written, and the app is not told: a reader may see what it has not heard of.
    pub fn hold_answers(&mut self) {
        self.held_answers.get_or_insert_default();
    }

    /// Tells the app what became of its commits.
    pub fn release_answers(&mut self) {
        self.inputs.extend(self.held_answers.take().unwrap_or_default());
        self.run();
    }

    /// From now on pages are on their way, and grow old.
    pub fn hold_reads(&mut self) {
        self.held_reads = Some(HeldReads::Done(VecDeque::new()));
    }

    /// From now on what is asked for is read later, and may be ahead of what the app has heard of.
    pub fn put_off_reads(&mut self) {
        self.held_reads = Some(HeldReads::ToDo(VecDeque::new()));
    }

    /// What was asked for arrives.
    pub fn release_reads(&mut self) {
        match self.held_reads.take() {
            Some(HeldReads::Done(loaded)) => self.inputs.extend(loaded),
            Some(HeldReads::ToDo(loads)) => {
                for (ticket, load) in loads {
                    let loaded = self.journal.load(load);
                    self.inputs.push_back(Input::Loaded(ticket, loaded));
                }
            }
            None => {}
        }
        self.run();
    }

    /// Until told otherwise every commit fails with these words, or none does.
    pub fn set_journal_fault(&mut self, fault: Option<&str>) {
        self.journal_fault = fault.map(str::to_owned);
    }

    fn step(&mut self, input: Input<A::Request, E>) {
        self.inputs.push_back(input);
        self.run();
    }

    fn run(&mut self) {
        while let Some(input) = self.inputs.pop_front() {
            let mut effects = Vec::new();
            self.engine.step(self.now, input, &mut effects);
            for effect in effects {
                self.trace.push((self.now, effect.clone()));
                self.perform(effect);
            }
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { client, frame } => self.deliver(client, &frame),
            Effect::Broadcast { groups, clients, except, frame } => {
                let members = groups.iter().filter_map(|group| self.groups.get(group)).flatten().copied();
                let all: BTreeSet<_> = members.chain(clients).filter(|client| Some(*client) != except).collect();
                all.into_iter().for_each(|client| self.deliver(client, &frame));
            }
            Effect::All { except, frame } => {
                let all: Vec<_> = self.clients.keys().copied().filter(|client| Some(*client) != except).collect();
                all.into_iter().for_each(|client| self.deliver(client, &frame));
            }
            Effect::Join { client, group } => {
                if self.clients.contains_key(&client) {
                    self.groups.entry(group).or_default().insert(client);
                }
            }
            Effect::Leave { client, group } => {
                if let Some(members) = self.groups.get_mut(&group) {
                    members.remove(&client);
                }
            }
            Effect::Close { client, close } => {
                if let Some(seen) = self.clients.get_mut(&client) {
                    seen.closed.get_or_insert(close);
                }
            }
            Effect::Commit { ticket, commit } => self.commit(ticket, commit),
            Effect::Load { ticket, load } => {
                if let Some(HeldReads::ToDo(loads)) = &mut self.held_reads {
                    return loads.push_back((ticket, load));
                }
                let loaded = Input::Loaded(ticket, self.journal.load(load));
                match &mut self.held_reads {
                    Some(HeldReads::Done(reads)) => reads.push_back(loaded),
                    Some(HeldReads::ToDo(_)) | None => self.inputs.push_back(loaded),
                }
            }
            Effect::Spawn { task } => self.tasks.extend(self.engine.take_task(task)),
            Effect::Cancel { task } => self.tasks.retain(|waiting| waiting.id != task),
            Effect::Done { client, .. } => {
                if let Some(seen) = self.clients.get_mut(&client) {
                    seen.in_flight -= 1;
                }
            }
        }
    }

    fn commit(&mut self, ticket: Ticket, commit: Commit) {
        if let Some(held) = &mut self.held {
            held.push_back((ticket, commit));
            return;
        }
        let outcome = match &self.journal_fault {
            Some(words) => Outcome::Unavailable(words.clone()),
            None => self.journal.commit_all(vec![commit]).pop().unwrap_or(Outcome::Conflict),
        };
        self.answer(ticket, outcome);
    }

    fn answer(&mut self, ticket: Ticket, outcome: Outcome) {
        self.held_answers.as_mut().unwrap_or(&mut self.inputs).push_back(Input::Committed(ticket, outcome));
    }

    fn deliver(&mut self, client: ClientId, frame: &Frame) {
        if let Some(seen) = self.clients.get_mut(&client).filter(|seen| seen.closed.is_none()) {
            seen.inbox.push_back(frame.clone());
        }
    }
}
