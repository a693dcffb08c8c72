#![allow(clippy::unwrap_used)]

mod housekeeping;
mod lifecycle;
mod opening;
mod running_time;

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;

use super::error::OpenError;
use super::{Durability, SqliteJournal, SqliteOptions};
use parlor_core::Time;
use parlor_core::journal::{Append, Commit, End, Expect, Journal, Load, Loaded, LogName, Outcome, Page, PageOf};

const BOOT: Option<&str> = Some("boot 1");

fn options(directory: &TempDir) -> SqliteOptions {
    options_at(&directory.path().join("parlor.db"))
}

fn options_at(path: &Path) -> SqliteOptions {
    let durability = Durability::Normal;
    SqliteOptions { durability, grace: Duration::ZERO, ..SqliteOptions::new(path, Time(1000)) }
}

fn refusal(options: &SqliteOptions) -> OpenError {
    match SqliteJournal::open_on(options, BOOT) {
        Err(error) => error,
        Ok(_) => panic!("the journal should have been refused"),
    }
}

/// `count` records for the end of a log, with a state that says how many there are.
fn append(log: &str, count: usize) -> Append {
    Append {
        log: LogName::new(log),
        expect: Expect::Anything,
        epoch: "epoch".into(),
        at: Time(1000),
        records: (0..count).map(|n| Bytes::from(format!("record {n} of {log}"))).collect(),
        state: Some(Bytes::from_static(b"state")),
        expires_at: None,
    }
}

fn fill(journal: &mut SqliteJournal, log: &str, count: usize) {
    let commit = Commit { appends: vec![append(log, count)], ..Commit::default() };
    let outcomes = journal.commit_all(vec![commit]);
    assert!(matches!(outcomes[..], [Outcome::Committed(_)]), "{outcomes:?}");
}

fn page(journal: &mut SqliteJournal, log: &str) -> Page {
    let log = LogName::new(log);
    let of = PageOf { log, after: 0, before: u64::MAX, end: End::Oldest, limit: usize::MAX, bytes: usize::MAX };
    let loaded = journal.load(Load::Page(of));
    let Loaded::Page(page) = loaded else { panic!("{loaded:?}") };
    page
}

fn rows(journal: &SqliteJournal, table: &str) -> i64 {
    journal.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}
