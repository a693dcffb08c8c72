//! Every journal of one writer against a plain model. `crates/redis/tests` runs the same steps.

#![allow(clippy::unwrap_used)]

#[path = "journal_model/model.rs"]
mod model;
#[path = "journal_model/steps.rs"]
mod steps;

use std::time::Duration;

use parlor_core::Time;
use parlor_core::journal::{Journal, MemoryJournal};
use parlor_sqlite::{SqliteJournal, SqliteOptions};
use proptest::prelude::*;

use steps::{START, Subject, run, steps};

struct Memory(MemoryJournal);

impl Subject for Memory {
    fn journal(&mut self) -> &mut dyn Journal {
        &mut self.0
    }

    fn restart(&mut self, _: Time) -> bool {
        false
    }

    fn grace_ms(&self) -> u64 {
        0
    }
}

struct Sqlite {
    journal: Option<SqliteJournal>,
    options: SqliteOptions,
    _directory: tempfile::TempDir,
}

impl Sqlite {
    fn new(retain: u64, grace: Duration) -> Sqlite {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("parlor.db");
        let options = SqliteOptions { retain, grace, ..SqliteOptions::new(path, START) };
        Sqlite { journal: Some(SqliteJournal::open(&options).unwrap()), options, _directory: directory }
    }
}

impl Subject for Sqlite {
    fn journal(&mut self) -> &mut dyn Journal {
        self.journal.as_mut().unwrap()
    }

    fn restart(&mut self, now: Time) -> bool {
        self.journal = None;
        self.options.now = now;
        self.journal = Some(SqliteJournal::open(&self.options).unwrap());
        true
    }

    fn grace_ms(&self) -> u64 {
        u64::try_from(self.options.grace.as_millis()).unwrap()
    }
}

proptest! {

    #[test]
    fn memory_keeps_the_promises(retain in 1u64..8, steps in steps()) {
        run(&mut Memory(MemoryJournal::new(retain as usize)), retain, steps);
    }

    #[test]
    fn sqlite_keeps_the_promises(retain in 1u64..8, grace_ms in prop::sample::select(vec![0, 0, 15, 70_000]), steps in steps()) {
        run(&mut Sqlite::new(retain, Duration::from_millis(grace_ms)), retain, steps);
    }
}
