//! The journal that keeps nothing beyond the process.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::Journal;
use super::model::{
    Append, Commit, End, Expect, Load, Loaded, LogName, LogState, Outcome, Page, PageOf, Placed, Put, Restored,
};
use crate::time::Time;

/// Logs and values in memory, bounded: each log keeps its newest `retain` records and no more than
/// [`LOG_BYTES`](MemoryJournal::LOG_BYTES) of them.
#[derive(Debug)]
pub struct MemoryJournal {
    retain: usize,
    logs: BTreeMap<LogName, Log>,
    values: BTreeMap<String, (Bytes, Option<Time>)>,
}

#[derive(Debug)]
struct Log {
    epoch: String,
    head: u64,
    at: Time,
    state: Option<Bytes>,
    expires_at: Option<Time>,
    records: VecDeque<Bytes>,
    bytes: usize,
}

impl MemoryJournal {
    /// Bytes of records that one log keeps, so that long messages in many rooms do not fill the memory.
    pub const LOG_BYTES: usize = 4 * 1024 * 1024;

    /// `retain`: records that each log keeps, at least 1.
    pub fn new(retain: usize) -> Self {
        MemoryJournal { retain: retain.max(1), logs: BTreeMap::new(), values: BTreeMap::new() }
    }

    fn commit(&mut self, commit: Commit) -> Outcome {
        if !commit.appends.iter().all(|append| self.is_as_expected(append)) {
            return Outcome::Conflict;
        }
        let placed = commit.appends.into_iter().map(|append| self.append(append)).collect();
        for Put { key, value, expires_at } in commit.puts {
            match value {
                Some(value) => self.values.insert(key, (value, expires_at)),
                None => self.values.remove(&key),
            };
        }
        for log in commit.drops {
            self.logs.remove(&log);
        }
        Outcome::Committed(placed)
    }

    fn is_as_expected(&self, append: &Append) -> bool {
        let log = self.logs.get(&append.log);
        match append.expect {
            Expect::Anything => true,
            Expect::Missing => log.is_none(),
            Expect::Head(head) => log.is_some_and(|log| log.head == head),
        }
    }

    fn append(&mut self, append: Append) -> Placed {
        let log = self.logs.entry(append.log).or_insert_with(|| Log {
            epoch: append.epoch,
            head: 0,
            at: append.at,
            state: None,
            expires_at: None,
            records: VecDeque::new(),
            bytes: 0,
        });
        let first = log.head + 1;
        for record in append.records {
            log.head += 1;
            log.bytes += record.len();
            log.records.push_back(record);
        }
        while log.records.len() > self.retain || (log.bytes > Self::LOG_BYTES && log.records.len() > 1) {
            log.bytes -= log.records.pop_front().map_or(0, |record| record.len());
        }
        log.at = append.at;
        log.expires_at = append.expires_at;
        log.state = append.state.or_else(|| log.state.take());
        Placed { first, head: log.head, epoch: log.epoch.clone() }
    }
}

impl Log {
    /// The sequence number of the oldest record that is left; 0 if none is.
    fn first(&self) -> u64 {
        if self.records.is_empty() { 0 } else { self.head + 1 - self.records.len() as u64 }
    }

    fn page(&self, of: &PageOf) -> Page {
        let first = self.first();
        let mut page = Page { first, head: self.head, epoch: self.epoch.clone(), ..Page::default() };
        if first == 0 {
            return page;
        }
        let from = of.after.saturating_add(1).max(first);
        let until = of.before.min(self.head + 1);
        let mut bytes = 0;
        let mut take = |seq: u64| {
            let record = &self.records[(seq - first) as usize];
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
        let state = |(name, log): (&LogName, &Log)| {
            let state = log.state.clone()?;
            Some(LogState {
                log: name.clone(),
                epoch: log.epoch.clone(),
                first: log.first(),
                head: log.head,
                at: log.at,
                state,
            })
        };
        Ok(Restored { generation: String::new(), logs: self.logs.iter().filter_map(state).collect() })
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        batch.into_iter().map(|commit| self.commit(commit)).collect()
    }

    fn load(&mut self, load: Load) -> Loaded {
        match load {
            Load::Page(of) => Loaded::Page(self.logs.get(&of.log).map(|log| log.page(&of)).unwrap_or_default()),
            Load::Values(keys) => {
                let value = |key: String| self.values.get(&key).map(|(value, _)| (key, value.clone()));
                Loaded::Values(keys.into_iter().filter_map(value).collect())
            }
            Load::Scan { prefix, limit } => {
                let values = self.values.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
                Loaded::Values(values.take(limit).map(|(key, (value, _))| (key.clone(), value.clone())).collect())
            }
        }
    }

    fn tidy(&mut self, now: Time) -> bool {
        self.logs.retain(|_, log| log.expires_at.is_none_or(|at| at > now));
        self.values.retain(|_, (_, expires_at)| expires_at.is_none_or(|at| at > now));
        false
    }
}
