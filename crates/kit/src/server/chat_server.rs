//! The central actor: hosts an app, on a thread of its own.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, Arbiter, AsyncContext, Context, SpawnHandle};
use log::{error, info, warn};

use super::clock::{self, Clock};
use super::events::{Handle, Told};
use super::journal::{Answers, JournalHandle, Read, Write};
use super::messages::FlushWorkers;
use super::status::Status;
use super::tasks::Tasks;
use super::workers::Workers;
use crate::storage::Storage;
use parlor_core::engine::{Effect, Engine, Input, NextAlarm};
use parlor_core::journal::{Commit, FellBehind, Followed, Load, Outcome};
use parlor_core::{App, ClientId, Close, Farewell, Limits, Now, TaskId, Ticket};

/// The thin actor around an [`App`]: callbacks in, effects out to the workers and the journal.
pub struct ChatServer<A: App<E>, E: Send + Unpin + 'static = Infallible> {
    make: Box<dyn Fn() -> A + Send>,
    /// `None` while the app can't be made; it is tried again every [`REMAKE_EVERY`].
    engine: Option<Engine<A, E>>,
    next_ticket: u64,
    journal: JournalHandle,
    workers: Workers,
    /// The next inputs of the app: an inline journal's answers. Empty between messages.
    inputs: VecDeque<Input<A::Request, E>>,
    tasks: Tasks<E>,
    events: Handle<E>,
    /// Events that came while there was no app; bounded by [`Handle::EVENTS_MAX`].
    told: Vec<Told<E>>,
    /// True while a [`FlushWorkers`] is in the mailbox.
    flush_is_due: bool,
    alarm: Option<(NextAlarm, SpawnHandle)>,
    closing: bool,
    /// The times that the journal was restored.
    restores: u64,
    /// An inline journal does not know all that others have placed.
    is_behind: bool,
    clock: Clock,
    status: Arc<Status>,
}

/// While an app waits for a time of the wall clock, which may be set meanwhile.
const CLOCK_CHECKED_EVERY: Duration = Duration::from_secs(1);
const REMAKE_EVERY: Duration = Duration::from_secs(1);

