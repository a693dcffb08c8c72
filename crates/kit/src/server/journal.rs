//! The journal's actors: one that writes, on a thread of its own, and one that reads beside it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use actix::{Actor, ActorContext, Addr, Arbiter, AsyncContext, Context, Handler, Message, Recipient};

use super::clock;
use super::messages::{Answered, Committed, Follow, JournalHealth};
use parlor_core::Ticket;
use parlor_core::journal::{Commit, Journal, Load, Loaded, Outcome, Reader, Restored};

/// How an app's journal is reached from its `ChatServer`.
pub(crate) enum JournalHandle {
    /// A journal that never waits is asked on the spot.
    Inline(Box<dyn Journal>),
    /// One that does I/O has threads of its own.
    Actors { writer: Addr<JournalActor>, reader: Option<Addr<ReaderActor>> },
}

impl JournalHandle {
    pub fn actors(journal: Box<dyn Journal>, answers: Answers) -> Self {
        let reader = journal.reader().map(|reader| {
            let answered = answers.answered.clone();
            ReaderActor::start_in_arbiter(&Arbiter::new().handle(), move |_| ReaderActor { reader, answered })
        });
        let writer = JournalActor::start_in_arbiter(&Arbiter::new().handle(), move |_| JournalActor {
            journal,
            answers,
            restores: 0,
            batch: Vec::new(),
            flush_is_due: false,
            is_failing: false,
        });
        JournalHandle::Actors { writer, reader }
    }

    /// Runs one slice of an inline journal's housekeeping. Returns the time until the next one; `None`: the journal's own
    /// actor does it.
    pub fn tidy(&mut self) -> Option<Duration> {
        match self {
            JournalHandle::Inline(journal) => Some(tidy(journal.as_mut())),
            JournalHandle::Actors { .. } => None,
        }
    }

    /// Asks an inline journal to wake its `ChatServer` when others have placed something. One with an actor wakes that.
    pub fn wake(&mut self, server: Recipient<Follow>) {
        match self {
            JournalHandle::Inline(journal) => journal.on_placed(waker(server)),
            JournalHandle::Actors { .. } => {}
        }
    }

    /// Writes what waits, and returns the contents of the journal. Blocks until then.
    pub fn restore(&mut self) -> Result<Restored, String> {
        match self {
            JournalHandle::Inline(journal) => journal.restore(),
            JournalHandle::Actors { writer, .. } => {
                let (answer, restored) = std::sync::mpsc::sync_channel(1);
                writer.do_send(Restore(answer));
                restored.recv().unwrap_or_else(|_| Err("the journal's thread has ended".into()))
            }
        }
    }
}

/// Returns a function that sends [`Follow`].
fn waker(to: Recipient<Follow>) -> Box<dyn Fn() + Send + Sync> {
    Box::new(move || to.do_send(Follow))
}

/// Runs one slice of a journal's housekeeping. Returns the time until the next one.
fn tidy(journal: &mut dyn Journal) -> Duration {
    if journal.tidy(clock::wall_clock()) { SOON } else { PAUSE }
}

/// Where the journal's answers go.
pub(crate) struct Answers {
    pub committed: Recipient<Committed>,
    pub answered: Recipient<Answered>,
    pub health: Recipient<JournalHealth>,
}

/// Writes. What arrives while one batch is being written is the next batch: group commit without a timer.
pub(crate) struct JournalActor {
    journal: Box<dyn Journal>,
    answers: Answers,
    /// The times that it was restored.
    restores: u64,
    /// Bounded by the requests in flight, and written at the latest when it holds [`BATCH_MAX`].
    batch: Vec<(Ticket, Commit)>,
    flush_is_due: bool,
    is_failing: bool,
}

/// Commits in one transaction: enough to make a sync to disk cheap, few enough to answer soon.
const BATCH_MAX: usize = 1024;
/// Between two slices of housekeeping while there is more to do.
const SOON: Duration = Duration::from_millis(50);
/// Between two rounds of housekeeping, and between two looks at a journal that fails.
const PAUSE: Duration = Duration::from_secs(1);
const PANICKED: &str = "the journal panicked";

impl Actor for JournalActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.journal.on_placed(waker(ctx.address().recipient()));
        ctx.notify_later(Tidy, PAUSE);
    }
}

