//! Random steps for a journal and its model: commits, conflicts, drops, trims, expiry, restarts, and reads anywhere.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use parlor_core::Time;
use parlor_core::journal::{
    Amend, Append, Commit, End, Expect, ExpectValue, Journal, Load, LogName, PageOf, Put, Reader, RecordOf,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::model::Model;

/// A journal under test.
pub trait Subject {
    fn journal(&mut self) -> &mut dyn Journal;
    /// Closes the journal and opens it again at `now`, if it outlives that.
    fn restart(&mut self, now: Time) -> bool;
    /// The time after a start in which nothing expires.
    fn grace_ms(&self) -> u64;
}

/// The wall time at which the first journal is opened.
pub const START: Time = Time(1_000_000);

#[derive(Clone, Debug)]
pub enum Step {
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
pub struct Draft {
    appends: Vec<(Append, Hope)>,
    /// A log, how far below its head, and the new record.
    amends: Vec<(LogName, u64, Bytes)>,
    puts: Vec<(Put, Hope)>,
    drops: Vec<LogName>,
}

#[derive(Clone, Copy, Debug)]
pub enum Hope {
    Anything,
    Missing,
    Right,
    Off(u64),
    Epoch(bool),
    Version(u64),
}

impl Draft {
    pub fn commit(self, model: &Model, now: Time, epochs: &mut u64) -> Commit {
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

pub fn draft() -> impl Strategy<Value = Draft> {
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

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
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

/// Compares a journal with the model, step by step.
pub fn run(subject: &mut dyn Subject, retain: u64, steps: Vec<Step>) {
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
