//! Costs of the journal: appends beside a bare insert loop of the same rows, a page of history, and a start.
//!
//! `PARLOR_BENCH_ROOMS` (200) and `PARLOR_BENCH_EVENTS` (1000, in each) size the file of the start; the promise is about
//! 10000 rooms of 1000, which is a file of some 3 GB. `PARLOR_BENCH_DIR` says on which disk (a temporary directory).

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use parlor_core::Time;
use parlor_core::journal::{Append, Commit, End, Expect, Journal, Load, LogName, MemoryJournal, Outcome, PageOf};
use parlor_sqlite::{Durability, SqliteJournal, SqliteOptions};
use rusqlite::{Connection, params};
use tempfile::TempDir;

/// A chat line as it stands in a log.
const RECORD: [u8; 250] = [b'x'; 250];
/// The state of a chat room.
const STATE: [u8; 120] = [b's'; 120];
/// Commits in a transaction: one, as when a single person speaks, and what gathers under load.
const BATCHES: [usize; 2] = [1, 100];

fn directory() -> TempDir {
    match std::env::var_os("PARLOR_BENCH_DIR") {
        Some(directory) => tempfile::tempdir_in(directory).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
}

fn size(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |size| size.parse().unwrap())
}

fn options(path: PathBuf, durability: Durability) -> SqliteOptions {
    SqliteOptions { durability, ..SqliteOptions::new(path, Time(1_795_224_660_000)) }
}

fn room(number: usize) -> LogName {
    LogName::new(&format!("room/room number {number}"))
}

fn commit(log: &LogName, records: usize) -> Commit {
    let append = Append {
        log: log.clone(),
        expect: Expect::Anything,
        epoch: "0123456789abcdef".into(),
        at: Time(1_795_224_660_123),
        records: vec![Bytes::from_static(&RECORD); records],
        state: Some(Bytes::from_static(&STATE)),
        expires_at: Some(Time(1_797_816_660_123)),
    };
    Commit { appends: vec![append], ..Commit::default() }
}

/// Rooms in an order without a pattern, the same for everyone.
fn scattered(rooms: usize) -> impl Iterator<Item = usize> {
    let mut state = 1u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % rooms
    })
}

fn appends(c: &mut Criterion) {
    for (durability, word) in [(Durability::Normal, "normal"), (Durability::Full, "full")] {
        let mut group = c.benchmark_group(format!("appends/{word}"));
        for batch in BATCHES {
            group.throughput(Throughput::Elements(batch as u64));
            for rooms in [1, 10, 100] {
                let parameter = format!("{rooms} rooms, {batch} a batch");
                group.bench_function(BenchmarkId::new("journal", &parameter), |b| {
                    let directory = directory();
                    let path = directory.path().join("parlor.db");
                    let mut journal = SqliteJournal::open(&options(path, durability)).unwrap();
                    append(b, &mut journal, rooms, batch);
                });
                group.bench_function(BenchmarkId::new("bare", &parameter), |b| {
                    let directory = directory();
                    let mut db = bare(&directory.path().join("bare.db"), word);
                    let mut order = scattered(rooms);
                    let mut heads = vec![0u64; rooms];
                    b.iter(|| insert(&mut db, order.by_ref().take(batch), &mut heads));
                });
            }
        }
    }
    let mut group = c.benchmark_group("appends/memory");
    for batch in BATCHES {
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::new("journal", format!("100 rooms, {batch} a batch")), |b| {
            append(b, &mut MemoryJournal::new(1000), 100, batch);
        });
    }
}

/// With the housekeeping that a server does meanwhile: a slice a thousand batches.
fn append(b: &mut criterion::Bencher<'_>, journal: &mut dyn Journal, rooms: usize, batch: usize) {
    let names: Vec<LogName> = (0..rooms).map(room).collect();
    let mut order = scattered(rooms);
    let mut batches = 0;
    b.iter(|| {
        let commits = order.by_ref().take(batch).map(|room| commit(&names[room], 1)).collect();
        let outcomes = journal.commit_all(commits);
        assert!(matches!(outcomes.last(), Some(Outcome::Committed(_))));
        batches += 1;
        if batches % 1000 == 0 {
            journal.tidy(Time(1_795_224_660_124));
        }
    });
}

/// The simplest comparison: one table, one statement.
fn bare(path: &Path, synchronous: &str) -> Connection {
    let db = Connection::open(path).unwrap();
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).unwrap();
    db.pragma_update(None, "synchronous", synchronous).unwrap();
    db.execute_batch(
        "CREATE TABLE event (room INTEGER, seq INTEGER, at INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (room, seq))",
    )
    .unwrap();
    db
}

fn insert(db: &mut Connection, rooms: impl Iterator<Item = usize>, heads: &mut [u64]) {
    let tx = db.transaction().unwrap();
    let mut insert = tx.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4)").unwrap();
    for room in rooms {
        heads[room] += 1;
        insert.execute(params![room, heads[room], 1_795_224_660_123u64, RECORD]).unwrap();
    }
    drop(insert);
    tx.commit().unwrap();
}

fn start(c: &mut Criterion) {
    let (rooms, events) = (size("PARLOR_BENCH_ROOMS", 200), size("PARLOR_BENCH_EVENTS", 1000));
    let directory = directory();
    let options = options(directory.path().join("parlor.db"), Durability::Normal);
    let mut journal = SqliteJournal::open(&options).unwrap();
    // Some at a time to each in turn: the records of a room never come all at once.
    for _ in 0..events / 50 {
        for rooms in (0..rooms).collect::<Vec<_>>().chunks(20) {
            journal.commit_all(rooms.iter().map(|number| commit(&room(*number), 50)).collect());
        }
    }
    drop(journal);
    let mut group = c.benchmark_group("start");
    group.sample_size(10);
    group.bench_function(format!("{rooms} rooms of {events}"), |b| {
        b.iter(|| {
            let mut journal = SqliteJournal::open(&options).unwrap();
            assert_eq!(journal.restore().unwrap().logs.len(), rooms);
        });
    });
    group.finish();

    let journal = SqliteJournal::open(&options).unwrap();
    let mut reader = journal.reader().unwrap();
    let mut order = scattered(rooms);
    c.bench_function("page of 50, the newest of any room", |b| {
        b.iter(|| {
            let log = room(order.next().unwrap());
            let of = PageOf { log, after: 0, before: u64::MAX, end: End::Newest, limit: 50, bytes: 256 * 1024 };
            black_box(reader.load(Load::Page(of)));
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = appends, start
}
criterion_main!(benches);
