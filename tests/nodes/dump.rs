//! A whole journal, piece by piece, between SQLite and Redis: nothing is lost, nothing is older.

use std::collections::BTreeMap;
use std::time::Duration;

use parlor_core::journal::dump::{DumpSink, DumpSource, DumpedLog, DumpedRecord, DumpedValue, Piece, copy};
use parlor_core::journal::{Amend, Append, Commit, Expect, Journal, LogName, Outcome, Put};
use parlor_core::{Bytes, Time};
use parlor_redis::{OpenError, RedisDump, RedisJournal, RedisOptions, RedisSink};
use parlor_sqlite::{SqliteDump, SqliteJournal, SqliteOptions, SqliteSink};
use parlor_testkit::Redis;
use tempfile::TempDir;

const MINUTE: Duration = Duration::from_secs(60);
const START: Time = Time(1_000_000_000);
const LATER: Time = Time(START.0 + 1_000_000_000);

fn on_file(directory: &TempDir, name: &str, now: Time) -> SqliteOptions {
    SqliteOptions { retain: 1000, grace: Duration::ZERO, ..SqliteOptions::new(directory.path().join(name), now) }
}

fn on(redis: &Redis) -> RedisOptions {
    RedisOptions::new(redis.url().parse().unwrap())
}

fn append(log: &str, records: usize, at: Time) -> Append {
    Append {
        log: LogName::new(log),
        expect: Expect::Anything,
        epoch: format!("epoch of {log}"),
        at,
        records: (0..records).map(|n| Bytes::from(vec![0xff, u8::try_from(n).unwrap(), 0])).collect(),
        state: (log != "stateless").then(|| Bytes::from(format!("state {records}"))),
        expires_at: (log == "passing").then_some(at + 90 * MINUTE),
    }
}

/// A journal that ran for an hour, with all that there can be.
fn fill(options: &SqliteOptions) {
    let mut journal = SqliteJournal::open(options).unwrap();
    let mut now = START;
    for minute in 0..60 {
        now = now + MINUTE;
        let logs = ["passing", "stateless", "dropped", "empty", "long ä"];
        let records = |log: &str| {
            if log == "empty" {
                0
            } else if log == "long ä" {
                150
            } else {
                1 + minute % 2
            }
        };
        let appends = logs[..1 + minute % 5].iter().map(|log| append(log, records(log), now)).collect();
        let puts = (0..10).map(|n| Put::new(format!("key {minute:02}/{n}"), format!("value {minute}")));
        let passing = Put::new(format!("passing {minute:02}"), "soon").expires_at(now + 70 * MINUTE);
        let amends = vec![Amend { log: LogName::new("passing"), seq: 1, record: "another".into() }];
        let mut commits =
            vec![Commit { appends, puts: puts.chain([passing]).collect(), at: Some(now), ..Commit::default() }];
        commits.push(Commit { amends, ..Commit::default() });
        let outcomes = journal.commit_all(commits);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Committed(_))), "{outcomes:?}");
        while journal.tidy(now) {}
    }
    journal.commit_all(vec![Commit { drops: vec![LogName::new("dropped")], ..Commit::default() }]);
}

/// Everything in a journal, in order: the sizes of pieces don't matter, nor does the wall clock of records.
#[derive(Debug, Default, PartialEq)]
struct Everything {
    generation: String,
    logs: BTreeMap<LogName, DumpedLog>,
    records: BTreeMap<(LogName, u64), (Duration, Bytes)>,
    values: BTreeMap<String, DumpedValue>,
}

impl Everything {
    fn of(source: &mut dyn DumpSource) -> Self {
        let mut all = Everything { generation: source.generation().to_owned(), ..Everything::default() };
        let mut log = None;
        while let Some(piece) = source.piece().unwrap() {
            match piece {
                Piece::Log(begun) => {
                    log = Some(begun.log.clone());
                    all.logs.insert(begun.log.clone(), begun);
                }
                Piece::Records(records) => {
                    for DumpedRecord { seq, age, record, .. } in records {
                        all.records.insert((log.clone().unwrap(), seq), (age, record));
                    }
                }
                Piece::Values(values) => {
                    all.values.extend(values.into_iter().map(|value| (value.key.clone(), value)));
                }
                Piece::Gone { .. } => panic!("nothing goes while nobody writes"),
            }
        }
        all
    }
}

fn move_on(source: &mut dyn DumpSource, sink: &mut dyn DumpSink) {
    copy(source, sink).unwrap();
}

#[test]
fn what_goes_through_redis_is_what_it_was() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let [from, back] = ["from.db", "back.db"].map(|name| on_file(&directory, name, LATER));
    fill(&on_file(&directory, "from.db", START));
    let before = Everything::of(&mut SqliteDump::open(&from).unwrap());
    assert!(before.records.len() > 1000 && before.values.len() == 660 && before.logs.len() == 4, "{:?}", before.logs);

    move_on(&mut SqliteDump::open(&from).unwrap(), &mut RedisSink::create(&on(&redis)).unwrap());
    let between = Everything::of(&mut RedisDump::open(&on(&redis)).unwrap());
    assert_eq!(between.logs, before.logs);
    assert!(between == before);

    move_on(&mut RedisDump::open(&on(&redis)).unwrap(), &mut SqliteSink::create(&back.path, LATER).unwrap());
    assert!(Everything::of(&mut SqliteDump::open(&back).unwrap()) == before);
    assert_ne!(RedisDump::open(&on(&redis)).unwrap().generation(), before.generation);
    assert_ne!(SqliteDump::open(&from).unwrap().generation(), before.generation);
}

