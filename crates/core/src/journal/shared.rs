//! One journal in memory for several writers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::model::{Commit, FellBehind, Followed, Load, Loaded, Outcome, Restored};
use super::{Journal, MemoryJournal};
use crate::time::Time;

/// A writer to a [`MemoryJournal`] that it shares with others, as servers on several machines share a database: for tests of
/// apps that run on more than one.
///
/// ```
/// use parlor_core::journal::{Append, Commit, Expect, Journal, LogName, MemoryJournal, SharedJournal};
///
/// let mut here = SharedJournal::new(MemoryJournal::new(100));
/// let mut there = here.another();
/// let append = Append {
///     log: LogName::new("room/tea"),
///     expect: Expect::Anything,
///     epoch: "first".into(),
///     at: parlor_core::Time(1),
///     records: vec!["hello".into()],
///     state: None,
///     expires_at: None,
/// };
/// here.commit_all(vec![Commit { appends: vec![append], ..Commit::default() }]);
/// let followed = there.follow()?;
/// assert_eq!(followed[0].appends[0].records, ["hello"]);
/// assert!(here.follow()?.is_empty(), "its own commits are no news");
/// # Ok::<(), parlor_core::journal::FellBehind>(())
/// ```
pub struct SharedJournal {
    shared: Arc<Mutex<Shared>>,
    writer: usize,
    /// The commits that this writer has heard of.
    known: u64,
    /// Commits of others that stand before the last batch, until they are asked for.
    before_batch: Option<Vec<Followed>>,
}

struct Shared {
    journal: MemoryJournal,
    /// The newest commits with their writers.
    feed: VecDeque<(usize, Followed)>,
    /// Commits that are not in `feed` any more.
    forgotten: u64,
    /// Times that an older copy was put back.
    generation: u64,
    /// Commits that `feed` keeps.
    keeps: usize,
    /// A function for each writer, which wakes it.
    wakes: Vec<Option<Box<dyn Fn() + Send + Sync>>>,
}

impl SharedJournal {
    /// Commits that are kept for writers that have not heard of them.
    pub const FEED: usize = 10_000;

    /// Makes the first writer to `journal`.
    pub fn new(journal: MemoryJournal) -> Self {
        Self::with_feed(journal, Self::FEED)
    }

    /// Makes the first writer to `journal`. A writer that has not heard of `keeps` commits, at least 1, has fallen behind.
    pub fn with_feed(journal: MemoryJournal, keeps: usize) -> Self {
        let feed = VecDeque::new();
        let (forgotten, generation, keeps, wakes) = (0, 0, keeps.max(1), vec![None]);
        let shared = Shared { journal, feed, forgotten, generation, keeps, wakes };
        SharedJournal { shared: Arc::new(Mutex::new(shared)), writer: 0, known: 0, before_batch: None }
    }

    /// Makes another writer, which has heard of everything so far.
    pub fn another(&self) -> Self {
        let mut shared = self.lock();
        shared.wakes.push(None);
        let (writer, known) = (shared.wakes.len() - 1, shared.end());
        SharedJournal { shared: self.shared.clone(), writer, known, before_batch: None }
    }

    /// Returns a copy of the journal as it is now, as a backup or a replica that lags behind is one.
    pub fn copy(&self) -> MemoryJournal {
        self.lock().journal.clone()
    }

    /// Puts an older copy in the place of the journal, as a failover does that loses what was acknowledged. All writers have
    /// fallen behind, and the [generation](Restored::generation) is another.
    pub fn put_back(&self, copy: MemoryJournal) {
        let mut shared = self.lock();
        shared.journal = copy;
        shared.forgotten = shared.end() + 1;
        shared.feed.clear();
        shared.generation += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// The number of commits so far.
    fn end(&self) -> u64 {
        self.forgotten + self.feed.len() as u64
    }

    /// The commits after the first `known`, but for the writer's own.
    fn others(&self, writer: usize, known: u64) -> Result<Vec<Followed>, FellBehind> {
        let from = known.checked_sub(self.forgotten).ok_or(FellBehind)? as usize;
        let new = self.feed.iter().skip(from);
        Ok(new.filter(|(by, _)| *by != writer).map(|(_, followed)| followed.clone()).collect())
    }

    fn commit(&mut self, writer: usize, commit: Commit) -> Outcome {
        let outcome = self.journal.commit_all(vec![commit.clone()]).pop().unwrap_or(Outcome::Conflict);
        if let Outcome::Committed(placed) = &outcome {
            self.feed.push_back((writer, Followed::new(commit, placed.clone())));
            if self.feed.len() > self.keeps {
                self.feed.pop_front();
                self.forgotten += 1;
            }
        }
        outcome
    }
}

impl Journal for SharedJournal {
    fn restore(&mut self) -> Result<Restored, String> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        self.known = shared.end();
        self.before_batch = None;
        let restored = shared.journal.restore()?;
        let generation = if shared.generation == 0 { String::new() } else { shared.generation.to_string() };
        Ok(Restored { generation, ..restored })
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(others) = shared.others(self.writer, self.known) else {
            return vec![Outcome::Unavailable("this writer has fallen behind the others".into()); batch.len()];
        };
        self.before_batch.get_or_insert_default().extend(others);
        let outcomes = batch.into_iter().map(|commit| shared.commit(self.writer, commit)).collect();
        self.known = shared.end();
        for (writer, wake) in shared.wakes.iter().enumerate() {
            if let Some(wake) = wake.as_ref().filter(|_| writer != self.writer) {
                wake();
            }
        }
        outcomes
    }

