//! Writing batches, each by one script.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use redis::{Connection, RedisResult};

use crate::clock::now;
use crate::commit_body::{self, is_empty, is_fleeting};
use crate::entry::{Entry, Position, entries};
use crate::feed::{Fault, Feed, Session};
use crate::follower::page;
use crate::link::{Failure, Link};
use crate::options::{RedisOptions, TimeSource};
use crate::reply::unexpected;
use crate::scripts::{Scripts, run};
use parlor_core::Time;
use parlor_core::journal::{Commit, Ephemeral, Outcome};

/// Entries that the answer to a batch brings at most; the rest is read after it.
const SEEN_MAX: usize = 50;

/// The time for which a batch waits of which nothing is kept: a connection may break without Redis being gone.
const FLEETING: Duration = Duration::from_secs(1);

/// The time that the first wait for replicas takes at most: less than the shortest limit to an answer.
const WAIT_FIRST: Duration = Duration::from_millis(20);

/// Writes for one writer, from its beginning to its end.
pub(crate) struct Writer {
    scripts: Arc<Scripts>,
    feed: Arc<Feed>,
    retain: u64,
    feed_entries: u64,
    wait_replicas: u32,
    patience: Duration,
    time: TimeSource,
    /// The number of the last batch.
    number: u64,
    /// The entry before the last batch: the next that is followed goes up to it.
    pub boundary: Option<u64>,
    /// The last batch that has an entry in the feed: Redis refuses all before it.
    pub fence: Option<u64>,
    /// Ephemerals that could not be placed: the next batch places them.
    owed: BTreeMap<String, Option<Bytes>>,
}

/// The answer to a batch.
struct Answer {
    outcomes: Vec<Outcome>,
    head: u64,
    seen: Vec<Entry>,
    /// The origin of the batch's own entry.
    entry: Option<Arc<str>>,
    /// Replicas that have the batch, if some must.
    replicas: u64,
}

impl Writer {
    pub fn new(scripts: Arc<Scripts>, feed: Arc<Feed>, options: &RedisOptions) -> Self {
        Writer {
            scripts,
            feed,
            retain: options.retain,
            feed_entries: options.feed_entries,
            wait_replicas: options.wait_replicas,
            patience: options.patience,
            time: options.time,
            number: 0,
            boundary: None,
            fence: None,
            owed: BTreeMap::new(),
        }
    }

    /// Forgets what the last writer knew: another begins.
    pub fn begin(&mut self) {
        (self.number, self.boundary, self.fence) = (0, None, None);
        self.owed.clear();
    }

    /// Tells whether ephemerals wait to be placed.
    pub fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Writes a batch. `wall`: the caller's time, for commits that don't say theirs.
    pub fn write(&mut self, link: &mut Link, batch: &[Commit], wall: Time) -> Vec<Outcome> {
        let Some(session) = self.feed.session() else {
            return self.refuse(link, batch, self.feed.fault().unwrap_or(Fault::BEGINS).0, false);
        };
        let began = now();
        let is_fleeting = batch.iter().all(is_fleeting);
        let patience = if is_fleeting { self.patience.min(FLEETING) } else { self.patience };
        let deadline = link.health().deadline(patience);
        if is_fleeting
            && began > deadline
            && let Some(why) = link.health().fault()
        {
            return self.refuse(link, batch, &why, false);
        }
        self.number += 1;
        match self.ask(link, &session, batch, wall, deadline) {
            Ok(Ok(answer)) => self.take(link, &session, batch, answer, began, deadline),
            Ok(Err((fault, may_be_written))) => {
                self.feed.fail(&session.writer, fault);
                self.refuse(link, batch, fault.0, may_be_written)
            }
            Err(failure) => self.refuse(link, batch, &failure.words, failure.was_sent),
        }
    }

