//! The journal in memory: it keeps nothing beyond the process.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::time::Duration;

use bytes::Bytes;

use super::model::{
    Amend, Append, Commit, End, Expect, Load, Loaded, LogName, LogState, Outcome, Page, PageOf, Placed, Put, Restored,
};
use super::{Journal, RunningClock};
use crate::time::Time;

/// Logs and values in memory. Each log keeps its newest records, and no more than [`LOG_BYTES`](MemoryJournal::LOG_BYTES) of
/// them. What has expired goes when [`tidy`](Journal::tidy) is called.
///
/// ```
/// # use parlor_core::{*, harness::Harness, journal::MemoryJournal};
/// # struct Chat;
/// # impl App for Chat {
/// #     type Request = String;
/// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
/// #     fn message_received(&mut self, _: ClientId, text: String, hub: &mut Hub<'_>) { hub.append("chat", text); hub.load(Load::newest("chat", 50)); }
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
/// #     fn loaded(&mut self, _: Ticket, loaded: Loaded, hub: &mut Hub<'_>) {
/// #         if let Loaded::Page(page) = loaded { hub.send_all(format!("{} to {}", page.first, page.head)) }
/// #     }
/// # }
/// let mut server = Harness::with_journal(Chat, 1, Box::new(MemoryJournal::new(2)));
/// let ann = server.connect();
/// for text in ["one", "two", "three"] {
///     server.say(ann, text);
/// }
/// assert_eq!(server.heard(ann), ["1 to 1", "1 to 2", "2 to 3"], "two records are kept");
/// ```
#[derive(Clone, Debug)]
pub struct MemoryJournal {
    retain: usize,
    retain_age: Option<Duration>,
    clock: Option<RunningClock>,
    logs: BTreeMap<LogName, Log>,
    values: BTreeMap<String, Value>,
    next: Visit,
}

#[derive(Clone, Debug)]
struct Log {
    epoch: String,
    head: u64,
    version: u64,
    at: Time,
    /// The last append, by the running clock.
    used_at: Time,
    state: Option<Bytes>,
    expires_at: Option<Time>,
    records: VecDeque<Record>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Record {
    body: Bytes,
    /// The append, by the running clock.
    at: Time,
}

#[derive(Clone, Debug)]
struct Value {
    value: Bytes,
    expires_at: Option<Time>,
}

/// The next slice of housekeeping.
#[derive(Clone, Debug)]
enum Visit {
    Logs(Option<LogName>),
    Values(Option<String>),
}

impl MemoryJournal {
    /// Bytes of records that one log keeps, so that long messages in many rooms do not fill the memory.
    pub const LOG_BYTES: usize = 4 * 1024 * 1024;

    /// Logs or values that one slice of housekeeping visits: a fraction of a millisecond.
    const SLICE: usize = 1000;

    /// Makes an empty journal whose logs keep `retain` records each, at least 1.
    pub fn new(retain: usize) -> Self {
        MemoryJournal {
            retain: retain.max(1),
            retain_age: None,
            clock: None,
            logs: BTreeMap::new(),
            values: BTreeMap::new(),
            next: Visit::Logs(None),
        }
    }

    /// Sets the age beyond which records are deleted, by the [`RunningClock`]; `None`, the default: never.
    pub fn retain_age(self, age: Option<Duration>) -> Self {
        MemoryJournal { retain_age: age, ..self }
    }

    /// The running clock's time of an append.
    fn stamp(&self, at: Time) -> Time {
        self.clock.map_or(at, |clock| clock.stamp(at))
    }

    /// The running clock's time of an expiry. `written_at`: the time of the commit, if that is known.
    fn expiry(&self, written_at: Option<Time>, expires_at: Time) -> Time {
        match (self.clock, written_at) {
            (Some(clock), Some(written_at)) => clock.expiry(written_at, expires_at),
            (Some(clock), None) => clock.at(expires_at),
            (None, _) => expires_at,
        }
    }

    fn commit(&mut self, commit: Commit) -> Outcome {
        if !commit.appends.iter().all(|append| self.is_as_expected(append))
            || !commit.amends.iter().all(|amend| self.has_had(amend))
            || !commit.puts.iter().all(|put| put.expect.holds(self.values.get(&put.key).map(|value| &*value.value)))
        {
            return Outcome::Conflict;
        }
        let written_at = commit.appends.first().map(|append| append.at).or(commit.at);
        for amend in commit.amends {
            self.amend(amend);
        }
        let placed: Vec<Placed> = commit.appends.into_iter().map(|append| self.append(append)).collect();
        for log in commit.drops {
            self.logs.remove(&log);
        }
        for put in commit.puts {
            self.put(&put, &placed, written_at);
        }
        Outcome::Committed(placed)
    }

    fn put(&mut self, put: &Put, placed: &[Placed], written_at: Option<Time>) {
        match put.stored(placed) {
            Some(value) => {
                let expires_at = put.expires_at.map(|at| self.expiry(written_at, at));
                self.values.insert(put.key.clone(), Value { value, expires_at });
            }
            None => {
                self.values.remove(&put.key);
            }
        }
    }