    fn follow(&mut self) -> Result<Vec<Followed>, FellBehind> {
        if let Some(before_batch) = self.before_batch.take() {
            return Ok(before_batch);
        }
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let others = shared.others(self.writer, self.known)?;
        self.known = shared.end();
        Ok(others)
    }

    fn on_placed(&mut self, wake: Box<dyn Fn() + Send + Sync>) {
        wake(); // for what was placed before
        if let Some(mine) = self.lock().wakes.get_mut(self.writer) {
            *mine = Some(wake);
        }
    }

    fn load(&mut self, load: Load) -> Loaded {
        self.lock().journal.load(load)
    }

    fn tidy(&mut self, now: Time) -> bool {
        self.lock().journal.tidy(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Append, Expect, LogName};

    fn say(journal: &mut SharedJournal, text: &'static str) -> Outcome {
        let append = Append {
            log: LogName::new("log"),
            expect: Expect::Anything,
            epoch: "epoch".into(),
            at: Time(1),
            records: vec![text.into()],
            state: None,
            expires_at: None,
        };
        journal.commit_all(vec![Commit { appends: vec![append], ..Commit::default() }]).remove(0)
    }

    fn heard(journal: &mut SharedJournal) -> Vec<String> {
        let followed = journal.follow().unwrap().into_iter();
        let records = followed.flat_map(|followed| followed.appends).flat_map(|append| append.records);
        records.map(|record| String::from_utf8_lossy(&record).into_owned()).collect()
    }

    #[test]
    fn others_come_in_order_and_those_after_a_batch_after_it() {
        let mut here = SharedJournal::new(MemoryJournal::new(100));
        let mut there = here.another();
        say(&mut there, "1");
        say(&mut here, "2");
        say(&mut there, "3");
        assert_eq!(heard(&mut here), ["1"], "what stands before its own");
        assert_eq!(heard(&mut here), ["3"]);
        assert_eq!(heard(&mut there), ["2"]);
        assert!(heard(&mut here).is_empty() && heard(&mut there).is_empty());
    }

    #[test]
    fn an_older_copy_is_another_generation_for_everybody() {
        let mut here = SharedJournal::new(MemoryJournal::new(100));
        let mut there = here.another();
        say(&mut here, "1");
        let copy = here.copy();
        say(&mut here, "2");
        here.put_back(copy);
        for writer in [&mut here, &mut there] {
            assert!(matches!(say(writer, "3"), Outcome::Unavailable(_)));
            let _ = writer.follow(); // perhaps what stood before a batch that was written
            assert_eq!(writer.follow(), Err(FellBehind));
            assert_eq!(writer.restore().unwrap().generation, "1");
        }
        let Outcome::Committed(placed) = say(&mut there, "4") else { panic!("refused") };
        assert_eq!(placed[0].first, 2);
    }

    #[test]
    fn who_slept_too_long_writes_nothing_until_they_begin_anew() {
        let mut here = SharedJournal::with_feed(MemoryJournal::new(100), 2);
        let mut there = here.another();
        for text in ["1", "2", "3"] {
            say(&mut here, text);
            assert!(heard(&mut here).is_empty());
        }
        assert!(matches!(say(&mut there, "late"), Outcome::Unavailable(_)));
        assert_eq!(there.follow(), Err(FellBehind));
        there.restore().unwrap();
        assert!(matches!(say(&mut there, "4"), Outcome::Committed(_)));
        assert_eq!(heard(&mut here), ["4"]);
    }
}
