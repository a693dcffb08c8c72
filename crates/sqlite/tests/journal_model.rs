//! Every journal against a plain model: random commits, conflicts, drops, trims, expiry, restarts, and reads anywhere.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use parlor_core::Time;
use parlor_core::journal::MemoryJournal;
use parlor_core::journal::{
    Append, Commit, End, Expect, Journal, Load, Loaded, LogName, LogState, Outcome, Page, PageOf, Placed, Put, Reader,
};
use parlor_sqlite::{SqliteJournal, SqliteOptions};
use proptest::collection::vec;
use proptest::prelude::*;

/// A journal under test.
trait Subject {
    fn journal(&mut self) -> &mut dyn Journal;
    /// Closes the journal and opens it again at `now`, if it outlives that.
    fn restart(&mut self, now: Time) -> bool;
    /// The time after a start in which nothing expires.
    fn grace_ms(&self) -> u64;
}

struct Memory(MemoryJournal);

impl Subject for Memory {
    fn journal(&mut self) -> &mut dyn Journal {
        &mut self.0
    }

    fn restart(&mut self, _: Time) -> bool {
        false
    }

    fn grace_ms(&self) -> u64 {
        0
    }
}

struct Sqlite {
    journal: Option<SqliteJournal>,
    options: SqliteOptions,
    _directory: tempfile::TempDir,
}

impl Sqlite {
    fn new(retain: u64, grace: Duration) -> Sqlite {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("parlor.db");
        let options = SqliteOptions { retain, grace, ..SqliteOptions::new(path, START) };
        Sqlite { journal: Some(SqliteJournal::open(&options).unwrap()), options, _directory: directory }
    }
}

impl Subject for Sqlite {
    fn journal(&mut self) -> &mut dyn Journal {
        self.journal.as_mut().unwrap()
    }

    fn restart(&mut self, now: Time) -> bool {
        self.journal = None;
        self.options.now = now;
        self.journal = Some(SqliteJournal::open(&self.options).unwrap());
        true
    }

    fn grace_ms(&self) -> u64 {
        u64::try_from(self.options.grace.as_millis()).unwrap()
    }
}

/// The wall time at which the first journal is opened.
const START: Time = Time(1_000_000);

/// A journal's promises, in a few lines.
struct Model {
    retain: u64,
    /// Milliseconds for which the journal has been open.
    ran_ms: u64,
    /// Nothing expires before, on the same scale.
    grace_until_ms: u64,
    logs: BTreeMap<LogName, Log>,
    /// Values, and when they expire.
    values: BTreeMap<String, (Bytes, Option<u64>)>,
}

struct Log {
    epoch: String,
    records: Vec<Bytes>,
    at: Time,
    used_ms: u64,
    state: Option<Bytes>,
    expires_ms: Option<u64>,
}

impl Model {
    fn commit(&mut self, commit: Commit, now: Time) -> Outcome {
        let ran_ms = self.ran_ms;
        let ran_at = |at: Time| ran_ms + (at.0 - now.0);
        for append in &commit.appends {
            let head = self.logs.get(&append.log).map(|log| log.records.len() as u64);
            let is_as_expected = match append.expect {
                Expect::Anything => true,
                Expect::Missing => head.is_none(),
                Expect::Head(expected) => head == Some(expected),
            };
            if !is_as_expected {
                return Outcome::Conflict;
            }
        }
        let mut placed = Vec::new();
        for append in commit.appends {
            let new =
                Log { epoch: append.epoch, records: vec![], at: Time(0), used_ms: 0, state: None, expires_ms: None };
            let log = self.logs.entry(append.log).or_insert(new);
            let first = log.records.len() as u64 + 1;
            log.records.extend(append.records);
            (log.at, log.used_ms) = (append.at, ran_ms);
            log.expires_ms = append.expires_at.map(ran_at);
            if append.state.is_some() {
                log.state = append.state;
            }
            placed.push(Placed { first, head: log.records.len() as u64, epoch: log.epoch.clone() });
        }
        for Put { key, value, expires_at } in commit.puts {
            self.values.remove(&key);
            self.values.extend(value.map(|value| (key, (value, expires_at.map(ran_at)))));
        }
        for log in commit.drops {
            self.logs.remove(&log);
        }
        Outcome::Committed(placed)
    }

