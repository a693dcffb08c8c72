#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;

use super::{SqliteDump, SqliteSink};
use crate::{FileError, OpenError, SqliteJournal, SqliteOptions};
use parlor_core::Time;
use parlor_core::journal::dump::{DumpSink, DumpSource, DumpedLog, DumpedRecord, DumpedValue, Piece, copy};
use parlor_core::journal::{Amend, Append, Commit, Expect, Journal, LogName, Put};

const MINUTE: Duration = Duration::from_secs(60);
/// The wall time at which the source is opened; a year later it is copied.
const START: Time = Time(1_000_000_000);
const LATER: Time = Time(START.0 + 365 * 24 * 3_600_000);

fn options(directory: &TempDir, name: &str, now: Time) -> SqliteOptions {
    SqliteOptions { retain: 50, grace: Duration::ZERO, ..SqliteOptions::new(directory.path().join(name), now) }
}

fn append(log: &str, records: usize, at: Time) -> Append {
    Append {
        log: LogName::new(log),
        expect: Expect::Anything,
        epoch: format!("epoch of {log}"),
        at,
        records: (0..records).map(|n| Bytes::from(format!("record {n} of {log}"))).collect(),
        state: (log != "stateless").then(|| Bytes::from(format!("state {records}"))),
        expires_at: (log == "passing").then_some(at + 90 * MINUTE),
    }
}

/// A journal in which everything has happened that can, after it ran for an hour.
fn fill(options: &SqliteOptions) -> String {
    let mut journal = SqliteJournal::open(options).unwrap();
    let mut now = START;
    let mut commit = |now, commit| {
        let outcomes = journal.commit_all(vec![commit]);
        assert!(matches!(outcomes[..], [parlor_core::journal::Outcome::Committed(_)]), "{outcomes:?}");
        while journal.tidy(now) {}
    };
    for minute in 0..60 {
        now = now + MINUTE;
        let logs = ["passing", "stateless", "dropped", "empty", "long"];
        let records = |log: &str| {
            if log == "empty" {
                0
            } else if log == "long" {
                20
            } else {
                1 + minute % 2
            }
        };
        let appends = logs[..1 + minute % 5].iter().map(|log| append(log, records(log), now)).collect();
        let puts = vec![
            Put::new(format!("key {minute:02}"), format!("value {minute}")),
            Put::new(format!("passing {minute:02}"), "soon").expires_at(now + 70 * MINUTE),
        ];
        commit(now, Commit { appends, puts, at: Some(now), ..Commit::default() });
    }
    let amends = vec![Amend { log: LogName::new("passing"), seq: 60, record: "another".into() }];
    commit(
        now,
        Commit { amends, drops: vec![LogName::new("dropped")], puts: vec![Put::delete("key 07")], ..Commit::default() },
    );
    journal.generation().to_owned()
}

fn pieces(source: &mut dyn DumpSource) -> Vec<Piece> {
    std::iter::from_fn(|| source.piece().unwrap()).collect()
}

fn refusal(made: Result<SqliteSink, FileError>) -> OpenError {
    made.err().unwrap().error
}

#[test]
fn a_copy_is_the_same_journal_and_the_source_is_another_from_then_on() {
    let directory = tempfile::tempdir().unwrap();
    let generation = fill(&options(&directory, "from.db", START));
    let mut source = SqliteDump::open(&options(&directory, "from.db", LATER)).unwrap();
    let to = options(&directory, "to.db", LATER);
    let mut sink = SqliteSink::create(&to.path, LATER).unwrap();
    let copied = copy(&mut source, &mut sink).unwrap();
    assert_eq!((copied.logs, copied.values), (4, 119));
    drop((source, sink));

    let restored = |name: &str| SqliteJournal::open(&options(&directory, name, LATER)).unwrap().restore().unwrap();
    let (copy, source) = (restored("to.db"), restored("from.db"));
    assert_eq!(copy.generation, generation);
    assert_ne!(source.generation, generation, "two journals that go on must not share epochs");
    assert_eq!(copy.logs, source.logs);
    let [copy, source] =
        ["to.db", "from.db"].map(|name| pieces(&mut SqliteDump::open(&options(&directory, name, LATER)).unwrap()));
    assert!(copy == source, "{copy:#?}\n{source:#?}");
    let logs = copy.iter().filter_map(|piece| match piece {
        Piece::Log(log) => Some(log),
        Piece::Records(_) | Piece::Values(_) | Piece::Gone { .. } => None,
    });
    let passing = logs.clone().find(|log| log.log.as_str() == "passing").unwrap();
    assert_eq!(
        (passing.idle, passing.expires_in),
        (Duration::ZERO, Some(90 * MINUTE)),
        "a year off counts for nothing"
    );
    assert!(logs.clone().any(|log| log.first > log.head) && logs.clone().any(|log| log.first > 1), "{logs:?}");
}

