//! The entries of the feed that were received and not yet taken by the app.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use parlor_core::journal::{Followed, WriterName};

use crate::entry::{Entry, Position, Told};
use crate::figures::Counters;

/// Bytes of entries that wait for the app before the follower pauses. An app that takes none for long falls behind.
const BYTES_MAX: usize = 16 << 20;

/// The feed, as one writer knows it. Entries come from the follower's thread and with the answers to commits, and are taken
/// in order and without a gap, whoever brings them.
pub(crate) struct Feed {
    state: Mutex<State>,
    /// Something that a thread may wait for is another.
    changed: Condvar,
    wake: Mutex<Option<Wake>>,
    counters: Arc<Counters>,
}

type Wake = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct State {
    session: Option<Session>,
    items: VecDeque<Item>,
    bytes: usize,
    /// Numbers of the writer's batches whose answers were lost, and that may yet come.
    unknown: BTreeSet<u64>,
    fault: Option<Fault>,
    /// A writer has begun since the nodes were listed.
    has_newcomer: bool,
    is_over: bool,
}

impl State {
    fn fault(&self) -> Option<Fault> {
        self.fault.or_else(|| self.session.is_none().then_some(Fault::BEGINS))
    }
}

/// A writer from its beginning to its end, and the newest entry that it has received.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub writer: WriterName,
    pub generation: Arc<str>,
    pub tail: Position,
}

/// The reason why a writer has fallen behind, for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub &'static str);

impl Fault {
    pub const DAMAGED: Fault = Fault("the feed holds an entry that can't be read");
    pub const ENDED: Fault = Fault("another node has ended this one, which was not heard of for its lease");
    pub const GENERATION: Fault = Fault("the generation has changed");
    pub const LOST: Fault = Fault("Redis has lost entries that this node knows of");
    pub const BEHIND: Fault = Fault("the feed does not reach back to what this node knows");
    pub const BEGINS: Fault = Fault("this node begins anew");
    pub const STALE: Fault = Fault("Redis knows of a later batch of this node");

    /// The fault that a script's status names; `None` for `OK`.
    pub fn of(status: &str) -> Option<Fault> {
        match status {
            "OK" => None,
            "LATE" => Some(Fault::ENDED),
            "GEN" => Some(Fault::GENERATION),
            "LOST" => Some(Fault::LOST),
            "BEHIND" => Some(Fault::BEHIND),
            _ => Some(Fault::STALE),
        }
    }
}

struct Item {
    number: u64,
    size: usize,
    what: What,
}

enum What {
    News(Vec<Followed>),
    /// A writer has begun.
    Newcomer,
    /// A batch of this writer: news only if its answer was lost.
    Own(Entry),
}