    /// The wall clock shows `by_ms` more than before: of that, a minute counts at most.
    fn tidy(&mut self, by_ms: u64) {
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

    fn load(&self, load: &Load) -> Loaded {
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
        Page { records: all, more, first, head: log.records.len() as u64, epoch: log.epoch.clone() }
    }

    fn restored(&self) -> Vec<LogState> {
        let state = |(name, log): (&LogName, &Log)| {
            let head = log.records.len() as u64;
            let (log_name, epoch) = (name.clone(), log.epoch.clone());
            let state = log.state.clone()?;
            let idle = Duration::from_millis(self.ran_ms - log.used_ms);
            Some(LogState { log: log_name, epoch, first: self.first(log), head, at: log.at, idle, state })
        };
        self.logs.iter().filter_map(state).collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Batch(Vec<Draft>),
    Load(Load),
    /// The journal runs for so many milliseconds, or the wall clock is set forward by them.
    Tidy(u64),
    /// The wall clock is set back.
    SetBack(u64),
    /// The journal is closed, and opened again when the wall clock shows so much more, or less.
    Restart(i64),
}

/// A commit whose expectations are made when it is known what the logs are like.
#[derive(Clone, Debug)]
struct Draft {
    appends: Vec<(Append, Hope)>,
    puts: Vec<Put>,
    drops: Vec<LogName>,
}

#[derive(Clone, Copy, Debug)]
enum Hope {
    Anything,
    Missing,
    Right,
    Off(u64),
}

impl Draft {
    fn commit(self, model: &Model, now: Time, epochs: &mut u64) -> Commit {
        let append = |(mut append, hope): (Append, Hope)| {
            let head = model.logs.get(&append.log).map_or(0, |log| log.records.len() as u64);
            append.expect = match hope {
                Hope::Anything => Expect::Anything,
                Hope::Missing => Expect::Missing,
                Hope::Right => Expect::Head(head),
                Hope::Off(by) => Expect::Head(head + by),
            };
            *epochs += 1;
            append.epoch = format!("e{epochs}");
            append.at = now;
            append.expires_at = append.expires_at.map(|after| Time(now.0 + after.0));
            append
        };
        let put = |put: Put| Put { expires_at: put.expires_at.map(|after| Time(now.0 + after.0)), ..put };
        Commit {
            appends: self.appends.into_iter().map(append).collect(),
            puts: self.puts.into_iter().map(put).collect(),
            drops: self.drops,
            at: None,
        }
    }
}

fn log_name() -> impl Strategy<Value = LogName> {
    prop::sample::select(vec!["room/a", "room/b", "room/ä", "inbox/1", "room/aa"]).prop_map(LogName::new)
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "user/", "user/1", "user/2", "user0", "vser/1", "user/ü"]).prop_map(str::to_owned)
}

fn bytes(max: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..max).prop_map(Bytes::from)
}

fn after() -> impl Strategy<Value = Option<Time>> {
    prop::option::weighted(0.3, (0u64..40).prop_map(Time))
}

fn append() -> impl Strategy<Value = (Append, Hope)> {
    let hope = prop_oneof![
        6 => Just(Hope::Anything),
        1 => Just(Hope::Missing),
        4 => Just(Hope::Right),
        1 => (1u64..3).prop_map(Hope::Off),
    ];
    let records = vec(prop_oneof![20 => bytes(12), 1 => bytes(9000)], 0..5);
    (log_name(), records, prop::option::of(bytes(30)), after(), hope).prop_map(
        |(log, records, state, expires_at, hope)| {
            let (expect, epoch, at) = (Expect::Anything, String::new(), Time(0));
            (Append { log, expect, epoch, at, records, state, expires_at }, hope)
        },
    )
}

