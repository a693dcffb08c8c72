//! Three writers to one Redis against three writers to one journal in memory that do the same.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../sqlite/tests/journal_model/model.rs"]
#[allow(dead_code, reason = "only its drafts are used here")]
mod model;
#[path = "../../sqlite/tests/journal_model/steps.rs"]
#[allow(dead_code, reason = "only its drafts are used here")]
mod steps;

use std::collections::BTreeMap;

use bytes::Bytes;
use parlor_core::Time;
use parlor_core::journal::{
    Commit, Ephemeral, Followed, Journal, MemoryJournal, Outcome, Restored, SharedJournal, WriterName,
};
use parlor_redis::{RedisJournal, RedisOptions, TimeSource};
use parlor_testkit::Redis;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use model::Model;
use steps::{Draft, START, draft};

/// Records that a log keeps.
const RETAIN: u64 = 5;

#[derive(Clone, Debug)]
enum Step {
    /// A writer writes, and then hears of what stands before that.
    Write(usize, Vec<Draft>, Vec<(u8, bool)>, bool),
    /// A writer hears of all that was placed.
    Listen(usize),
    /// A writer begins anew.
    Begin(usize),
    /// A writer goes, and another takes its place.
    Replace(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0usize..3, vec(draft(), 1..4), vec((0u8..3, any::<bool>()), 0..2), any::<bool>())
            .prop_map(|(who, drafts, ephemerals, signals)| Step::Write(who, drafts, ephemerals, signals)),
        4 => (0usize..3).prop_map(Step::Listen),
        1 => (0usize..3).prop_map(Step::Begin),
        1 => (0usize..3).prop_map(Step::Replace),
    ]
}

/// Three writers, and names for them that do not depend on the journal.
struct Trio<J> {
    writers: Vec<J>,
    names: BTreeMap<WriterName, String>,
    begun: [u32; 3],
}

impl<J: Journal> Trio<J> {
    fn new(writers: Vec<J>) -> Self {
        let mut trio = Trio { writers, names: BTreeMap::new(), begun: [0; 3] };
        (0..3).for_each(|who| drop(trio.begin(who)));
        // All of them know of all, before anything is compared.
        for who in 0..3 {
            trio.begin(who);
        }
        (0..3).for_each(|who| drop(trio.listen(who)));
        trio
    }

    fn begin(&mut self, who: usize) -> Restored {
        let mut restored = self.writers[who].restore().unwrap();
        let shared = restored.shared.as_mut().unwrap();
        self.begun[who] += 1;
        self.names.insert(shared.writer.clone(), format!("{who}:{}", self.begun[who]));
        shared.writer = self.name(&shared.writer);
        for (writer, ..) in &mut shared.ephemerals {
            *writer = self.names.get(writer).map_or_else(|| writer.clone(), |name| name.as_str().into());
        }
        shared.ephemerals.sort();
        Restored { generation: String::new(), ..restored }
    }

    fn name(&self, writer: &WriterName) -> WriterName {
        self.names.get(writer).map_or_else(|| writer.clone(), |name| name.as_str().into())
    }

    fn write(&mut self, who: usize, batch: Vec<Commit>) -> (Vec<Outcome>, Vec<Followed>) {
        let outcomes = self.writers[who].commit_all(batch);
        let mut followed = self.writers[who].follow().unwrap();
        for one in &mut followed {
            one.writer = self.name(&one.writer);
            if !one.ended.is_empty() {
                one.at = None; // Redis's clock says it; the journal in memory has none
            }
            one.ended = one.ended.iter().map(|writer| self.name(writer)).collect();
            one.at = one.at.filter(|_| one.ended.is_empty()); // Redis knows when, the memory does not
        }
        (outcomes, followed)
    }

    fn listen(&mut self, who: usize) -> (Vec<Outcome>, Vec<Followed>) {
        self.write(who, vec![Commit::default()])
    }
}

fn run(redis: &Redis, steps: Vec<Step>) {
    redis.ask(&["FLUSHALL"]);
    let options =
        RedisOptions { retain: RETAIN, time: TimeSource::Caller, ..RedisOptions::new(redis.url().parse().unwrap()) };
    let mut memory = MemoryJournal::new(RETAIN as usize);
    memory.tidy(START);
    let first = SharedJournal::new(memory);
    let others = [first.another(), first.another()];
    let mut expected = Trio::new([first].into_iter().chain(others).collect());
    let mut actual = Trio::new((0..3).map(|_| RedisJournal::open(&options).unwrap()).collect());
    let mut model =
        Model { retain: RETAIN, ran_ms: 0, grace_until_ms: 0, logs: BTreeMap::new(), values: BTreeMap::new() };
    let mut epochs = 0;
    for step in steps {
        match step {
            Step::Write(who, drafts, ephemerals, has_signal) => {
                let mut batch: Vec<Commit> = Vec::new();
                for draft in drafts {
                    let commit = draft.commit(&model, START, &mut epochs);
                    model.commit(commit.clone(), START);
                    batch.push(commit);
                }
                for (key, is_there) in ephemerals {
                    let value = is_there.then(|| Bytes::from(format!("{epochs}")));
                    let ephemeral = Ephemeral { key: format!("user {key}"), value };
                    batch.push(Commit { ephemerals: vec![ephemeral], ..Commit::default() });
                }
                if has_signal {
                    batch.push(Commit { signals: vec!["typing".into()], ..Commit::default() });
                }
                assert_eq!(actual.write(who, batch.clone()), expected.write(who, batch));
            }
            Step::Listen(who) => assert_eq!(actual.listen(who), expected.listen(who)),
            Step::Begin(who) => assert_eq!(actual.begin(who), expected.begin(who)),
            Step::Replace(who) => {
                let another = expected.writers[who].another();
                expected.writers[who] = another;
                actual.writers.remove(who); // it goes before the other comes
                actual.writers.insert(who, RedisJournal::open(&options).unwrap());
                assert_eq!(actual.begin(who), expected.begin(who));
            }
        }
    }
    for who in 0..3 {
        assert_eq!(actual.listen(who), expected.listen(who), "at the end");
    }
}

#[test]
fn all_hear_what_writers_in_memory_hear() {
    let redis = Redis::start(); // one for all cases, ended with the test
    let config = ProptestConfig { source_file: Some(file!()), ..ProptestConfig::with_cases(cases(48)) };
    let ran = TestRunner::new(config).run(&vec(step(), 1..40), |steps| {
        run(&redis, steps);
        Ok(())
    });
    ran.unwrap_or_else(|failure| panic!("{failure}"));
}

/// With the follower's thread, not by asking.
#[test]
fn a_writer_that_only_listens_is_woken() {
    let redis = Redis::start();
    let options = RedisOptions::new(redis.url().parse().unwrap());
    let mut here = RedisJournal::open(&options).unwrap();
    let mut there = RedisJournal::open(&options).unwrap();
    there.restore().unwrap();
    let (woken, wakes) = std::sync::mpsc::channel();
    there.on_placed(Box::new(move || {
        let _ = woken.send(());
    }));
    let said = Commit { signals: vec!["hello".into()], at: Some(Time(1)), ..Commit::default() };
    assert_eq!(here.commit_all(vec![said]), [Outcome::Committed(vec![])]);
    let mut heard = Vec::new();
    while heard.is_empty() {
        wakes.recv_timeout(parlor_testkit::PATIENCE).unwrap();
        heard = there.follow().unwrap();
    }
    assert_eq!(heard[0].signals, ["hello"]);
}

/// `PROPTEST_CASES`, or a number that takes about a second.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").map_or(usual, |cases| cases.parse().unwrap())
}