impl JournalActor {
    fn flush(&mut self) {
        self.flush_is_due = false;
        if self.batch.is_empty() {
            return;
        }
        let (tickets, batch): (Vec<_>, Vec<_>) = std::mem::take(&mut self.batch).into_iter().unzip();
        let journal = &mut self.journal;
        let written = catch_unwind(AssertUnwindSafe(|| {
            let outcomes = journal.commit_all(batch);
            (outcomes, journal.follow())
        }));
        let (outcomes, followed) = written.unwrap_or_else(|_| {
            (tickets.iter().map(|_| Outcome::Unavailable(PANICKED.into())).collect(), Ok(Vec::new()))
        });
        self.is_failing =
            outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unavailable(_) | Outcome::Unknown(_)));
        let outcomes = tickets.into_iter().zip(outcomes).collect();
        self.answers.committed.do_send(Committed { restores: self.restores, followed, outcomes });
    }

    /// After a failure, checks whether the cause is gone: readiness must not wait for the next commit.
    fn probe(&mut self) {
        let Err(words) = self.journal.probe() else {
            self.is_failing = false;
            self.answers.health.do_send(JournalHealth(None));
            return;
        };
        self.answers.health.do_send(JournalHealth(Some(words)));
    }
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Write(pub Ticket, pub Commit);

impl Handler<Write> for JournalActor {
    type Result = ();

    fn handle(&mut self, Write(ticket, commit): Write, ctx: &mut Self::Context) {
        self.batch.push((ticket, commit));
        if self.batch.len() >= BATCH_MAX {
            self.flush();
        } else if !std::mem::replace(&mut self.flush_is_due, true) {
            ctx.notify(FlushBatch); // comes when the mailbox is empty
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct FlushBatch;

impl Handler<FlushBatch> for JournalActor {
    type Result = ();

    fn handle(&mut self, _: FlushBatch, _: &mut Self::Context) {
        self.flush();
    }
}

impl Handler<Follow> for JournalActor {
    type Result = ();

    fn handle(&mut self, _: Follow, _: &mut Self::Context) {
        let followed = self.journal.follow();
        if followed.as_ref().is_ok_and(Vec::is_empty) {
            return; // it came with a batch
        }
        self.answers.committed.do_send(Committed { restores: self.restores, followed, outcomes: Vec::new() });
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Tidy;

impl Handler<Tidy> for JournalActor {
    type Result = ();

    fn handle(&mut self, _: Tidy, ctx: &mut Self::Context) {
        if let Some(words) = self.journal.fault() {
            self.is_failing = true;
            self.answers.health.do_send(JournalHealth(Some(words)));
        } else if self.is_failing {
            self.probe();
        }
        let more = !self.is_failing && self.journal.tidy(clock::wall_clock());
        let pause = if more { SOON } else { PAUSE };
        ctx.notify_later(Tidy, pause);
    }
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Read(pub Ticket, pub Load);

impl Handler<Read> for JournalActor {
    type Result = ();

    fn handle(&mut self, Read(ticket, load): Read, _: &mut Self::Context) {
        self.answers.answered.do_send(Answered(ticket, self.journal.load(load)));
    }
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Restore(SyncSender<Result<Restored, String>>);

impl Handler<Restore> for JournalActor {
    type Result = ();

    fn handle(&mut self, Restore(answer): Restore, _: &mut Self::Context) {
        self.flush();
        self.restores += 1;
        let _ = answer.send(self.journal.restore()); // whoever asked may have given up
    }
}

/// Writes what is left and closes the journal; the answer comes when it is closed.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Stop;

impl Handler<Stop> for JournalActor {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        self.flush();
        self.journal = Box::new(Closed);
        ctx.stop();
    }
}

/// Replaces a journal that is closed.
struct Closed;

impl Journal for Closed {
    fn restore(&mut self) -> Result<Restored, String> {
        Err(CLOSED.into())
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        batch.iter().map(|_| Outcome::Unavailable(CLOSED.into())).collect()
    }

    fn load(&mut self, _: Load) -> Loaded {
        Loaded::Unavailable(CLOSED.into())
    }
}

const CLOSED: &str = "the journal is closed";

/// Reads, beside the writer.
pub(crate) struct ReaderActor {
    reader: Box<dyn Reader>,
    answered: Recipient<Answered>,
}

impl Actor for ReaderActor {
    type Context = Context<Self>;
}

impl Handler<Read> for ReaderActor {
    type Result = ();

    fn handle(&mut self, Read(ticket, load): Read, _: &mut Self::Context) {
        self.answered.do_send(Answered(ticket, self.reader.load(load)));
    }
}

impl Handler<Stop> for ReaderActor {
    type Result = ();

    fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