#[test]
fn a_node_goes_on_with_a_copy_where_the_source_was() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    fill(&on_file(&directory, "from.db", START));
    let mut source = SqliteJournal::open(&on_file(&directory, "from.db", LATER)).unwrap();
    let before = source.restore().unwrap();
    drop(source);
    let mut source = SqliteDump::open(&on_file(&directory, "from.db", LATER)).unwrap();
    move_on(&mut source, &mut RedisSink::create(&on(&redis)).unwrap());

    let options = RedisOptions { retain: 1000, ..on(&redis) };
    let mut journal = RedisJournal::open(&options).unwrap();
    let after = journal.restore().unwrap();
    assert_eq!(after.generation, before.generation);
    assert_eq!(after.logs.len(), before.logs.len());
    for (after, before) in after.logs.iter().zip(&before.logs) {
        assert!(after.idle >= before.idle && after.idle < before.idle + MINUTE, "{after:?} {before:?}");
        assert_eq!(parlor_core::journal::LogState { idle: before.idle, ..after.clone() }, *before);
    }
    let long = before.logs.iter().find(|log| log.log.as_str() == "long ä").unwrap();
    let next = Append { expect: Expect::Version(long.version), ..append("long ä", 1, LATER) };
    let outcome = journal.commit_all(vec![Commit { appends: vec![next], ..Commit::default() }]).remove(0);
    let Outcome::Committed(placed) = outcome else { panic!("{outcome:?}") };
    assert_eq!((placed[0].first, placed[0].version), (long.head + 1, long.version + 1));
    drop(journal);
}

#[test]
fn later_pieces_take_the_place_of_earlier_ones() {
    let redis = Redis::start();
    let mut sink = RedisSink::create(&on(&redis)).unwrap();
    let log = |epoch: &str, first, head| DumpedLog {
        log: LogName::new("log"),
        epoch: epoch.into(),
        version: head,
        first,
        head,
        at: START,
        idle: MINUTE,
        expires_in: Some(MINUTE),
        state: (epoch == "2").then(|| "state".into()),
    };
    let records = |seqs: &[u64], text: &'static str| {
        let record = |seq| DumpedRecord { seq, at: START, age: MINUTE, record: text.into() };
        Piece::Records(seqs.iter().copied().map(record).collect())
    };
    let value = |key: &str, value: &'static str| {
        let expires_in = (key == "a").then_some(MINUTE);
        DumpedValue { key: key.into(), value: value.into(), expires_in }
    };
    let other = DumpedLog { log: LogName::new("other"), ..log("1", 1, 1) };
    for piece in [
        Piece::Log(log("1", 1, 3)),
        records(&[1, 2, 3], "of another epoch"),
        Piece::Log(other),
        records(&[1], "gone"),
        Piece::Log(log("2", 1, 4)),
        records(&[1, 2, 3, 4], "old"),
        Piece::Log(log("2", 2, 5)),
        records(&[4, 5], "new"),
        Piece::Values(vec![value("a", "1"), value("b", "1"), value("c", "1")]),
        Piece::Gone {
            logs: vec![LogName::new("other"), LogName::new("never")],
            keys: vec!["b".into(), "never".into()],
        },
        Piece::Values(vec![value("c", "2")]),
    ] {
        sink.take(piece).unwrap();
    }
    let refused = RedisDump::open(&on(&redis)).err();
    assert!(matches!(refused, Some(OpenError::HalfCopied)), "{refused:?}");
    assert!(matches!(RedisJournal::open(&on(&redis)).err(), Some(OpenError::HalfCopied)));
    sink.finish("generation").unwrap();
    drop(sink);

    let all = Everything::of(&mut RedisDump::open(&on(&redis)).unwrap());
    assert_eq!(all.generation, "generation");
    assert_eq!(all.logs.into_values().collect::<Vec<_>>(), [log("2", 2, 5)]);
    let texts: Vec<(u64, Bytes)> = all.records.into_iter().map(|((_, seq), (_, record))| (seq, record)).collect();
    assert_eq!(texts, [(2, "old".into()), (3, "old".into()), (4, "new".into()), (5, "new".into())]);
    assert_eq!(all.values.into_values().collect::<Vec<_>>(), [value("a", "1"), value("c", "2")]);
}

#[test]
fn nobody_starts_on_a_journal_that_is_being_read_or_made() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    drop(RedisJournal::open(&on(&redis)).unwrap());
    let mut dump = RedisDump::open(&on(&redis)).unwrap();
    assert!(matches!(RedisJournal::open(&on(&redis)).err(), Some(OpenError::Taken)));
    assert!(matches!(RedisDump::open(&on(&redis)).err(), Some(OpenError::Taken)));
    // A program that was not heard of for a minute has lost it.
    redis.ask(&["DEL", "{parlor}:closer"]);
    let journal = RedisJournal::open(&on(&redis)).unwrap();
    let mut sink = SqliteSink::create(&directory.path().join("to.db"), LATER).unwrap();
    let words = copy(&mut dump, &mut sink).unwrap_err();
    assert!(words.contains("another program has taken the journal"), "{words}");
    drop((dump, sink));
    assert!(!directory.path().join("to.db").exists());
    assert!(matches!(RedisDump::open(&on(&redis)).err(), Some(OpenError::NodesAtWork { .. })));
    drop(journal);
    RedisDump::open(&on(&redis)).unwrap();
    assert!(matches!(RedisSink::create(&on(&redis)).err(), Some(OpenError::NotEmpty)));
}