impl<A: App<E>, E: Send + Unpin + 'static> ChatServer<A, E> {
    /// Reads the journal, makes the app and starts its thread. Returns the actor's address and the app's limits.
    ///
    /// # Errors
    /// If the journal can't be read, or the system has no randomness: a message for the operator.
    pub fn launch(
        make: impl Fn() -> A + Send + 'static,
        storage: Storage,
        status: Arc<Status>,
        events: Handle<E>,
    ) -> Result<(Addr<Self>, Limits), String> {
        let (mut journal, is_quick) = match storage {
            Storage::Quick(journal) => (journal, true),
            Storage::Slow(journal) => (journal, false),
        };
        let restored = journal.restore()?;
        let app = make();
        let limits = app.limits();
        let tasks_max = limits.tasks;
        let mut engine = Engine::new(app, clock::seed()?, 0);
        let mut clock = Clock::new();
        let mut effects = Vec::new();
        engine.step(clock.now(), Input::Restored(restored), &mut effects);
        let address = Self::start_in_arbiter(&Arbiter::new().handle(), move |ctx| {
            let me = ctx.address();
            let answers = Answers {
                committed: me.clone().recipient(),
                answered: me.clone().recipient(),
                health: me.clone().recipient(),
            };
            events.open(me.clone().recipient());
            let mut server = ChatServer {
                make: Box::new(make),
                next_ticket: 0,
                engine: Some(engine),
                journal: if is_quick {
                    JournalHandle::Inline(journal)
                } else {
                    JournalHandle::actors(journal, answers)
                },
                workers: Workers::default(),
                inputs: VecDeque::new(),
                tasks: Tasks::new(tasks_max, me.recipient()),
                events,
                told: Vec::new(),
                flush_is_due: false,
                alarm: None,
                closing: false,
                restores: 0,
                is_behind: false,
                clock,
                status,
            };
            server.perform(effects);
            server.run(ctx);
            server
        });
        Ok((address, limits))
    }

    fn take(&mut self, input: Input<A::Request, E>, ctx: &mut Context<Self>) {
        self.inputs.push_back(input);
        self.run(ctx);
    }

    /// Tells the app what is to be told, and what is due, until nothing is left; then the workers go to work.
    fn run(&mut self, ctx: &mut Context<Self>) {
        let now = self.clock.now();
        let mut timer_told = false; // an app that always asks for "now" must not keep the others waiting
        while let Some(engine) = &mut self.engine {
            // Looked at here too: a busy mailbox keeps an actor's own timers waiting.
            let is_due = !timer_told && engine.next_alarm().wait(now) == Some(Duration::ZERO);
            let input = match self.inputs.pop_front() {
                Some(input) => input,
                None if is_due => Input::Timer,
                None => break,
            };
            timer_told |= matches!(input, Input::Timer);
            let newcomer = if let Input::Connected(client) = &input { Some(client.id) } else { None };
            self.workers.next_callback(now.steady);
            let mut effects = Vec::new();
            let told = catch_unwind(AssertUnwindSafe(|| engine.step(now, input, &mut effects)));
            match told {
                Ok(()) => {
                    self.perform(effects);
                    newcomer.into_iter().for_each(|client| self.workers.begun(client));
                }
                Err(_) => self.panicked(ctx),
            }
            if self.is_behind {
                self.fell_behind(ctx);
            }
        }
        self.tell_workers(ctx);
        self.set_alarm(now, ctx);
    }

    /// Tells the workers when the mailbox is empty, or when enough is gathered.
    fn tell_workers(&mut self, ctx: &mut Context<Self>) {
        if self.workers.is_full() {
            self.workers.flush();
        } else if !self.workers.is_empty() && !std::mem::replace(&mut self.flush_is_due, true) {
            ctx.notify(FlushWorkers);
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { client, frame } => self.workers.send(client, frame),
                Effect::Broadcast { groups, clients, except, frame } => {
                    self.workers.broadcast(&groups, &clients, except, &frame);
                }
                Effect::All { except, frame } => self.workers.all(except, &frame),
                Effect::Join { client, group } => self.workers.join(client, group),
                Effect::Leave { client, group } => self.workers.leave(client, group),
                Effect::Close { client, close } => self.workers.close(client, close),
                Effect::Done { client, list } => self.workers.done(client, list),
                Effect::Spawn { task } => self.spawn(task),
                Effect::Cancel { task } => self.tasks.cancel(task),
                Effect::Commit { ticket, commit } => self.commit(ticket, commit),
                Effect::Load { ticket, load } => self.load(ticket, load),
            }
        }
    }

    fn commit(&mut self, ticket: Ticket, commit: Commit) {
        match &mut self.journal {
            JournalHandle::Inline(journal) => {
                let outcome = journal.commit_all(vec![commit]).pop();
                let outcome = outcome.unwrap_or_else(|| Outcome::Unavailable("the journal gave no answer".into()));
                match journal.follow() {
                    Ok(others) => self.inputs.extend(others.into_iter().map(Input::Followed)),
                    Err(FellBehind) => self.is_behind = true,
                }
                self.inputs.push_back(Input::Committed(ticket, outcome));
            }
            JournalHandle::Actors { writer, .. } => writer.do_send(Write(ticket, commit)),
        }
    }

    fn spawn(&mut self, id: TaskId) {
        let Some(task) = self.engine.as_mut().and_then(|engine| engine.take_task(id)) else { return };
        if let Err(failure) = self.tasks.spawn(task) {
            warn!("{failure}");
            self.inputs.push_back(Input::TaskEnded(id, Err(failure)));
        }
    }

    fn load(&mut self, ticket: Ticket, load: Load) {
        match &mut self.journal {
            JournalHandle::Inline(journal) => self.inputs.push_back(Input::Loaded(ticket, journal.load(load))),
            JournalHandle::Actors { reader: Some(reader), .. } => reader.do_send(Read(ticket, load)),
            JournalHandle::Actors { writer, .. } => writer.do_send(Read(ticket, load)),
        }
    }

    /// Others have placed something in the journal.
    fn follow(&mut self, followed: Result<Vec<Followed>, FellBehind>, ctx: &mut Context<Self>) {
        match followed {
            Ok(others) => self.inputs.extend(others.into_iter().map(Input::Followed)),
            Err(FellBehind) => self.fell_behind(ctx),
        }
    }

    /// The app can't know what others did meanwhile.
    fn fell_behind(&mut self, ctx: &mut Context<Self>) {
        self.is_behind = false;
        warn!("the app fell behind other writers to its journal: its clients are closed (1012) and it begins anew");
        self.begin_anew(ctx);
    }

    /// A callback panicked: whatever it held half done is thrown away.
    fn panicked(&mut self, ctx: &mut Context<Self>) {
        error!("a callback of the app panicked: its clients are closed (1012) and it begins anew from its journal");
        self.status.app_panicked();
        self.begin_anew(ctx);
    }

    /// Closes the app's clients and begins anew from what is committed.
    fn begin_anew(&mut self, ctx: &mut Context<Self>) {
        self.next_ticket = self.engine.take().map_or(self.next_ticket, |engine| engine.next_ticket());
        self.inputs.clear();
        self.tasks.cancel_all();
        self.workers.discard();
        let (farewell, words) = match self.closing {
            true => (Farewell::Shutdown, "the server is closing"),
            false => (Farewell::Restart, "the server starts again after an error"),
        };
        self.workers.retire(A::farewell(&farewell).as_ref(), &Close::new(Close::RESTART, words));
        self.remake(ctx);
    }

    fn remake(&mut self, ctx: &mut Context<Self>) {
        self.restores += 1;
        let made = self.journal.restore().and_then(|restored| {
            let seed = clock::seed()?;
            let now = self.clock.now();
            let mut effects = Vec::new();
            let engine = catch_unwind(AssertUnwindSafe(|| {
                let mut engine = Engine::new((self.make)(), seed, self.next_ticket);
                engine.step(now, Input::Restored(restored), &mut effects);
                engine
            }));
            engine.map(|engine| (engine, effects)).map_err(|_| "the app panics on what its journal holds".to_owned())
        });
        match made {
            Ok((engine, effects)) => {
                info!("the app is back");
                self.engine = Some(engine);
                self.status.app_is_back();
                self.inputs.extend(self.told.drain(..).map(|told| Input::Told(told.event)));
                self.perform(effects);
            }
            Err(words) => {
                error!("the app can't be made: {words}; trying again");
                self.status.app_is_down(words);
                ctx.run_later(REMAKE_EVERY, |server, ctx| {
                    server.remake(ctx);
                    server.run(ctx);
                });
            }
        }
    }

    /// Returns whether the running app was told of the client.
    fn knows(&self, client: ClientId) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.is_connected(client))
    }

    /// Tidies an inline journal, now and from time to time.
    fn tidy(&mut self, ctx: &mut Context<Self>) {
        if let Some(pause) = self.journal.tidy() {
            ctx.run_later(pause, Self::tidy);
        }
    }

    fn set_alarm(&mut self, now: Now, ctx: &mut Context<Self>) {
        let wanted = self.engine.as_ref().map(Engine::next_alarm);
        if self.alarm.map(|(alarm, _)| alarm) == wanted {
            return;
        }
        if let Some((_, before)) = self.alarm.take() {
            ctx.cancel_future(before);
        }
        let Some((alarm, mut wait)) = wanted.and_then(|alarm| Some((alarm, alarm.wait(now)?))) else { return };
        if alarm.wall.is_some() {
            wait = wait.min(CLOCK_CHECKED_EVERY);
        }
        let timer = ctx.run_later(wait, |server, ctx| {
            server.alarm = None;
            server.run(ctx);
        });
        self.alarm = Some((alarm, timer));
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Actor for ChatServer<A, E> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.journal.wake(ctx.address().recipient());
        self.tidy(ctx);
    }
}

mod handlers;

#[cfg(test)]
mod tests;
