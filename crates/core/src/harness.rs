//! A whole server without sockets, threads or clocks: for the unit tests of apps.
//!
//! A test is a script: clients connect and speak, time passes, and what each has heard is compared. Nothing happens by
//! itself, so nothing has to be waited for, and the same script with the same seed has the same result.
//!
//! ```
//! # use parlor_core::{App, Client, ClientId, Close, Hub, Message, harness::Harness};
//! # struct Chat;
//! # impl App for Chat {
//! #     type Request = Message;
//! #     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) { hub.send(client.id, "hello") }
//! #     fn message_received(&mut self, _: ClientId, message: Message, hub: &mut Hub<'_>) { hub.send_all(message) }
//! #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
//! # }
//! let mut server = Harness::new(Chat, 1);
//! let clients: Vec<ClientId> = (0..1000).map(|_| server.connect()).collect();
//! server.say(clients[0], "good morning");
//! for client in clients {
//!     assert_eq!(server.heard(client), ["hello", "good morning"]);
//! }
//! ```
//!
//! | to test | use |
//! |---|---|
//! | a client's path, query, cookies, address, subprotocols, and `admit` | [`connect_as`](Harness::connect_as) |
//! | a lost connection | [`drop_client`](Harness::drop_client) |
//! | timers | [`advance`](Harness::advance) |
//! | events from outside | [`tell`](Harness::tell) |
//! | asynchronous work | [`tasks`](Harness::tasks), [`poll_tasks`](Harness::poll_tasks), [`end_task`](Harness::end_task) |
//! | a restart | [`into_journal`](Harness::into_journal), [`with_journal`](Harness::with_journal) |
//! | a journal that fails | [`set_journal_fault`](Harness::set_journal_fault) |
//! | a journal that is slow | [`hold_journal`](Harness::hold_journal), [`hold_answers`](Harness::hold_answers), [`hold_reads`](Harness::hold_reads) |
//!
//! Limits are not in force here, since they belong to the sessions: no rate, no size of messages, no outbox.

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
use crate::journal::{Commit, FellBehind, Load, Outcome};
use crate::task::{Task, TaskFailure, TaskId};
use crate::time::{Now, Steady, Time};
use crate::wire::{Frame, Incoming};

