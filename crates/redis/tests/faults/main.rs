//! The journal in Redis on bad days: lost answers, kills, stops, failover, lost writes, wrong settings.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod answers;
mod failover;
mod generations;
mod housekeeping;
mod leases;
mod opening;
mod outages;
mod storm;
mod tls;

use std::time::Duration;

use parlor_core::Time;
use parlor_core::journal::{
    Append, Commit, Ephemeral, Expect, Followed, Journal, Load, Loaded, LogName, Outcome, WriterName,
};
use parlor_redis::{RedisJournal, RedisOptions};
use parlor_testkit::{Redis, eventually};

/// Options with short times, so that no test waits for long.
fn options(url: &str) -> RedisOptions {
    RedisOptions {
        patience: Duration::from_secs(3),
        lease: Duration::from_millis(900),
        ..RedisOptions::new(url.parse().unwrap())
    }
}

fn open(options: &RedisOptions) -> RedisJournal {
    RedisJournal::open(options).unwrap_or_else(|error| panic!("{error}"))
}

/// A Redis whose every write waits for the disk.
fn synced() -> Redis {
    Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"])
}

fn append(text: &str) -> Commit {
    let append = Append {
        log: LogName::new("room/tea"),
        expect: Expect::Anything,
        epoch: "first".into(),
        at: Time(1_795_224_660_000),
        records: vec![text.to_owned().into()],
        state: Some("state".into()),
        expires_at: None,
    };
    Commit { appends: vec![append], ..Commit::default() }
}

fn present(key: &str) -> Commit {
    let ephemeral = Ephemeral { key: key.into(), value: Some("here".into()) };
    Commit { ephemerals: vec![ephemeral], ..Commit::default() }
}

fn say(journal: &mut RedisJournal, text: &str) -> Outcome {
    journal.commit_all(vec![append(text)]).remove(0)
}

/// The number that a record was given.
fn number(outcome: &Outcome) -> u64 {
    let Outcome::Committed(placed) = outcome else { panic!("{outcome:?}") };
    placed[0].first
}

/// The records of the log, by a read.
fn records(journal: &mut RedisJournal) -> Vec<String> {
    let Loaded::Page(page) = journal.load(Load::newest("room/tea", 1000)) else { panic!("unavailable") };
    page.texts().map(|text| text.into_owned()).collect()
}

fn texts(followed: &[Followed]) -> Vec<String> {
    let appends = followed.iter().flat_map(|followed| &followed.appends);
    appends.flat_map(|append| &append.records).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// All that a writer hears of until this text comes.
fn hear_until(journal: &mut RedisJournal, last: &str) -> Vec<String> {
    let mut heard = Vec::new();
    eventually(last, || {
        heard.extend(texts(&journal.follow().unwrap()));
        heard.iter().any(|text| text == last).then_some(())
    });
    heard
}

/// Waits until a writer has fallen behind.
fn wait_for_fault(journal: &mut RedisJournal) {
    eventually("the writer has fallen behind", || journal.follow().err());
}

/// Waits until others hear that writers have ended.
fn hear_of_an_end(journal: &mut RedisJournal) -> Vec<WriterName> {
    eventually("a writer has ended", || {
        let ended: Vec<WriterName> = journal.follow().unwrap().into_iter().flat_map(|it| it.ended).collect();
        (!ended.is_empty()).then_some(ended)
    })
}
