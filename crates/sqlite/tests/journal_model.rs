//! Every journal against a plain model: random commits, conflicts, drops, trims, expiry, restarts, and reads anywhere.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use parlor_core::Time;
use parlor_core::journal::MemoryJournal;
use parlor_core::journal::{
    Amend, Append, Commit, End, Expect, ExpectValue, Journal, Load, Loaded, LogName, LogState, Outcome, Page, PageOf,
    Placed, Put, Reader, RecordOf,
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
    version: u64,
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
        let (head, epoch, version) = (log.records.len() as u64, log.epoch.clone(), log.version);
        Page { records: all, more, first, head, epoch, version }
    }

    fn restored(&self) -> Vec<LogState> {
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
    /// A log, how far below its head, and the new record.
    amends: Vec<(LogName, u64, Bytes)>,
    puts: Vec<(Put, Hope)>,
    drops: Vec<LogName>,
}

#[derive(Clone, Copy, Debug)]
enum Hope {
    Anything,
    Missing,
    Right,
    Off(u64),
    Epoch(bool),
    Version(u64),
}

impl Draft {
    fn commit(self, model: &Model, now: Time, epochs: &mut u64) -> Commit {
        let append = |(mut append, hope): (Append, Hope)| {
            let log = model.logs.get(&append.log);
            let head = log.map_or(0, |log| log.records.len() as u64);
            *epochs += 1;
            append.epoch = format!("e{epochs}");
            if let (Some(log), Hope::Epoch(true) | Hope::Version(_)) = (log, hope) {
                append.epoch.clone_from(&log.epoch);
            }
            append.expect = match hope {
                Hope::Anything => Expect::Anything,
                Hope::Missing => Expect::Missing,
                Hope::Right => Expect::Head(head),
                Hope::Off(by) => Expect::Head(head + by),
                Hope::Epoch(_) => Expect::Epoch,
                Hope::Version(off) => Expect::Version(log.map_or(1, |log| log.version + off)),
            };
            append.at = now;
            append.expires_at = append.expires_at.map(|after| Time(now.0 + after.0));
            append
        };
        let put = |(put, hope): (Put, Hope)| {
            let value = model.values.get(&put.key).map(|(value, _)| value.clone());
            let expect = match hope {
                Hope::Missing => ExpectValue::Missing,
                Hope::Right => value.map_or(ExpectValue::Missing, ExpectValue::Is),
                Hope::Off(_) => ExpectValue::Is("another".into()),
                Hope::Epoch(_) => ExpectValue::MissingOr(value.unwrap_or_default()),
                Hope::Version(off) => {
                    let mut beginning = value.unwrap_or_default();
                    beginning.truncate(3 + off as usize * 40);
                    ExpectValue::MissingOrBegins(if off == 2 { "another".into() } else { beginning })
                }
                Hope::Anything => ExpectValue::Anything,
            };
            Put { expires_at: put.expires_at.map(|after| Time(now.0 + after.0)), expect, ..put }
        };
        let amend = |(log, below, record): (LogName, u64, Bytes)| {
            let head = model.logs.get(&log).map_or(0, |log| log.records.len() as u64);
            Amend { log, seq: (head + 1).saturating_sub(below), record }
        };
        Commit {
            appends: self.appends.into_iter().map(append).collect(),
            amends: self.amends.into_iter().map(amend).collect(),
            puts: self.puts.into_iter().map(put).collect(),
            drops: self.drops,
            ..Commit::default()
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

fn hope() -> impl Strategy<Value = Hope> {
    prop_oneof![
        6 => Just(Hope::Anything),
        1 => Just(Hope::Missing),
        4 => Just(Hope::Right),
        1 => (1u64..3).prop_map(Hope::Off),
        2 => prop::bool::weighted(0.8).prop_map(Hope::Epoch),
        4 => prop_oneof![4 => Just(0), 1 => 1u64..3].prop_map(Hope::Version),
    ]
}

fn append() -> impl Strategy<Value = (Append, Hope)> {
    let records = vec(prop_oneof![20 => bytes(12), 1 => bytes(9000)], 0..5);
    (log_name(), records, prop::option::of(bytes(30)), after(), hope()).prop_map(
        |(log, records, state, expires_at, hope)| {
            let (expect, epoch, at) = (Expect::Anything, String::new(), Time(0));
            (Append { log, expect, epoch, at, records, state, expires_at }, hope)
        },
    )
}

fn draft() -> impl Strategy<Value = Draft> {
    let number_of = prop::option::weighted(0.3, (0usize..3, 0usize..3));
    let put = (key(), prop::option::weighted(0.8, bytes(40)), after(), number_of, hope()).prop_map(
        |(key, value, expires_at, number_of, hope)| {
            let number_of = number_of.map(|(append, record)| RecordOf { append, record });
            (Put { key, value, expires_at, expect: ExpectValue::Anything, number_of }, hope)
        },
    );
    let amends = prop_oneof![3 => Just(vec![]), 1 => vec((log_name(), 0u64..10, bytes(12)), 1..3)];
    let drops = prop_oneof![8 => Just(vec![]), 1 => vec(log_name(), 1..3)];
    (vec(append(), 0..4), amends, vec(put, 0..3), drops).prop_map(|(appends, amends, puts, drops)| Draft {
        appends,
        amends,
        puts,
        drops,
    })
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