#[test]
fn a_file_that_is_there_is_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("to.db");
    for beside in ["to.db", "to.db-wal"] {
        std::fs::write(directory.path().join(beside), "mine").unwrap();
        assert!(matches!(refusal(SqliteSink::create(&path, LATER)), OpenError::AlreadyExists));
        assert_eq!(std::fs::read(directory.path().join(beside)).unwrap(), b"mine");
        std::fs::remove_file(directory.path().join(beside)).unwrap();
    }
    let nowhere = directory.path().join("nowhere/to.db");
    assert!(matches!(refusal(SqliteSink::create(&nowhere, LATER)), OpenError::NoDirectory));
}

#[test]
fn a_copy_that_ends_early_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let generation = fill(&options(&directory, "from.db", START));
    std::fs::write(directory.path().join("to.db.part"), "of a copy that was killed").unwrap();
    let mut source = SqliteDump::open(&options(&directory, "from.db", LATER)).unwrap();
    let mut sink = SqliteSink::create(&directory.path().join("to.db"), LATER).unwrap();
    for _ in 0..3 {
        sink.take(source.piece().unwrap().unwrap()).unwrap();
    }
    assert!(matches!(refusal(SqliteSink::create(&directory.path().join("to.db"), LATER)), OpenError::InUse));
    drop((source, sink));
    let left: Vec<PathBuf> = directory.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| path.to_string_lossy().contains("from.db")), "{left:?}");
    let journal = SqliteJournal::open(&options(&directory, "from.db", LATER)).unwrap();
    assert_eq!(journal.generation(), generation);
}

#[test]
fn a_journal_at_work_is_no_source() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory, "from.db", START);
    assert!(matches!(SqliteDump::open(&options).err().unwrap().error, OpenError::Missing));
    assert!(!options.path.exists());
    let _server = SqliteJournal::open(&options).unwrap();
    assert!(matches!(SqliteDump::open(&options).err().unwrap().error, OpenError::InUse));
}

fn log(epoch: &str, first: u64, head: u64) -> Piece {
    Piece::Log(DumpedLog {
        log: LogName::new("log"),
        epoch: epoch.into(),
        version: head,
        first,
        head,
        at: START,
        idle: MINUTE,
        expires_in: None,
        state: Some("state".into()),
    })
}

fn records(seqs: &[u64], text: &'static str) -> Piece {
    let record = |seq| DumpedRecord { seq, at: START, age: MINUTE, record: text.into() };
    Piece::Records(seqs.iter().copied().map(record).collect())
}

fn value(key: &str, value: &'static str) -> DumpedValue {
    DumpedValue { key: key.into(), value: value.into(), expires_in: None }
}

#[test]
fn later_pieces_take_the_place_of_earlier_ones() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("to.db");
    let of = |given: &[Piece]| {
        let mut sink = SqliteSink::create_backup(&path, LATER).unwrap();
        given.iter().for_each(|piece| sink.take(piece.clone()).unwrap());
        sink.finish("generation").unwrap();
        drop(sink);
        let options = options(&directory, "to.db", LATER);
        let mut dump = SqliteDump::open(&options).unwrap();
        assert_ne!(dump.generation(), "generation", "it is a backup");
        let read = pieces(&mut dump);
        drop(dump);
        ["to.db", "to.db.lock"].iter().for_each(|name| std::fs::remove_file(directory.path().join(name)).unwrap());
        read
    };
    let more = [log("1", 1, 3), records(&[1, 2, 3], "old"), log("1", 2, 4), records(&[3, 4], "new")];
    assert_eq!(
        of(&more),
        [log("1", 2, 4), {
            let [Piece::Records(old), Piece::Records(new)] = [records(&[2], "old"), records(&[3, 4], "new")] else {
                panic!()
            };
            Piece::Records([old, new].concat())
        }]
    );
    let anew = [log("1", 1, 3), records(&[1, 2, 3], "old"), log("2", 1, 1), records(&[1], "new")];
    assert_eq!(of(&anew), anew[2..]);
    let gone =
        Piece::Gone { logs: vec![LogName::new("log"), LogName::new("never")], keys: vec!["a".into(), "c".into()] };
    let values = [Piece::Values(vec![value("a", "1"), value("b", "1")]), gone, Piece::Values(vec![value("b", "2")])];
    let all = [&anew[..], &values].concat();
    assert_eq!(of(&all), [Piece::Values(vec![value("b", "2")])]);
}
