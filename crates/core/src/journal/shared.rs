//! One journal in memory for several writers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::model::{Commit, Ephemeral, FellBehind, Followed, Load, Loaded, Outcome, Restored, SharedWith, WriterName};
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
    name: WriterName,
    /// The commits that this writer has heard of.
    known: u64,
    /// Commits of others that stand before the last batch, until they are asked for.
    before_batch: Option<Vec<Followed>>,
    /// Commits of its own whose answers were lost.
    unknown: BTreeSet<u64>,
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
    wakes: Vec<Option<Wake>>,
    /// Writers that have begun and not ended, with their ephemerals.
    writers: BTreeMap<WriterName, BTreeMap<String, Bytes>>,
    /// Times that a writer has begun.
    begun: u64,
    /// Writers whose answers are lost.
    deaf: BTreeSet<usize>,
    /// The name of each writer.
    names: Vec<WriterName>,
}

/// Bad luck for one writer to a [`SharedJournal`], from outside.
#[derive(Clone)]
pub struct WriterFaults {
    shared: Arc<Mutex<Shared>>,
    writer: usize,
}

type Wake = Box<dyn Fn() + Send + Sync>;

impl SharedJournal {
    /// Commits that are kept for writers that have not heard of them.
    pub const FEED: usize = 10_000;

    /// Makes the first writer to `journal`.
    pub fn new(journal: MemoryJournal) -> Self {
        Self::with_feed(journal, Self::FEED)
    }

    /// Makes the first writer to `journal`. A writer that has not heard of `keeps` commits, at least 1, has fallen behind.
    pub fn with_feed(journal: MemoryJournal, keeps: usize) -> Self {
        let shared = Shared {
            journal,
            feed: VecDeque::new(),
            forgotten: 0,
            generation: 0,
            keeps: keeps.max(1),
            wakes: Vec::new(),
            writers: BTreeMap::new(),
            begun: 0,
            deaf: BTreeSet::new(),
            names: Vec::new(),
        };
        Self::writer(Arc::new(Mutex::new(shared)))
    }

    /// Makes another writer, which has heard of everything so far.
    pub fn another(&self) -> Self {
        Self::writer(Arc::clone(&self.shared))
    }

    fn writer(shared: Arc<Mutex<Shared>>) -> Self {
        let (writer, name, known) = {
            let mut shared = lock(&shared);
            let writer = shared.wakes.len();
            shared.wakes.push(None);
            shared.names.push(WriterName::default());
            (writer, shared.begin(writer), shared.end())
        };
        SharedJournal { shared, writer, name, known, before_batch: None, unknown: BTreeSet::new() }
    }

