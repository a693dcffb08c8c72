//! Age, expiry and what is left behind.

use std::time::Duration;

use parlor_core::journal::{Amend, Commit, Journal, Load, Loaded, LogName, Put};
use parlor_redis::{RedisOptions, TimeSource};
use parlor_testkit::Redis;
use parlor_testkit::redis::Reply;

use super::*;

const DAY: u64 = 24 * 60 * 60 * 1000;

fn by_hand(redis: &Redis) -> RedisOptions {
    RedisOptions { time: TimeSource::Caller, grace: Duration::ZERO, ..options(&redis.url()) }
}

fn say_at(journal: &mut RedisJournal, log: &str, at: u64) {
    let mut commit = append("text");
    (commit.appends[0].log, commit.appends[0].at) = (LogName::new(log), Time(at));
    assert!(matches!(journal.commit_all(vec![commit])[..], [Outcome::Committed(_)]));
}

fn count(journal: &mut RedisJournal, log: &str) -> usize {
    let Loaded::Page(page) = journal.load(Load::newest(log, 10_000)) else { panic!("unavailable") };
    page.records.len()
}

#[test]
fn records_that_are_too_old_go_in_all_logs_and_a_jump_of_the_clock_ages_none() {
    let redis = Redis::start();
    let retain_age = Some(Duration::from_secs(100));
    let mut journal = open(&RedisOptions { retain_age, ..by_hand(&redis) });
    while journal.tidy(Time(DAY)) {}
    let logs: Vec<String> = (0..450).map(|n| format!("room/{n}")).collect();
    logs.iter().for_each(|log| say_at(&mut journal, log, DAY));
    (0..40).for_each(|_| say_at(&mut journal, "room/long", DAY));
    while journal.tidy(Time(90 * DAY)) {} // counts for a minute
    say_at(&mut journal, "room/long", 90 * DAY);
    while journal.tidy(Time(90 * DAY + 40_000)) {}
    assert_eq!(count(&mut journal, "room/long"), 41);
    // Looked at in each half of that age.
    for by_ms in [80_000, 120_000, 150_001] {
        while journal.tidy(Time(90 * DAY + by_ms)) {}
    }
    assert_eq!(count(&mut journal, "room/long"), 0);
    assert!(logs.iter().all(|log| count(&mut journal, log) == 0));
    let Loaded::Page(page) = journal.load(Load::newest("room/long", 5)) else { panic!("unavailable") };
    assert_eq!((page.first, page.head), (0, 41));
    say_at(&mut journal, "room/long", 90 * DAY + 150_001);
    let Loaded::Page(page) = journal.load(Load::newest("room/long", 5)) else { panic!("unavailable") };
    assert_eq!((page.first, page.head, page.records.len()), (42, 42, 1));
}

#[test]
fn what_has_expired_leaves_nothing_behind() {
    let redis = Redis::start();
    let mut journal = open(&by_hand(&redis));
    while journal.tidy(Time(DAY)) {}
    let keys = |redis: &Redis| redis.ask(&["DBSIZE"]);
    say_at(&mut journal, "room/stays", DAY);
    let before = keys(&redis);
    for n in 0..700 {
        let mut commit = append("text");
        commit.appends[0].log = LogName::new(&format!("room/{n}"));
        (commit.appends[0].at, commit.appends[0].expires_at) = (Time(DAY), Some(Time(DAY + 10)));
        commit.appends[0].state = (n % 2 == 0).then(|| "state".into());
        commit.puts.push(Put::new(format!("key/{n}"), "value").expires_at(Time(DAY + 10)));
        let amend = Amend { log: commit.appends[0].log.clone(), seq: 1, record: "amended".into() };
        journal.commit_all(vec![commit, Commit { amends: vec![amend], ..Commit::default() }]);
    }
    while journal.tidy(Time(DAY + 9)) {}
    assert_eq!(count(&mut journal, "room/7"), 1);
    while journal.tidy(Time(DAY + 10)) {}
    eventually("the keys are gone", || (keys(&redis) == before).then_some(()));
    for index in ["due", "keys", "logs:plain"] {
        assert_eq!(redis.ask(&["EXISTS", &format!("{{parlor}}:{index}")]), Reply::Number(0), "{index}");
    }
    assert_eq!(journal.restore().unwrap().logs.len(), 1);
}

#[test]
fn records_beyond_what_is_retained_are_deleted_also_when_that_is_less_than_before() {
    let redis = Redis::start();
    let mut journal = open(&RedisOptions { retain: 500, ..by_hand(&redis) });
    for seq in 1..=600 {
        let amend = Amend { log: LogName::new("room/tea"), seq, record: "amended".into() };
        journal.commit_all(vec![append("text"), Commit { amends: vec![amend], ..Commit::default() }]);
    }
    let kept = || redis.ask(&["HLEN", "{parlor}:l:room/tea"]);
    assert_eq!(kept(), Reply::Number(500));
    drop(journal);
    let mut journal = open(&RedisOptions { retain: 10, ..by_hand(&redis) });
    assert_eq!(records(&mut journal), ["amended"; 10]);
    (0..20).for_each(|_| drop(say(&mut journal, "text")));
    assert_eq!(kept(), Reply::Number(10));
    assert_eq!(records(&mut journal), ["text"; 10]);
}

#[test]
fn the_time_in_which_nobody_runs_does_not_count() {
    let redis = Redis::start();
    let options = RedisOptions { time: TimeSource::Redis, grace: Duration::from_secs(600), ..options(&redis.url()) };
    let mut journal = open(&options);
    journal.tidy(Time(0));
    let put = Put::new("key", "value").expires_at(Time(2));
    journal.commit_all(vec![Commit { puts: vec![put], at: Some(Time(1)), ..Commit::default() }]);
    let is_there =
        |journal: &mut RedisJournal| journal.load(Load::Values(vec!["key".into()])) != Loaded::Values(vec![]);
    for _ in 0..20 {
        journal.tidy(Time(0));
    }
    assert!(is_there(&mut journal), "within the grace");
    drop(journal);
    let mut journal = open(&RedisOptions { grace: Duration::ZERO, ..options });
    eventually("it has expired", || {
        journal.tidy(Time(0));
        (!is_there(&mut journal)).then_some(())
    });
}

#[test]
fn the_feed_is_trimmed_by_its_age() {
    let redis = Redis::start();
    let mut journal = open(&RedisOptions { feed_age: Duration::from_millis(20), ..by_hand(&redis) });
    (0..300).for_each(|_| drop(say(&mut journal, "text")));
    eventually("it is shorter", || {
        journal.tidy(Time(1));
        let Reply::Number(length) = redis.ask(&["XLEN", "{parlor}:feed"]) else { panic!("no number") };
        (length < 200).then_some(())
    });
    assert_eq!(number(&say(&mut journal, "text")), 301);
    assert!(journal.follow().is_ok());
}
