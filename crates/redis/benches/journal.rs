//! Costs of the journal in Redis, on this machine: appends beside a bare `XADD` of the same record, following, a page of
//! history, and a start.
//!
//! `PARLOR_BENCH_ROOMS` (1000) sizes the start. Each start of Redis is the bench's own; `everysec` does not wait for the disk,
//! `always` waits with each batch.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Bencher, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use parlor_core::Time;
use parlor_core::journal::{Append, Commit, End, Expect, Journal, Load, LogName, Outcome, PageOf, Put, RecordOf};
use parlor_redis::{RedisJournal, RedisOptions};
use parlor_testkit::Redis;

/// A chat line as it stands in a log.
const RECORD: [u8; 250] = [b'x'; 250];
/// The state of a chat room.
const STATE: [u8; 120] = [b's'; 120];
/// Commits in a batch: one, as when a single person speaks, and what gathers under load.
const BATCHES: [usize; 2] = [1, 100];

fn options(redis: &Redis) -> RedisOptions {
    RedisOptions::new(redis.url().parse().unwrap())
}

fn room(number: usize) -> LogName {
    LogName::new(&format!("room/room number {number}"))
}

/// The commit of a `say`: an event, and the answer to its idempotency key.
fn commit(log: &LogName, key: usize) -> Commit {
    let append = Append {
        log: log.clone(),
        expect: Expect::Anything,
        epoch: "0123456789abcdef".into(),
        at: Time(1_795_224_660_123),
        records: vec![Bytes::from_static(&RECORD)],
        state: Some(Bytes::from_static(&STATE)),
        expires_at: Some(Time(1_797_816_660_123)),
    };
    let put = Put::new(format!("dedup/user/{}", key % 256), "answer ").number_of(RecordOf { append: 0, record: 0 });
    let put = put.expires_at(Time(1_795_224_960_123));
    Commit { appends: vec![append], puts: vec![put], ..Commit::default() }
}

fn appends(c: &mut Criterion) {
    for fsync in ["everysec", "always"] {
        let mut group = c.benchmark_group(format!("appends/{fsync}"));
        for batch in BATCHES {
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_function(BenchmarkId::new("journal", batch), |b| {
                let redis = Redis::start_with(&["--appendonly", "yes", "--appendfsync", fsync]);
                append(b, &mut RedisJournal::open(&options(&redis)).unwrap(), batch);
            });
            group.bench_function(BenchmarkId::new("bare", batch), |b| {
                let redis = Redis::start_with(&["--appendonly", "yes", "--appendfsync", fsync]);
                bare(b, &redis, batch);
            });
        }
    }
}

fn append(b: &mut Bencher<'_>, journal: &mut RedisJournal, batch: usize) {
    let names: Vec<LogName> = (0..100).map(room).collect();
    let mut next = 0;
    b.iter(|| {
        let commits = (next..next + batch).map(|n| commit(&names[n % 100], n)).collect();
        next += batch;
        let outcomes = journal.commit_all(commits);
        assert!(matches!(outcomes.last(), Some(Outcome::Committed(_))));
        black_box(journal.follow().unwrap());
    });
}

/// The least that it could take: one command for each record, all in one request.
fn bare(b: &mut Bencher<'_>, redis: &Redis, batch: usize) {
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_connection().unwrap();
    b.iter(|| {
        let mut pipe = redis::pipe();
        for n in 0..batch {
            pipe.cmd("XADD").arg(n % 100).arg("MAXLEN").arg("~").arg(1000).arg("*").arg("b").arg(&RECORD[..]).ignore();
        }
        pipe.query::<()>(&mut connection).unwrap();
    });
}

/// A round: one node writes, another is woken and takes it.
fn following(c: &mut Criterion) {
    let redis = Redis::start();
    let mut here = RedisJournal::open(&options(&redis)).unwrap();
    let mut there = RedisJournal::open(&options(&redis)).unwrap();
    there.restore().unwrap();
    let (woken, wakes) = std::sync::mpsc::channel();
    there.on_placed(Box::new(move || {
        let _ = woken.send(());
    }));
    let log = room(1);
    let mut n = 0;
    c.bench_function("written here, followed there", |b| {
        b.iter(|| {
            n += 1;
            here.commit_all(vec![commit(&log, n)]);
            while there.follow().unwrap().is_empty() {
                wakes.recv().unwrap();
            }
        });
    });
}

fn start(c: &mut Criterion) {
    let rooms: usize = std::env::var("PARLOR_BENCH_ROOMS").map_or(1000, |rooms| rooms.parse().unwrap());
    let redis = Redis::start();
    let mut journal = RedisJournal::open(&options(&redis)).unwrap();
    for rooms in (0..rooms).collect::<Vec<_>>().chunks(500) {
        journal.commit_all(rooms.iter().map(|number| commit(&room(*number), *number)).collect());
        journal.follow().unwrap();
    }
    let mut group = c.benchmark_group("start");
    group.sample_size(10);
    group.bench_function(format!("{rooms} rooms"), |b| {
        b.iter(|| assert_eq!(journal.restore().unwrap().logs.len(), rooms));
    });
    group.finish();

    let log = room(0);
    for n in 0..100 {
        journal.commit_all(vec![commit(&log, n)]);
    }
    let mut reader = journal.reader().unwrap();
    c.bench_function("page of 50, the newest", |b| {
        b.iter(|| {
            let log = log.clone();
            let of = PageOf { log, after: 0, before: u64::MAX, end: End::Newest, limit: 50, bytes: 256 * 1024 };
            black_box(reader.load(Load::Page(of)));
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = appends, following, start
}
criterion_main!(benches);