impl Feed {
    pub fn new(counters: Arc<Counters>) -> Self {
        Feed { state: Mutex::default(), changed: Condvar::new(), wake: Mutex::default(), counters }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A writer begins, and knows all up to its tail.
    pub fn begin(&self, session: Session) {
        self.counters.feed_head.set(session.tail.number);
        let mut state = self.state();
        *state = State { session: Some(session), is_over: state.is_over, ..State::default() };
        self.changed.notify_all();
    }

    /// Forgets all, until a writer begins.
    pub fn pause(&self) {
        let mut state = self.state();
        *state = State { is_over: state.is_over, ..State::default() };
        self.changed.notify_all();
    }

    /// Ends all threads that wait.
    pub fn end(&self) {
        let mut state = self.state();
        *state = State { is_over: true, ..State::default() };
        self.changed.notify_all();
    }

    /// The writer, unless it has fallen behind.
    pub fn session(&self) -> Option<Session> {
        let state = self.state();
        state.session.clone().filter(|_| state.fault.is_none())
    }

    /// The newest entry that was received, also by a writer that has fallen behind.
    pub fn tail(&self) -> Option<Position> {
        self.state().session.as_ref().map(|session| session.tail.clone())
    }

    /// Waits for a writer that is not behind. `None`: it is over.
    pub fn wait_for_session(&self) -> Option<Session> {
        self.wait_while(|state| state.session.is_none() || state.fault.is_some())
    }

    /// The same, for one whose entries have room.
    pub fn wait_for_room(&self) -> Option<Session> {
        self.wait_while(|state| state.session.is_none() || state.fault.is_some() || state.bytes > BYTES_MAX)
    }

    fn wait_while(&self, is_bad: impl Fn(&State) -> bool) -> Option<Session> {
        let must_wait = |state: &mut State| !state.is_over && is_bad(state);
        let waited = self.changed.wait_while(self.state(), must_wait).unwrap_or_else(PoisonError::into_inner);
        waited.session.clone().filter(|_| !waited.is_over)
    }

    /// Waits for the time, or until it is over, or another writer has begun here or on another node.
    pub fn wait(&self, writer: &WriterName, time: Duration) {
        let is_same = |state: &mut State| {
            let is_session = state.session.as_ref().is_none_or(|session| session.writer == *writer);
            !state.is_over && is_session && !state.has_newcomer
        };
        let waited = self.changed.wait_timeout_while(self.state(), time, is_same);
        waited.unwrap_or_else(PoisonError::into_inner).0.has_newcomer = false;
    }

    /// Notes that a writer has fallen behind.
    pub fn fail(&self, writer: &WriterName, fault: Fault) {
        {
            let mut state = self.state();
            if state.fault.is_some() || state.session.as_ref().is_none_or(|session| session.writer != *writer) {
                return;
            }
            log::warn!("this node begins anew: {}", fault.0);
            state.fault = Some(fault);
            self.counters.fallen_behind.add(1);
            self.changed.notify_all();
        }
        self.wake();
    }

    pub fn fault(&self) -> Option<Fault> {
        self.state().fault()
    }

    /// Takes in entries for a writer: those that it has are skipped. Returns its tail; `None`: it has fallen behind, or it is
    /// not this one any more.
    pub fn push(&self, writer: &WriterName, entries: Vec<Entry>) -> Option<Position> {
        let mut fault = None;
        let mut read = Vec::with_capacity(entries.len());
        for mut entry in entries {
            let (at, after) = (entry.at.clone(), std::mem::take(&mut entry.after));
            match Item::of(entry, writer) {
                Ok(item) => read.push((at, after, item)),
                Err(why) => {
                    fault = Some(why);
                    break;
                }
            }
        }
        let (tail, has_news) = {
            let mut state = self.state();
            let State { session, items, bytes, unknown, has_newcomer, .. } = &mut *state;
            let session = session.as_mut().filter(|session| session.writer == *writer)?;
            let mut has_news = false;
            for (at, after, item) in read {
                if at.number <= session.tail.number {
                    continue;
                }
                if at.number != session.tail.number + 1 || *after != *session.tail.origin {
                    fault = Some(if at.number == session.tail.number + 1 { Fault::LOST } else { Fault::BEHIND });
                    break;
                }
                session.tail = at;
                *bytes += item.size;
                if matches!(&item.what, What::Newcomer) {
                    *has_newcomer = true;
                    self.changed.notify_all();
                }
                has_news |= match &item.what {
                    What::News(_) => {
                        self.counters.entries.add(1);
                        true
                    }
                    What::Own(entry) => unknown.contains(&entry.batch),
                    What::Newcomer => false,
                };
                items.push_back(item);
            }
            self.counters.feed_head.raise_to(session.tail.number);
            (session.tail.clone(), has_news)
        };
        if has_news {
            self.wake();
        }
        match fault {
            Some(fault) => {
                self.fail(writer, fault);
                None
            }
            None => Some(tail),
        }
    }

    /// Takes note of the writer's own entry, which its commit has placed and whose outcomes it is told.
    pub fn placed(&self, at: Position) {
        let mut state = self.state();
        if let Some(session) = &mut state.session
            && at.number == session.tail.number + 1
        {
            self.counters.feed_head.raise_to(at.number);
            session.tail = at;
        }
    }

    /// Notes that the answer to a batch of the writer was lost: if it comes, it is news.
    pub fn lost_answer(&self, batch: u64) {
        self.state().unknown.insert(batch);
        self.wake(); // it may be here already
    }

    /// Notes that batches before this one that did not come will never do: Redis refuses them.
    pub fn fence(&self, batch: u64) {
        self.state().unknown.retain(|unknown| *unknown > batch);
    }

    /// Takes the commits up to an entry (`None`: all), but for the writer's own whose outcomes it has been told.
    pub fn take(&self, until: Option<u64>) -> Result<Vec<Followed>, Fault> {
        let mut followed = Vec::new();
        let has_more = {
            let mut state = self.state();
            if until.is_none()
                && let Some(fault) = state.fault()
            {
                return Err(fault);
            }
            let until = until.unwrap_or(u64::MAX);
            while let Some(item) = state.items.pop_front_if(|item| item.number <= until) {
                state.bytes -= item.size;
                match item.what {
                    What::News(news) => followed.extend(news),
                    What::Own(entry) if state.unknown.remove(&entry.batch) => {
                        followed.extend(entry.followed().unwrap_or_default());
                    }
                    What::Own(_) | What::Newcomer => {}
                }
            }
            self.changed.notify_all();
            !state.items.is_empty()
        };
        if has_more {
            self.wake();
        }
        Ok(followed)
    }

    /// Entries that wait for the app, and the newest one that was received.
    pub fn waiting(&self) -> (u64, u64) {
        let state = self.state();
        (state.items.len() as u64, state.session.as_ref().map_or(0, |session| session.tail.number))
    }

    /// Sets the function that is called when there is something to take; at once, if there is something.
    pub fn on_news(&self, wake: Box<dyn Fn() + Send + Sync>) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(wake.into());
        let has_news = {
            let state = self.state();
            !state.items.is_empty() || state.fault.is_some()
        };
        if has_news {
            self.wake();
        }
    }