    /// Asks until there is an answer. A refusal of the script comes with whether an earlier attempt may have written it.
    fn ask(
        &self,
        link: &mut Link,
        session: &Session,
        batch: &[Commit],
        now: Time,
        deadline: Instant,
    ) -> Result<Result<Answer, (Fault, bool)>, Failure> {
        let mut call = self.scripts.call(&self.scripts.commit);
        call.arg(&*session.writer).arg(self.number).arg(&*session.generation);
        call.arg(session.tail.number).arg(&*session.tail.origin);
        call.arg(self.retain).arg(match self.time {
            TimeSource::Redis => "",
            TimeSource::Caller => "0",
        });
        call.arg(self.feed_entries).arg(SEEN_MAX);
        let owed = self.owes().then(|| {
            let owed = self.owed.iter().map(|(key, value)| Ephemeral { key: key.clone(), value: value.clone() });
            Commit { ephemerals: owed.collect(), ..Commit::default() }
        });
        for commit in owed.iter().chain(batch) {
            let packed = commit_body::pack(commit, now);
            call.arg(packed.conditions).arg(packed.body);
        }
        let mut attempts = 0;
        link.persist(deadline, |connection| {
            attempts += 1;
            let mut parts = run(&call, connection)?;
            if let Some(fault) = Fault::of(&parts.text()?) {
                return Ok(Err((fault, attempts > 1)));
            }
            let mut outcomes = commit_body::outcomes(&parts.bytes()?).ok_or_else(unexpected)?;
            if owed.is_some() && !outcomes.is_empty() {
                outcomes.remove(0);
            }
            let (head, seen, entry) = (parts.number()?, entries(parts.any()?)?, parts.text()?);
            let entry = Some(entry).filter(|entry| !entry.is_empty()).map(Arc::from);
            // Without an answer to this the batch is asked for again, by its number: a new connection waits for its own writes.
            let replicas = if self.wait_replicas > 0 { wait(connection, self.wait_replicas, WAIT_FIRST)? } else { 0 };
            Ok(Ok(Answer { outcomes, head, seen, entry, replicas }))
        })
    }

    /// Takes in what stands before the batch. Only then are its outcomes told.
    fn take(
        &mut self,
        link: &mut Link,
        session: &Session,
        batch: &[Commit],
        answer: Answer,
        began: Instant,
        deadline: Instant,
    ) -> Vec<Outcome> {
        let Answer { outcomes, head, seen, entry, replicas } = answer;
        if outcomes.len() != batch.len() {
            return self.refuse(link, batch, "the answer does not fit the batch", true);
        }
        if let Err(words) = self.catch_up(link, session, seen, head) {
            return self.refuse(link, batch, &words, true);
        }
        if let Err(words) = self.wait_for_replicas(link, replicas, deadline) {
            return self.refuse(link, batch, &words, true);
        }
        if let Some(origin) = entry {
            self.feed.placed(Position { number: head + 1, origin });
            self.fence = Some(self.number);
        }
        self.boundary = Some(head);
        self.owed.clear();
        let counters = link.counters();
        counters.answered(now().duration_since(began));
        for outcome in &outcomes {
            match outcome {
                Outcome::Committed(_) => counters.commits.add(1),
                Outcome::Conflict => counters.conflicts.add(1),
                Outcome::Unavailable(_) | Outcome::Unknown(_) => {}
            }
        }
        outcomes
    }

    /// Has the feed receive all entries up to `head`.
    fn catch_up(&self, link: &mut Link, session: &Session, seen: Vec<Entry>, head: u64) -> Result<(), String> {
        let mut tail = self.feed.push(&session.writer, seen);
        loop {
            match tail {
                None => return Err("this node has fallen behind".into()),
                Some(tail) if tail.number >= head => return Ok(()),
                Some(_) => {}
            }
            let Some(known) = self.feed.session() else { return Err("this node has fallen behind".into()) };
            match page(link, &self.scripts, &known.tail) {
                Ok(Ok(entries)) => tail = self.feed.push(&session.writer, entries),
                Ok(Err(fault)) => {
                    self.feed.fail(&session.writer, fault);
                    tail = None;
                }
                Err(failure) => return Err(failure.words),
            }
        }
    }

    /// Waits until enough replicas have the batch. `have`: as many have it already.
    fn wait_for_replicas(&self, link: &mut Link, mut have: u64, deadline: Instant) -> Result<(), String> {
        while have < u64::from(self.wait_replicas) {
            if now() >= deadline {
                return Err(format!("{have} replicas have the batch, and {} must", self.wait_replicas));
            }
            let time = deadline.saturating_duration_since(now()).min(link.timeout() / 2).max(WAIT_FIRST);
            let waited = link.attempt(|connection| wait(connection, self.wait_replicas, time));
            have = waited.map_err(|failure| failure.words)?;
        }
        Ok(())
    }

    /// Makes the outcomes of a batch that was not answered, or whose answer is of no use.
    fn refuse(&mut self, link: &Link, batch: &[Commit], words: &str, may_be_written: bool) -> Vec<Outcome> {
        if may_be_written {
            self.feed.lost_answer(self.number);
        }
        for Ephemeral { key, value } in batch.iter().flat_map(|commit| &commit.ephemerals) {
            self.owed.insert(key.clone(), value.clone());
        }
        let outcome = |commit: &Commit| {
            if may_be_written && !is_empty(commit) {
                link.counters().unknown.add(1);
                Outcome::Unknown(words.to_owned())
            } else {
                link.counters().unavailable.add(1);
                Outcome::Unavailable(words.to_owned())
            }
        };
        batch.iter().map(outcome).collect()
    }
}

fn wait(connection: &mut Connection, replicas: u32, time: Duration) -> RedisResult<u64> {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    redis::cmd("WAIT").arg(replicas).arg(millis).query(connection)
}
