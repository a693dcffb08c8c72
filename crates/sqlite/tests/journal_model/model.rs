//! A journal's promises, written as plainly as possible: the tests of every journal compare it with this.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use parlor_core::Time;
use parlor_core::journal::{
    Amend, Commit, End, Expect, Load, Loaded, LogName, LogState, Outcome, Page, PageOf, Placed, Put,
};

/// A journal's promises, in a few lines.
pub struct Model {
    pub retain: u64,
    /// Milliseconds for which the journal has been open.
    pub ran_ms: u64,
    /// Nothing expires before, on the same scale.
    pub grace_until_ms: u64,
    pub logs: BTreeMap<LogName, Log>,
    /// Values, and when they expire.
    pub values: BTreeMap<String, (Bytes, Option<u64>)>,
}

pub struct Log {
    pub epoch: String,
    pub version: u64,
    pub records: Vec<Bytes>,
    pub at: Time,
    pub used_ms: u64,
    pub state: Option<Bytes>,
    pub expires_ms: Option<u64>,
}

impl Model {
    pub fn commit(&mut self, commit: Commit, now: Time) -> Outcome {
        let ran_ms = self.ran_ms;
        let ran_at = |at: Time| ran_ms + (at.0 - now.0);
        for append in &commit.appends {
            let log = self.logs.get(&append.log);
            let head = log.map(|log| log.records.len() as u64);
            let version = log.filter(|log| log.epoch == append.epoch).map(|log| log.version);
            let is_as_expected = match append.expect {
                Expect::Anything => true,
                Expect::Missing => head.is_none(),
                Expect::Head(expected) => head == Some(expected),
                Expect::Epoch => version.is_some(),
                Expect::Version(expected) => version == Some(expected),
            };
            if !is_as_expected {
                return Outcome::Conflict;
            }
        }
        let was_there = |amend: &Amend| {
            self.logs.get(&amend.log).is_some_and(|log| amend.seq > 0 && amend.seq <= log.records.len() as u64)
        };
        let value = |put: &Put| self.values.get(&put.key).map(|(value, _)| value.as_ref());
        if !commit.amends.iter().all(was_there) || !commit.puts.iter().all(|put| put.expect.holds(value(put))) {
            return Outcome::Conflict;
        }
        for Amend { log, seq, record } in commit.amends {
            let log = self.logs.get_mut(&log).unwrap();
            log.records[seq as usize - 1] = record;
            log.version += 1;
        }
        let mut placed = Vec::new();
        for append in commit.appends {
            let (epoch, at) = (append.epoch, Time(0));
            let new = Log { epoch, version: 0, records: vec![], at, used_ms: 0, state: None, expires_ms: None };
            let log = self.logs.entry(append.log).or_insert(new);
            let first = log.records.len() as u64 + 1;
            log.records.extend(append.records);
            (log.at, log.used_ms) = (append.at, ran_ms);
            log.expires_ms = append.expires_at.map(ran_at);
            if append.state.is_some() {
                log.state = append.state;
            }
            log.version += 1;
            let (head, epoch, version) = (log.records.len() as u64, log.epoch.clone(), log.version);
            placed.push(Placed { first, head, epoch, version });
        }
        for Put { key, value, expires_at, number_of, .. } in commit.puts {
            let number = number_of.and_then(|of| Some(placed.get(of.append)?.first + of.record as u64));
            let digits = number.map(|seq| seq.to_string()).unwrap_or_default();
            let value = value.map(|value| Bytes::from([&value, digits.as_bytes()].concat()));
            self.values.remove(&key);
            self.values.extend(value.map(|value| (key, (value, expires_at.map(ran_at)))));
        }
        for log in commit.drops {
            self.logs.remove(&log);
        }
        Outcome::Committed(placed)
    }

    /// The wall clock shows `by_ms` more than before: of that, a minute counts at most.
    pub fn tidy(&mut self, by_ms: u64) {
        self.ran_ms += by_ms.min(60_000);
        if self.ran_ms < self.grace_until_ms {
            return;
        }
        let is_kept = |expires_ms: Option<u64>| expires_ms.is_none_or(|at| at > self.ran_ms);
        self.logs.retain(|_, log| is_kept(log.expires_ms));
        self.values.retain(|_, (_, expires_ms)| is_kept(*expires_ms));
    }

    fn first(&self, log: &Log) -> u64 {
        let head = log.records.len() as u64;
        if head == 0 { 0 } else { head.saturating_sub(self.retain) + 1 }
    }

    pub fn load(&self, load: &Load) -> Loaded {
        match load {
            Load::Page(of) => Loaded::Page(self.page(of)),
            Load::Values(keys) => {
                let value = |key: &String| Some((key.clone(), self.values.get(key)?.0.clone()));
                Loaded::Values(keys.iter().filter_map(value).collect())
            }
            Load::Scan { prefix, limit } => {
                let all = self.values.iter().filter(|(key, _)| key.starts_with(prefix));
                Loaded::Values(all.take(*limit).map(|(key, (value, _))| (key.clone(), value.clone())).collect())
            }
        }
    }

    fn page(&self, of: &PageOf) -> Page {
        let Some(log) = self.logs.get(&of.log) else { return Page::default() };
        let first = self.first(log);
        let mut all: Vec<(u64, Bytes)> = (1..).zip(log.records.iter().cloned()).collect();
        all.retain(|(seq, _)| *seq >= first && *seq > of.after && *seq < of.before);
        if of.end == End::Newest {
            all.reverse();
        }
        let mut bytes = 0;
        let fits = |(at, (_, record)): &(usize, &(u64, Bytes))| {
            bytes += record.len();
            *at < of.limit && (bytes <= of.bytes || *at == 0)
        };
        let fitting = all.iter().enumerate().take_while(fits).count();
        let more = fitting < all.len();
        all.truncate(fitting);
        all.sort();
        let (head, epoch, version) = (log.records.len() as u64, log.epoch.clone(), log.version);
        Page { records: all, more, first, head, epoch, version }
    }

    pub fn restored(&self) -> Vec<LogState> {
        let state = |(name, log): (&LogName, &Log)| {
            let head = log.records.len() as u64;
            let (log_name, epoch) = (name.clone(), log.epoch.clone());
            let state = log.state.clone()?;
            let idle = Duration::from_millis(self.ran_ms - log.used_ms);
            let (first, version, at) = (self.first(log), log.version, log.at);
            Some(LogState { log: log_name, epoch, first, head, version, at, idle, state })
        };
        self.logs.iter().filter_map(state).collect()
    }
}