    fn has_had(&self, amend: &Amend) -> bool {
        self.logs.get(&amend.log).is_some_and(|log| (1..=log.head).contains(&amend.seq))
    }

    fn is_as_expected(&self, append: &Append) -> bool {
        let log = self.logs.get(&append.log);
        match append.expect {
            Expect::Anything => true,
            Expect::Missing => log.is_none(),
            Expect::Head(head) => log.is_some_and(|log| log.head == head),
            Expect::Epoch => log.is_some_and(|log| log.epoch == append.epoch),
            Expect::Version(version) => log.is_some_and(|log| log.epoch == append.epoch && log.version == version),
        }
    }

    fn amend(&mut self, Amend { log, seq, record }: Amend) {
        let Some(log) = self.logs.get_mut(&log) else { return };
        log.version += 1;
        let first = log.first();
        if let Some(kept) = seq.checked_sub(first).and_then(|at| log.records.get_mut(at as usize)) {
            log.bytes = log.bytes + record.len() - kept.body.len();
            kept.body = record;
        }
    }

    fn append(&mut self, append: Append) -> Placed {
        let now = self.stamp(append.at);
        let expires_at = append.expires_at.map(|at| self.expiry(Some(append.at), at));
        let log = self.logs.entry(append.log).or_insert_with(|| Log {
            epoch: append.epoch,
            head: 0,
            version: 0,
            at: append.at,
            used_at: now,
            state: None,
            expires_at: None,
            records: VecDeque::new(),
            bytes: 0,
        });
        let first = log.head + 1;
        for record in append.records {
            log.head += 1;
            log.bytes += record.len();
            log.records.push_back(Record { body: record, at: now });
        }
        while log.records.len() > self.retain || (log.bytes > Self::LOG_BYTES && log.records.len() > 1) {
            log.pop_front();
        }
        (log.at, log.used_at) = (append.at, now);
        log.expires_at = expires_at;
        log.state = append.state.or_else(|| log.state.take());
        log.version += 1;
        Placed { first, head: log.head, epoch: log.epoch.clone(), version: log.version }
    }
}

impl Log {
    /// The sequence number of the oldest record; 0 if there is none.
    fn first(&self) -> u64 {
        if self.records.is_empty() { 0 } else { self.head + 1 - self.records.len() as u64 }
    }

    fn pop_front(&mut self) {
        self.bytes -= self.records.pop_front().map_or(0, |record| record.body.len());
    }

    fn page(&self, of: &PageOf) -> Page {
        let first = self.first();
        let mut page =
            Page { first, head: self.head, epoch: self.epoch.clone(), version: self.version, ..Page::default() };
        if first == 0 {
            return page;
        }
        let from = of.after.saturating_add(1).max(first);
        let until = of.before.min(self.head + 1);
        let mut bytes = 0;
        let mut take = |seq: u64| {
            let record = &self.records[(seq - first) as usize].body;
            bytes += record.len();
            let fits = page.records.len() < of.limit && (bytes <= of.bytes || page.records.is_empty());
            if fits {
                page.records.push((seq, record.clone()));
            } else {
                page.more = true;
            }
            fits
        };
        match of.end {
            End::Oldest => (from..until).all(&mut take),
            End::Newest => (from..until).rev().all(&mut take),
        };
        page.records.sort_unstable_by_key(|(seq, _)| *seq);
        page
    }
}

impl Journal for MemoryJournal {
    fn restore(&mut self) -> Result<Restored, String> {
        let clock = self.clock;
        let state = |(name, log): (&LogName, &Log)| {
            let state = log.state.clone()?;
            Some(LogState {
                log: name.clone(),
                epoch: log.epoch.clone(),
                first: log.first(),
                head: log.head,
                version: log.version,
                at: log.at,
                idle: clock.map_or(Duration::ZERO, |clock| clock.now().since(log.used_at)),
                state,
            })
        };
        Ok(Restored { logs: self.logs.iter().filter_map(state).collect(), ..Restored::default() })
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        batch.into_iter().map(|commit| self.commit(commit)).collect()
    }

    fn load(&mut self, load: Load) -> Loaded {
        match load {
            Load::Page(of) => Loaded::Page(self.logs.get(&of.log).map(|log| log.page(&of)).unwrap_or_default()),
            Load::Values(keys) => {
                let value = |key: String| self.values.get(&key).map(|value| (key, value.value.clone()));
                Loaded::Values(keys.into_iter().filter_map(value).collect())
            }
            Load::Scan { prefix, limit } => {
                let values = self.values.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
                Loaded::Values(values.take(limit).map(|(key, value)| (key.clone(), value.value.clone())).collect())
            }
        }
    }

