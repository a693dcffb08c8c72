//! The journal in Redis against the model of every journal, with one writer.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../sqlite/tests/journal_model/model.rs"]
mod model;
#[path = "../../sqlite/tests/journal_model/steps.rs"]
mod steps;

use std::time::Duration;

use parlor_core::Time;
use parlor_core::journal::Journal;
use parlor_redis::{RedisJournal, RedisOptions, TimeSource};
use parlor_testkit::Redis;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use steps::{Subject, run, steps};

struct OnRedis {
    journal: Option<RedisJournal>,
    options: RedisOptions,
}

impl OnRedis {
    fn new(redis: &Redis, retain: u64, grace: Duration) -> OnRedis {
        redis.ask(&["FLUSHALL"]);
        let url = redis.url().parse().unwrap();
        let options = RedisOptions { retain, grace, time: TimeSource::Caller, ..RedisOptions::new(url) };
        OnRedis { journal: Some(RedisJournal::open(&options).unwrap()), options }
    }
}

impl Subject for OnRedis {
    fn journal(&mut self) -> &mut dyn Journal {
        self.journal.as_mut().unwrap()
    }

    fn restart(&mut self, _: Time) -> bool {
        self.journal = None;
        self.journal = Some(RedisJournal::open(&self.options).unwrap());
        true
    }

    fn grace_ms(&self) -> u64 {
        u64::try_from(self.options.grace.as_millis()).unwrap()
    }
}

#[test]
fn redis_keeps_the_promises() {
    let redis = Redis::start(); // one for all cases, ended with the test
    let config = ProptestConfig { source_file: Some(file!()), ..ProptestConfig::with_cases(cases(64)) };
    let given = (1u64..8, prop::sample::select(vec![0, 0, 15, 70_000]), steps());
    let ran = TestRunner::new(config).run(&given, |(retain, grace_ms, steps)| {
        run(&mut OnRedis::new(&redis, retain, Duration::from_millis(grace_ms)), retain, steps);
        Ok(())
    });
    ran.unwrap_or_else(|failure| panic!("{failure}"));
}

/// `PROPTEST_CASES`, or a number that takes about a second.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").map_or(usual, |cases| cases.parse().unwrap())
}
