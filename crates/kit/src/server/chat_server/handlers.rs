//! Handlers of the messages to the `ChatServer`, sent by sessions, workers, its journal, tasks, and those who steer the server.

use actix::Handler;
use log::warn;
use parlor_core::engine::Input;
use parlor_core::journal::Outcome;
use parlor_core::{App, Close, Farewell, Gauge};

use super::ChatServer;
use crate::server::events::Told;
use crate::server::journal::{JournalHandle, Stop};
use crate::server::messages::{
    Answered, AttachWorker, CloseAll, CloseJournal, Committed, Drain, FlushWorkers, Follow, Inbound, JournalHealth,
    Report, Shutdown,
};
use crate::server::tasks::TaskEnded;

impl<A: App<E>, E: Send + Unpin + 'static> Handler<FlushWorkers> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, _: FlushWorkers, _: &mut Self::Context) {
        self.flush_is_due = false;
        self.workers.flush();
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<AttachWorker> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, worker: AttachWorker, _: &mut Self::Context) {
        self.workers.attach(worker);
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Inbound<A::Request>> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, inbound: Inbound<A::Request>, ctx: &mut Self::Context) {
        match inbound {
            Inbound::Connected(client) if self.closing || self.engine.is_none() => {
                let (code, words) = match self.closing {
                    true => (Close::RESTART, "the server is closing"),
                    false => (Close::TRY_LATER, "the server is starting again"),
                };
                self.workers.next_callback(self.clock.now().steady);
                self.workers.close(client.id, Close::new(code, words));
                self.tell_workers(ctx);
            }
            Inbound::Connected(client) => {
                self.workers.client_came(client.id);
                self.take(Input::Connected(client), ctx);
            }
            // A session outlives its app if a callback panics: the new app does not know its client.
            Inbound::Requests(client, requests) => {
                if self.knows(client) {
                    self.inputs.extend(requests.into_iter().map(|request| Input::Request(client, request)));
                    self.run(ctx);
                }
            }
            Inbound::Left(client, close) => {
                if self.knows(client) {
                    self.workers.client_went(client);
                    self.take(Input::Left(client, close), ctx);
                }
            }
        }
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Told<E>> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, told: Told<E>, ctx: &mut Self::Context) {
        if self.engine.is_none() {
            return self.told.push(told);
        }
        let Told { event, permit } = told;
        drop(permit);
        self.take(Input::Told(event), ctx);
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<TaskEnded<E>> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, TaskEnded(task, result): TaskEnded<E>, ctx: &mut Self::Context) {
        self.tasks.ended(task);
        if let Err(failure) = &result {
            warn!("{failure}");
        }
        self.take(Input::TaskEnded(task, result), ctx);
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Drop for ChatServer<A, E> {
    fn drop(&mut self) {
        self.events.close();
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Committed> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, Committed { restores, followed, outcomes }: Committed, ctx: &mut Self::Context) {
        if restores == self.restores {
            self.follow(followed, ctx);
        }
        let fault = outcomes.iter().rev().find_map(|(_, outcome)| match outcome {
            Outcome::Unavailable(words) | Outcome::Unknown(words) => Some(words.clone()),
            Outcome::Committed(_) | Outcome::Conflict => None,
        });
        if !outcomes.is_empty() {
            self.status.journal_answered(fault);
        }
        // Tickets of an app that fell mean nothing to the one after it.
        let outcomes = outcomes.into_iter().filter(|(ticket, _)| ticket.0 >= self.next_ticket);
        self.inputs.extend(outcomes.map(|(ticket, outcome)| Input::Committed(ticket, outcome)));
        self.run(ctx);
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Follow> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, _: Follow, ctx: &mut Self::Context) {
        if let JournalHandle::Inline(journal) = &mut self.journal {
            let followed = journal.follow();
            self.follow(followed, ctx);
            self.run(ctx);
        }
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Answered> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, Answered(ticket, loaded): Answered, ctx: &mut Self::Context) {
        if ticket.0 >= self.next_ticket {
            self.take(Input::Loaded(ticket, loaded), ctx);
        }
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<JournalHealth> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, JournalHealth(fault): JournalHealth, _: &mut Self::Context) {
        self.status.journal_answered(fault);
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Report> for ChatServer<A, E> {
    type Result = Vec<Gauge>;

    fn handle(&mut self, _: Report, _: &mut Self::Context) -> Self::Result {
        self.engine.as_ref().map(|engine| engine.app().gauges()).unwrap_or_default()
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Shutdown> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, _: Shutdown, _: &mut Self::Context) {
        self.closing = true;
        if let Some(farewell) = A::farewell(&Farewell::Shutdown) {
            self.workers.next_callback(self.clock.now().steady);
            self.workers.all(None, &farewell);
            self.workers.flush();
        }
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<Drain> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, Drain { close, part }: Drain, _: &mut Self::Context) {
        self.workers.drain(&close, part);
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<CloseAll> for ChatServer<A, E> {
    type Result = ();

    fn handle(&mut self, how: CloseAll, _: &mut Self::Context) {
        self.workers.close_all(&how);
    }
}

impl<A: App<E>, E: Send + Unpin + 'static> Handler<CloseJournal> for ChatServer<A, E> {
    type Result = actix::ResponseFuture<()>;

    fn handle(&mut self, _: CloseJournal, _: &mut Self::Context) -> Self::Result {
        self.events.close();
        self.tasks.cancel_all();
        let JournalHandle::Actors { writer, reader } = &self.journal else { return Box::pin(async {}) };
        let (writer, reader) = (writer.clone(), reader.clone());
        Box::pin(async move {
            if let Some(reader) = reader {
                let _ = reader.send(Stop).await; // an actor that is gone has stopped
            }
            let _ = writer.send(Stop).await;
        })
    }
}