    fn tidy(&mut self, now: Time) -> bool {
        let clock = self.clock.get_or_insert_with(|| RunningClock::resume(None, now));
        clock.advance(now);
        let now = clock.now();
        match std::mem::replace(&mut self.next, Visit::Logs(None)) {
            Visit::Logs(after) => {
                let last = self.tidy_logs(after, now);
                self.next = if last.is_some() { Visit::Logs(last) } else { Visit::Values(None) };
                true
            }
            Visit::Values(after) => {
                let last = self.tidy_values(after, now);
                let has_more = last.is_some();
                self.next = if has_more { Visit::Values(last) } else { Visit::Logs(None) };
                has_more
            }
        }
    }
}

impl MemoryJournal {
    /// Visits a slice of the logs. Returns the last one, if there are more behind it.
    fn tidy_logs(&mut self, after: Option<LogName>, now: Time) -> Option<LogName> {
        let oldest = self.retain_age.map(|age| now - age);
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut expired = Vec::new();
        let (mut last, mut visited) = (None, 0);
        for (name, log) in self.logs.range_mut((from, Bound::Unbounded)).take(Self::SLICE) {
            if log.expires_at.is_some_and(|at| at <= now) {
                expired.push(name.clone());
            } else if let Some(oldest) = oldest {
                while log.records.front().is_some_and(|record| record.at < oldest) {
                    log.pop_front();
                }
            }
            visited += 1;
            last = Some(name.clone());
        }
        for name in expired {
            self.logs.remove(&name);
        }
        last.filter(|_| visited == Self::SLICE)
    }

    /// Visits a slice of the values. Returns the key of the last one, if there are more behind it.
    fn tidy_values(&mut self, after: Option<String>, now: Time) -> Option<String> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let slice = self.values.range((from, Bound::Unbounded)).take(Self::SLICE);
        let slice: Vec<(String, bool)> =
            slice.map(|(key, value)| (key.clone(), value.expires_at.is_some_and(|at| at <= now))).collect();
        let last = slice.last().filter(|_| slice.len() == Self::SLICE).map(|(key, _)| key.clone());
        for (key, _) in slice.into_iter().filter(|(_, has_expired)| *has_expired) {
            self.values.remove(&key);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60 * 1000;

    fn append(journal: &mut MemoryJournal, log: &str, at: u64, expires_at: Option<u64>) {
        let append = Append {
            log: LogName::new(log),
            expect: Expect::Anything,
            epoch: "epoch".into(),
            at: Time(at),
            records: vec![Bytes::from_static(b"record")],
            state: Some(Bytes::new()),
            expires_at: expires_at.map(Time),
        };
        journal.commit_all(vec![Commit { appends: vec![append], ..Commit::default() }]);
    }

    fn records(journal: &mut MemoryJournal, log: &str) -> usize {
        let log = LogName::new(log);
        let all = PageOf { log, after: 0, before: u64::MAX, end: End::Oldest, limit: usize::MAX, bytes: usize::MAX };
        match journal.load(Load::Page(all)) {
            Loaded::Page(page) => page.records.len(),
            Loaded::Values(_) | Loaded::Unavailable(_) => 0,
        }
    }

    #[test]
    fn what_has_expired_goes_however_many_there_are() {
        let mut journal = MemoryJournal::new(10);
        while journal.tidy(Time(DAY)) {}
        for n in 0..3500 {
            append(&mut journal, &format!("room/{n}"), DAY, Some(DAY + 10 + n % 2));
            let put = Put::new(format!("user/{n}"), Bytes::new()).expires_at(Time(DAY + 10 + n % 2));
            journal.commit_all(vec![Commit { puts: vec![put], ..Commit::default() }]);
        }
        while journal.tidy(Time(DAY + 10)) {}
        assert_eq!((journal.logs.len(), journal.values.len()), (1750, 1750));
        while journal.tidy(Time(DAY + 11)) {}
        assert_eq!((journal.logs.len(), journal.values.len()), (0, 0));
    }

    #[test]
    fn a_value_that_is_written_right_after_the_clock_was_set_back_expires_in_its_time() {
        let mut journal = MemoryJournal::new(10);
        while journal.tidy(Time(90 * DAY)) {}
        let put = Put::new("user", Bytes::new()).expires_at(Time(DAY + 1000));
        journal.commit_all(vec![Commit { puts: vec![put], at: Some(Time(DAY)), ..Commit::default() }]);
        for (now, values) in [(DAY + 1, 1), (DAY + 1000, 1), (DAY + 1001, 0)] {
            while journal.tidy(Time(now)) {}
            assert_eq!(journal.values.len(), values, "at {now}");
        }
    }

    #[test]
    fn records_that_are_too_old_go_and_a_jump_of_the_clock_ages_none() {
        let mut journal = MemoryJournal::new(10).retain_age(Some(Duration::from_secs(100)));
        while journal.tidy(Time(DAY)) {}
        append(&mut journal, "room/a", DAY, None);
        while journal.tidy(Time(90 * DAY)) {}
        assert_eq!(records(&mut journal, "room/a"), 1);
        append(&mut journal, "room/a", 90 * DAY, None);
        while journal.tidy(Time(90 * DAY + 40_000)) {}
        assert_eq!(records(&mut journal, "room/a"), 2);
        while journal.tidy(Time(90 * DAY + 40_001)) {}
        assert_eq!(records(&mut journal, "room/a"), 1);
    }
}