/// Drives one app: connects clients, lets them speak, moves the clock, and tells what each has heard. The
/// [module](crate::harness) lists what can be tested.
pub struct Harness<A: App<E>, E: Send + Unpin + 'static = Infallible> {
    engine: Engine<A, E>,
    journal: Box<dyn Journal>,
    now: Now,
    next_slot: u32,
    clients: BTreeMap<ClientId, Seen>,
    groups: BTreeMap<GroupId, BTreeSet<ClientId>>,
    /// Commits that wait while the journal is [held](Harness::hold_journal).
    held: Option<VecDeque<(Ticket, Commit)>>,
    journal_fault: Option<String>,
    /// The journal does not know all that others have placed.
    is_behind: bool,
    /// Outcomes of what is written and what others have placed, while they are held.
    held_answers: Option<VecDeque<Input<A::Request, E>>>,
    /// Reads that are held, done or not.
    held_reads: Option<HeldReads<A::Request, E>>,
    /// The next inputs of the app: the journal's answers, after all effects of the callback that asked.
    inputs: VecDeque<Input<A::Request, E>>,
    /// Tasks that the test has not ended.
    tasks: Vec<Task<E>>,
    /// Every effect so far with the time at which it happened, to compare two runs.
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
    /// Starts an app with a [journal in memory](MemoryJournal) that keeps 1000 records of each log. `seed` determines all
    /// randomness: the same app with the same seed, driven alike, has the same effects. The clock begins at
    /// 2026-11-21T01:31:00Z.
    pub fn new(app: A, seed: u64) -> Self {
        Self::with_journal(app, seed, Box::new(MemoryJournal::new(1000)))
    }

    /// Starts an app as [`new`](Harness::new) does, with this journal: the one of a harness before, or a real one.
    pub fn with_journal(app: A, seed: u64, mut journal: Box<dyn Journal>) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let restored = journal.restore().unwrap_or_default();
        let mut harness = Harness {
            engine: Engine::new(app, key, 0),
            journal,
            now: Now { wall: Time(1_795_224_660_000), steady: Steady(0) },
            next_slot: 0,
            clients: BTreeMap::new(),
            groups: BTreeMap::new(),
            held: None,
            journal_fault: None,
            is_behind: false,
            held_answers: None,
            held_reads: None,
            inputs: VecDeque::new(),
            tasks: Vec::new(),
            trace: Vec::new(),
        };
        harness.step(Input::Restored(restored));
        harness
    }

    /// Returns the app, to look at its state.
    pub fn app(&self) -> &A {
        self.engine.app()
    }

    /// Returns the clock's time, which only [`advance`](Harness::advance) moves.
    pub fn now(&self) -> Time {
        self.now.wall
    }

    /// Ends the server as `kill -9` would, and returns its journal, for a server that comes after this one.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, _: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         hub.append("chat", text);
    ///     }
    ///
    ///     fn new_client(&mut self, _: &Client, hub: &mut Hub<'_>) {
    ///         hub.load(Load::newest("chat", 10));
    ///     }
    ///
    ///     fn loaded(&mut self, _: Ticket, loaded: Loaded, hub: &mut Hub<'_>) {
    ///         let Loaded::Page(page) = loaded else { return };
    ///         for (_, line) in page.records {
    ///             hub.send_all(String::from_utf8_lossy(&line).into_owned());
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "hello");
    ///
    /// let mut server = Harness::with_journal(Chat, 2, server.into_journal()); // a restart
    /// let bo = server.connect();
    /// assert_eq!(server.heard(bo), ["hello"]);
    /// ```
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
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.send(client.id, format!("{} speaks {}", client.address, client.header("accept-language").unwrap_or("?")));
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect_as(|handshake| {
    ///     handshake.address = [192, 0, 2, 7].into();
    ///     handshake.headers.push(("accept-language".into(), "en".into()));
    /// });
    /// assert_eq!(server.heard(ann.unwrap()), ["192.0.2.7 speaks en"]);
    /// ```
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
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
    ///         hub.send(client, message);
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say_binary(ann, &[0, 255]);
    /// assert_eq!(server.heard_frames(ann), [Frame::binary([0, 255])]);
    /// ```
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

    /// Returns the tasks that the app has spawned and the test has not ended, oldest first. They don't run by themselves.
    pub fn tasks(&self) -> Vec<TaskId> {
        self.tasks.iter().map(|task| task.id).collect()
    }

    /// Ends a task in the test's own way, without running its future: with an event, or with a failure. Does nothing for a
    /// task that has ended or was cancelled.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App<u32> for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, u32>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_, u32>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, u32>) {}
    ///     fn started(&mut self, hub: &mut Hub<'_, u32>) {
    ///         hub.spawn(std::future::pending()); // a database's answer, which the test gives itself
    ///     }
    ///
    ///     fn told(&mut self, rows: u32, hub: &mut Hub<'_, u32>) {
    ///         hub.send_all(format!("{rows} rows"));
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// let query = server.tasks()[0];
    /// server.end_task(query, Ok(3));
    /// assert_eq!(server.heard(ann), ["3 rows"]);
    /// assert!(server.tasks().is_empty());
    /// ```
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

    /// Returns what the client has heard since it was last asked, as text. Empty after [`drop_client`](Harness::drop_client).
    pub fn heard(&mut self, client: ClientId) -> Vec<String> {
        let inbox = self.clients.get_mut(&client).map(|seen| std::mem::take(&mut seen.inbox)).unwrap_or_default();
        inbox.iter().map(|frame| String::from_utf8_lossy(&frame.payload()).into_owned()).collect()
    }

    /// Returns the frames that the client has received since it was last asked, binary ones included.
    pub fn heard_frames(&mut self, client: ClientId) -> Vec<Frame> {
        self.clients.get_mut(&client).map(|seen| std::mem::take(&mut seen.inbox).into()).unwrap_or_default()
    }

    /// Returns whether the client is connected, and the app has not closed it.
    pub fn is_open(&self, client: ClientId) -> bool {
        self.clients.get(&client).is_some_and(|seen| seen.closed.is_none())
    }

    /// Returns the close that the app gave the client, until [`drop_client`](Harness::drop_client).
    pub fn closed(&self, client: ClientId) -> Option<&Close> {
        self.clients.get(&client)?.closed.as_ref()
    }

    /// Returns the number of the client's requests that are taken and not yet done.
    pub fn in_flight(&self, client: ClientId) -> u32 {
        self.clients.get(&client).map_or(0, |seen| seen.in_flight)
    }

    /// Returns the number of requests that are not done yet, of clients here and gone.
    pub fn open_requests(&self) -> usize {
        self.engine.open_requests()
    }

    /// Moves the clock forward, and calls every timer on the way at its time.
    pub fn advance(&mut self, by: Duration) {
        let until = self.now + by;
        loop {
            let left = until.steady.since(self.now.steady);
            let Some(wait) = self.engine.next_alarm().wait(self.now).filter(|wait| *wait <= left) else { break };
            self.now = self.now + wait;
            self.step(Input::Timer);
        }
        self.now = until;
    }

    /// Sets the wall clock, forward or back, while no time passes, as an operator does or a machine that slept. What waits for a time of the wall clock is due or not.
    pub fn set_clock(&mut self, wall: Time) {
        self.now.wall = wall;
        if self.engine.next_alarm().wait(self.now) == Some(Duration::ZERO) {
            self.step(Input::Timer);
        }
    }

    /// Makes commits wait from now on.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, _: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         hub.append("chat", text);
    ///     }
    ///
    ///     fn committed(&mut self, _: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
    ///         hub.send_all(if matches!(outcome, Outcome::Committed(_)) { "saved" } else { "not saved" });
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.hold_journal();
    /// server.say(ann, "hello");
    /// assert!(server.heard(ann).is_empty(), "nothing is shown before it is written");
    /// assert_eq!(server.in_flight(ann), 1);
    /// server.release_journal(Err("the disk is full"));
    /// assert_eq!(server.heard(ann), ["not saved"]);
    /// ```
    pub fn hold_journal(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Writes the commits that wait, as one batch, and holds none any more. With an `Err` the batch fails with these words.
    pub fn release_journal(&mut self, fault: Result<(), &str>) {
        let (tickets, batch): (Vec<_>, Vec<_>) = self.held.take().unwrap_or_default().into_iter().unzip();
        let outcomes = match fault {
            Ok(()) => self.journal.commit_all(batch),
            Err(words) => batch.iter().map(|_| Outcome::Unavailable(words.to_owned())).collect(),
        };
        self.hear_others();
        // All of them before what is written because of them: answers come in the order of the asking.
        for (ticket, outcome) in tickets.into_iter().zip(outcomes) {
            self.answer(ticket, outcome);
        }
        self.run();
    }

    /// Writes commits from now on without telling the app: a reader may see what the app has not heard of.
    pub fn hold_answers(&mut self) {
        self.held_answers.get_or_insert_default();
    }

    /// Tells the app the outcomes of its commits, and holds none any more.
    pub fn release_answers(&mut self) {
        self.inputs.extend(self.held_answers.take().unwrap_or_default());
        self.run();
    }

    /// Tells the app what other writers have placed in its journal since the last commit, or the last call: see
    /// [`SharedJournal`](crate::journal::SharedJournal).
    ///
    /// # Errors
    /// If the journal does not know all of it any more: the server has to begin anew, on [its journal](Harness::into_journal).
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # use parlor_core::journal::{FellBehind, Followed, MemoryJournal, SharedJournal};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, _: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         hub.append("chat", text);
    ///     }
    ///
    ///     fn followed(&mut self, followed: Followed, hub: &mut Hub<'_>) {
    ///         for line in followed.appends.into_iter().flat_map(|append| append.records) {
    ///             hub.send_all(String::from_utf8_lossy(&line).into_owned());
    ///         }
    ///     }
    /// }
    ///
    /// let journal = SharedJournal::new(MemoryJournal::new(100));
    /// let mut there = Harness::with_journal(Chat, 1, Box::new(journal.another()));
    /// let mut here = Harness::with_journal(Chat, 2, Box::new(journal));
    /// let (ann, bo) = (here.connect(), there.connect());
    /// here.say(ann, "hello");
    /// there.follow()?;
    /// assert_eq!(there.heard(bo), ["hello"]);
    /// # Ok::<(), FellBehind>(())
    /// ```
    pub fn follow(&mut self) -> Result<(), FellBehind> {
        self.hear_others();
        self.run();
        if self.is_behind { Err(FellBehind) } else { Ok(()) }
    }

    /// Returns whether the journal does not know all that others have placed: see [`follow`](Harness::follow).
    pub fn has_fallen_behind(&self) -> bool {
        self.is_behind
    }

    /// Reads from now on at once, but keeps the results back: they grow old meanwhile.
    pub fn hold_reads(&mut self) {
        self.held_reads = Some(HeldReads::Done(VecDeque::new()));
    }

    /// Reads from now on at the [release](Harness::release_reads) only: results may be ahead of what the app has heard of.
    pub fn put_off_reads(&mut self) {
        self.held_reads = Some(HeldReads::ToDo(VecDeque::new()));
    }

    /// Tells the app the results of its reads, and holds none any more.
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

    /// Makes every commit fail with these words; `None`: none any more.
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
                self.trace.push((self.now.wall, effect.clone()));
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
        self.hear_others();
        self.answer(ticket, outcome);
    }

    fn answer(&mut self, ticket: Ticket, outcome: Outcome) {
        self.placed(Input::Committed(ticket, outcome));
    }

    /// What is placed in the journal is heard in its order, others' commits and outcomes alike.
    fn placed(&mut self, input: Input<A::Request, E>) {
        self.held_answers.as_mut().unwrap_or(&mut self.inputs).push_back(input);
    }

    fn hear_others(&mut self) {
        match self.journal.follow() {
            Ok(others) => others.into_iter().for_each(|followed| self.placed(Input::Followed(followed))),
            Err(FellBehind) => self.is_behind = true,
        }
    }

    fn deliver(&mut self, client: ClientId, frame: &Frame) {
        if let Some(seen) = self.clients.get_mut(&client).filter(|seen| seen.closed.is_none()) {
            seen.inbox.push_back(frame.clone());
        }
    }
}