fn draft() -> impl Strategy<Value = Draft> {
    let put = (key(), prop::option::weighted(0.8, bytes(40)), after()).prop_map(|(key, value, expires_at)| Put {
        key,
        value,
        expires_at,
    });
    let drops = prop_oneof![8 => Just(vec![]), 1 => vec(log_name(), 1..3)];
    (vec(append(), 0..4), vec(put, 0..3), drops).prop_map(|(appends, puts, drops)| Draft { appends, puts, drops })
}

fn load() -> impl Strategy<Value = Load> {
    let bound = || prop_oneof![6 => 0u64..40, 1 => Just(u64::MAX), 1 => Just(1u64 << 40)];
    let page = (log_name(), bound(), bound(), any::<bool>(), 0usize..20, 0usize..200).prop_map(
        |(log, after, before, newest, limit, bytes)| {
            let end = if newest { End::Newest } else { End::Oldest };
            Load::Page(PageOf { log, after, before, end, limit, bytes })
        },
    );
    prop_oneof![
        4 => page,
        1 => vec(key(), 0..4).prop_map(Load::Values),
        1 => (key(), 0usize..6).prop_map(|(prefix, limit)| Load::Scan { prefix, limit }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => vec(draft(), 0..5).prop_map(Step::Batch),
        6 => load().prop_map(Step::Load),
        2 => (0u64..20).prop_map(Step::Tidy),
        1 => prop_oneof![59_990u64..60_010, 1u64..1_000_000_000].prop_map(Step::Tidy),
        1 => (1u64..900_000).prop_map(Step::SetBack),
        1 => (0i64..20).prop_map(Step::Restart),
        1 => (-900_000i64..1_000_000_000).prop_map(Step::Restart),
    ];
    vec(step, 1..40)
}

fn run(subject: &mut dyn Subject, retain: u64, steps: Vec<Step>) {
    let mut model =
        Model { retain, ran_ms: 0, grace_until_ms: subject.grace_ms(), logs: BTreeMap::new(), values: BTreeMap::new() };
    let mut reader: Option<Box<dyn Reader>> = subject.journal().reader();
    let mut now = START;
    while subject.journal().tidy(now) {}
    let mut epochs = 0;
    for step in steps {
        match step {
            Step::Batch(drafts) => {
                let mut outcomes = Vec::new();
                let mut batch = Vec::new();
                for draft in drafts {
                    let commit = draft.commit(&model, now, &mut epochs);
                    outcomes.push(model.commit(commit.clone(), now));
                    batch.push(commit);
                }
                assert_eq!(subject.journal().commit_all(batch), outcomes);
            }
            Step::Load(load) => {
                assert_eq!(subject.journal().load(load.clone()), model.load(&load));
                if let Some(reader) = &mut reader {
                    assert_eq!(reader.load(load.clone()), model.load(&load));
                }
            }
            Step::Tidy(by_ms) => {
                now = now + Duration::from_millis(by_ms);
                while subject.journal().tidy(now) {}
                model.tidy(by_ms);
            }
            Step::SetBack(by_ms) => {
                now = now - Duration::from_millis(by_ms);
                while subject.journal().tidy(now) {}
                model.tidy(0);
            }
            Step::Restart(by_ms) => {
                drop(reader.take());
                now = Time(now.0.saturating_add_signed(by_ms));
                let has_restarted = subject.restart(now);
                if has_restarted {
                    model.grace_until_ms = model.ran_ms + subject.grace_ms();
                }
                while subject.journal().tidy(now) {}
                model.tidy(if has_restarted { 0 } else { u64::try_from(by_ms).unwrap_or(0) });
                reader = subject.journal().reader();
                assert_eq!(subject.journal().restore().unwrap().logs, model.restored());
            }
        }
    }
}

proptest! {

    #[test]
    fn memory_keeps_the_promises(retain in 1u64..8, steps in steps()) {
        run(&mut Memory(MemoryJournal::new(retain as usize)), retain, steps);
    }

    #[test]
    fn sqlite_keeps_the_promises(retain in 1u64..8, grace_ms in prop::sample::select(vec![0, 0, 15, 70_000]), steps in steps()) {
        run(&mut Sqlite::new(retain, Duration::from_millis(grace_ms)), retain, steps);
    }
}