    /// Returns a way to bring bad luck to this writer, for as long as there are writers.
    pub fn faults(&self) -> WriterFaults {
        WriterFaults { shared: Arc::clone(&self.shared), writer: self.writer }
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
        shared.writers.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

impl WriterFaults {
    /// Ends the writer as the others see it, as if they had not heard of it for too long.
    pub fn expire(&self) {
        let mut shared = lock(&self.shared);
        if let Some(name) = shared.names.get(self.writer).cloned() {
            shared.end_writer(&name);
        }
    }

    /// From now on the writer's commits are written and their answers are lost, or no longer so: [`Outcome::Unknown`].
    pub fn lose_answers(&self, loses: bool) {
        let mut shared = lock(&self.shared);
        if loses {
            shared.deaf.insert(self.writer)
        } else {
            shared.deaf.remove(&self.writer)
        };
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The number of commits so far.
    fn end(&self) -> u64 {
        self.forgotten + self.feed.len() as u64
    }

    /// The commits after the first `known`, but for the writer's own whose outcomes it has been told.
    fn others(&self, writer: usize, known: u64, unknown: &BTreeSet<u64>) -> Result<Vec<Followed>, FellBehind> {
        let from = known.checked_sub(self.forgotten).ok_or(FellBehind)? as usize;
        let new = self.feed.iter().zip(self.forgotten..).skip(from);
        let is_news = |(by, number): (usize, u64)| by != writer || unknown.contains(&number);
        Ok(new.filter(|((by, _), number)| is_news((*by, *number))).map(|((_, followed), _)| followed.clone()).collect())
    }

    fn commit(&mut self, writer: usize, name: &WriterName, commit: Commit) -> Outcome {
        let outcome = self.journal.commit_all(vec![commit.clone()]).pop().unwrap_or(Outcome::Conflict);
        if let Outcome::Committed(placed) = &outcome
            && commit != Commit::default()
        {
            let mine = self.writers.entry(name.clone()).or_default();
            for Ephemeral { key, value } in &commit.ephemerals {
                match value {
                    Some(value) => mine.insert(key.clone(), value.clone()),
                    None => mine.remove(key),
                };
            }
            self.feed(writer, Followed::new(name.clone(), commit, placed.clone()));
        }
        outcome
    }

    fn feed(&mut self, writer: usize, followed: Followed) {
        self.feed.push_back((writer, followed));
        if self.feed.len() > self.keeps {
            self.feed.pop_front();
            self.forgotten += 1;
        }
    }

    /// A writer begins, under a name of its own.
    fn begin(&mut self, writer: usize) -> WriterName {
        let name = WriterName::from(format!("{writer}:{}", self.begun));
        self.begun += 1;
        self.writers.insert(name.clone(), BTreeMap::new());
        self.names[writer] = name.clone();
        name
    }

    /// A writer has ended: it writes nothing more. The others hear of it, if they have heard of its ephemerals.
    fn end_writer(&mut self, name: &WriterName) {
        if self.writers.remove(name).is_some_and(|ephemerals| !ephemerals.is_empty()) {
            let followed = Followed { ended: vec![name.clone()], ..Followed::default() };
            self.feed(usize::MAX, followed);
            self.wake(usize::MAX);
        }
    }

    /// Wakes all writers but one.
    fn wake(&self, but: usize) {
        for (_, wake) in self.wakes.iter().enumerate().filter(|(writer, _)| *writer != but) {
            wake.iter().for_each(|wake| wake());
        }
    }
}

impl Journal for SharedJournal {
    fn restore(&mut self) -> Result<Restored, String> {
        let mut shared = lock(&self.shared);
        shared.end_writer(&self.name);
        let others = shared.writers.iter();
        let ephemerals = others
            .flat_map(|(writer, values)| values.iter().map(|(key, value)| (writer.clone(), key.clone(), value.clone())))
            .collect();
        self.name = shared.begin(self.writer);
        (self.known, self.before_batch) = (shared.end(), None);
        self.unknown.clear();
        let restored = shared.journal.restore()?;
        let generation = if shared.generation == 0 { String::new() } else { shared.generation.to_string() };
        Ok(Restored { generation, shared: Some(SharedWith { writer: self.name.clone(), ephemerals }), ..restored })
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        let mut shared = lock(&self.shared);
        let has_ended = !shared.writers.contains_key(&self.name);
        let others = shared.others(self.writer, self.known, &self.unknown);
        let Some(others) = others.ok().filter(|_| !has_ended) else {
            return vec![Outcome::Unavailable("this writer has fallen behind the others".into()); batch.len()];
        };
        self.before_batch.get_or_insert_default().extend(others);
        let before = shared.end();
        let outcomes =
            batch.into_iter().map(|commit| shared.commit(self.writer, &self.name, commit)).collect::<Vec<_>>();
        shared.wake(self.writer);
        if shared.deaf.contains(&self.writer) {
            self.known = before;
            self.unknown = (before..shared.end()).collect();
            return vec![Outcome::Unknown("the answer was lost".into()); outcomes.len()];
        }
        self.known = shared.end();
        outcomes
    }

    fn follow(&mut self) -> Result<Vec<Followed>, FellBehind> {
        if let Some(before_batch) = self.before_batch.take() {
            return Ok(before_batch);
        }
        let shared = lock(&self.shared);
        if !shared.writers.contains_key(&self.name) {
            return Err(FellBehind);
        }
        let others = shared.others(self.writer, self.known, &self.unknown)?;
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

impl Drop for SharedJournal {
    fn drop(&mut self) {
        self.lock().end_writer(&self.name);
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

    fn with_ephemeral(key: &str, value: Option<&'static str>) -> Vec<Commit> {
        let ephemeral = Ephemeral { key: key.into(), value: value.map(Into::into) };
        vec![Commit { ephemerals: vec![ephemeral], ..Commit::default() }]
    }

    #[test]
    fn ephemerals_end_with_their_writer() {
        let mut here = SharedJournal::new(MemoryJournal::new(100));
        let mut there = here.another();
        let ended = |followed: Vec<Followed>| followed.into_iter().flat_map(|it| it.ended).collect::<Vec<_>>();
        for (key, value) in [("ann", Some("here")), ("bo", Some("here")), ("bo", None)] {
            here.commit_all(with_ephemeral(key, value));
        }
        let followed = there.follow().unwrap();
        let writer = followed[0].writer.clone();
        assert!(followed.iter().all(|followed| followed.writer == writer && followed.ephemerals.len() == 1));
        let restored = there.restore().unwrap().shared.unwrap();
        assert_eq!(restored.ephemerals, [(writer.clone(), "ann".to_owned(), Bytes::from_static(b"here"))]);

        here.restore().unwrap();
        assert_eq!(ended(there.follow().unwrap()), [writer]);
        here.commit_all(with_ephemeral("ann", Some("again")));
        here.follow().unwrap();
        here.faults().expire();
        assert!(matches!(say(&mut here, "late"), Outcome::Unavailable(_)));
        assert_eq!(here.follow(), Err(FellBehind));
        assert_eq!(ended(there.follow().unwrap()).len(), 1);
        here.restore().unwrap();
        here.commit_all(with_ephemeral("ann", Some("once more")));
        drop(here);
        assert_eq!(ended(there.follow().unwrap()).len(), 1);
    }

    #[test]
    fn whose_answer_is_lost_hears_of_it_as_of_others() {
        let mut here = SharedJournal::new(MemoryJournal::new(100));
        let mut there = here.another();
        say(&mut there, "1");
        here.faults().lose_answers(true);
        assert!(matches!(say(&mut here, "2"), Outcome::Unknown(_)));
        here.faults().lose_answers(false);
        assert_eq!(heard(&mut here), ["1"]);
        say(&mut there, "3");
        say(&mut here, "4");
        assert_eq!(heard(&mut here), ["2", "3"]);
        assert!(heard(&mut here).is_empty());
    }
}