    fn wake(&self) {
        let wake = self.wake.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(wake) = wake {
            wake();
        }
    }
}

impl Item {
    fn of(entry: Entry, me: &WriterName) -> Result<Item, Fault> {
        let (number, size) = (entry.at.number, entry.size());
        let what = match &entry.told {
            Told::Batch { .. } if entry.writer == *me => What::Own(entry),
            Told::Ended(ended) if ended == me => return Err(Fault::ENDED),
            Told::Generation => return Err(Fault::GENERATION),
            Told::Began => What::Newcomer,
            Told::Batch { .. } | Told::Ended(_) => What::News(entry.followed().ok_or(Fault::DAMAGED)?),
        };
        Ok(Item { number, size, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64) -> Position {
        Position { number, origin: format!("o{number}").into() }
    }

    fn entry(number: u64, writer: &str, batch: u64) -> Entry {
        let (places, commits) = (vec![0x91, 0x90], [&[0x91, 0xd9, 8, 0x97][..], &[0x90; 5], &[0x90, 0xc0]].concat());
        let told = Told::Batch { places, commits };
        Entry { at: at(number), after: format!("o{}", number - 1), writer: writer.into(), batch, time_ms: 0, told }
    }

    fn feed() -> Feed {
        let feed = Feed::new(Arc::default());
        feed.begin(Session { writer: "me".into(), generation: "g".into(), tail: at(3) });
        feed
    }

    fn writers(taken: Result<Vec<Followed>, Fault>) -> Vec<String> {
        taken.unwrap().into_iter().map(|followed| followed.writer.to_string()).collect()
    }

    #[test]
    fn entries_are_taken_once_and_in_order_whoever_brings_them() {
        let (feed, me) = (feed(), WriterName::from("me"));
        assert_eq!(feed.push(&me, vec![entry(4, "a", 1), entry(5, "b", 1)]), Some(at(5)));
        assert_eq!(feed.push(&me, vec![entry(3, "x", 1), entry(5, "b", 1), entry(6, "me", 1)]), Some(at(6)));
        feed.placed(at(6));
        assert_eq!(feed.push(&me, vec![entry(7, "c", 1)]), Some(at(7)));
        assert_eq!(writers(feed.take(Some(5))), ["a", "b"]);
        assert_eq!(writers(feed.take(None)), ["c"]);
    }

    #[test]
    fn own_entries_are_news_if_their_answers_were_lost() {
        let (feed, me) = (feed(), WriterName::from("me"));
        feed.lost_answer(8);
        feed.push(&me, vec![entry(4, "me", 7), entry(5, "me", 8), entry(6, "me", 9)]);
        assert_eq!(writers(feed.take(None)), ["me"]);
        feed.lost_answer(10);
        feed.fence(11);
        feed.push(&me, vec![entry(7, "me", 10), entry(8, "me", 11)]);
        assert!(writers(feed.take(None)).is_empty());
    }

    #[test]
    fn a_gap_and_another_past_are_seen() {
        let me = WriterName::from("me");
        let another = Entry { after: "else".into(), ..entry(4, "a", 1) };
        for (next, fault) in [(entry(5, "a", 1), Fault::BEHIND), (another, Fault::LOST)] {
            let feed = feed();
            assert_eq!(feed.push(&me, vec![next]), None);
            assert_eq!(feed.take(None), Err(fault));
            assert!(feed.session().is_none());
            feed.begin(Session { writer: "again".into(), generation: "g".into(), tail: at(9) });
            assert!(feed.session().is_some());
            assert_eq!(feed.push(&me, vec![entry(10, "a", 1)]), None, "that writer has ended");
        }
    }

    #[test]
    fn a_writer_that_was_ended_hears_of_it() {
        let (feed, me) = (feed(), WriterName::from("me"));
        let ended = |writer: &str, number| Entry { told: Told::Ended(writer.into()), ..entry(number, "", 1) };
        assert_eq!(feed.push(&me, vec![ended("a", 4), ended("me", 5)]), None);
        assert_eq!(feed.take(None), Err(Fault::ENDED));
    }
}
