//! Nothing expires for time in which no server ran.

use std::fs;

use rusqlite::Connection;

use super::super::backup;
use super::lifecycle::kill;
use super::*;
use crate::Imported;
use parlor_core::journal::Put;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

fn start(options: &SqliteOptions, now: u64) -> SqliteJournal {
    SqliteJournal::open_on(&SqliteOptions { now: Time(now), ..options.clone() }, BOOT).unwrap()
}

/// Lets the journal run from `from` until `until`, by wall time.
fn live(journal: &mut SqliteJournal, from: u64, until: u64) {
    let mut now = from;
    while now < until {
        now = until.min(now + MINUTE / 2);
        while journal.tidy(Time(now)) {}
    }
}

fn append_at(journal: &mut SqliteJournal, at: u64, expires_at: Option<u64>) {
    let append = Append { at: Time(at), expires_at: expires_at.map(Time), ..append("room/a", 1) };
    journal.commit_all(vec![Commit { appends: vec![append], ..Commit::default() }]);
}

fn head(journal: &mut SqliteJournal) -> u64 {
    page(journal, "room/a").head
}

fn idle(journal: &mut SqliteJournal) -> u64 {
    u64::try_from(journal.restore().unwrap().logs[0].idle.as_millis()).unwrap()
}

#[test]
fn time_in_which_the_journal_was_closed_is_added() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let mut journal = start(&options, DAY);
    append_at(&mut journal, DAY, Some(DAY + 10 * MINUTE));
    live(&mut journal, DAY, DAY + 4 * MINUTE);
    drop(journal);
    let mut journal = start(&options, 400 * DAY);
    assert_eq!(idle(&mut journal), 4 * MINUTE);
    live(&mut journal, 400 * DAY, 400 * DAY + 6 * MINUTE - 1);
    assert_eq!((head(&mut journal), idle(&mut journal)), (1, 10 * MINUTE - 1));
    live(&mut journal, 400 * DAY + 6 * MINUTE - 1, 400 * DAY + 6 * MINUTE);
    assert_eq!(head(&mut journal), 0);
}

#[test]
fn a_killed_process_leaves_the_clock_at_most_a_minute_behind() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let mut journal = start(&options, DAY);
    append_at(&mut journal, DAY, None);
    live(&mut journal, DAY, DAY + 10 * MINUTE - 1);
    kill(journal);
    let idle = idle(&mut start(&options, 400 * DAY));
    assert!((9 * MINUTE..10 * MINUTE).contains(&idle), "{idle}");
}

#[test]
fn a_process_that_is_always_killed_early_counts_half_of_its_time() {
    const SECOND: u64 = 1000;
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let mut journal = start(&options, DAY);
    append_at(&mut journal, DAY, None);
    let mut lived = 0;
    for (day, seconds) in (1..).zip([50, 5, 17, 33, 2, 59]) {
        let started = day * DAY;
        for second in 1..=seconds {
            while journal.tidy(Time(started + second * SECOND)) {}
        }
        lived += seconds * SECOND;
        kill(journal);
        journal = start(&options, started + DAY);
        let idle = idle(&mut journal);
        assert!((lived / 2..=lived).contains(&idle), "{idle} of {lived}");
    }
}

#[test]
fn a_start_gives_a_grace() {
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteOptions { grace: Duration::from_millis(10 * MINUTE), ..options(&directory) };
    let mut journal = start(&options, DAY);
    append_at(&mut journal, DAY, Some(DAY + 1));
    live(&mut journal, DAY, DAY + 10 * MINUTE - 1);
    assert_eq!(head(&mut journal), 1);
    live(&mut journal, DAY + 10 * MINUTE - 1, DAY + 10 * MINUTE);
    assert_eq!(head(&mut journal), 0);
}

#[test]
fn a_clock_set_forward_expires_nothing_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let age = Some(Duration::from_millis(30 * DAY));
    let mut journal = start(&SqliteOptions { retain_age: age, ..options(&directory) }, DAY);
    append_at(&mut journal, DAY, Some(31 * DAY));
    live(&mut journal, DAY, DAY + MINUTE);
    while journal.tidy(Time(400 * DAY)) {}
    assert_eq!((head(&mut journal), rows(&journal, "record")), (1, 1));
    append_at(&mut journal, 400 * DAY, Some(430 * DAY));
    live(&mut journal, 400 * DAY, 400 * DAY + 2 * MINUTE);
    assert_eq!((head(&mut journal), rows(&journal, "record")), (2, 2));
}

#[test]
fn records_do_not_age_while_the_journal_is_closed() {
    let directory = tempfile::tempdir().unwrap();
    let age = Some(Duration::from_millis(10 * MINUTE));
    let options = SqliteOptions { retain_age: age, ..options(&directory) };
    let mut journal = start(&options, DAY);
    append_at(&mut journal, DAY, None);
    live(&mut journal, DAY, DAY + 5 * MINUTE);
    drop(journal);
    let mut journal = start(&options, 400 * DAY);
    append_at(&mut journal, 400 * DAY, None);
    live(&mut journal, 400 * DAY, 400 * DAY + 4 * MINUTE);
    assert_eq!(page(&mut journal, "room/a").first, 1);
    live(&mut journal, 400 * DAY + 4 * MINUTE, 400 * DAY + 7 * MINUTE);
    assert_eq!(page(&mut journal, "room/a").first, 2);
}

/// Between a jump of the clock and the next slice of housekeeping, and while an app's clock is ahead of the wall clock.
#[test]
fn what_is_written_right_after_a_jump_ages_as_everything_does() {
    let age = Some(Duration::from_millis(10 * MINUTE));
    for jump in [400 * DAY, 10 * DAY] {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = start(&SqliteOptions { retain_age: age, ..options(&directory) }, 100 * DAY);
        live(&mut journal, 100 * DAY, 100 * DAY + MINUTE);
        append_at(&mut journal, jump, Some(jump + 20 * MINUTE));
        assert_eq!(idle(&mut journal), 0);
        live(&mut journal, jump, jump + 8 * MINUTE);
        assert_eq!((rows(&journal, "record"), head(&mut journal)), (1, 1), "{jump}");
        live(&mut journal, jump + 8 * MINUTE, jump + 13 * MINUTE);
        assert_eq!((rows(&journal, "record"), head(&mut journal)), (0, 1), "{jump}");
        live(&mut journal, jump + 13 * MINUTE, jump + 22 * MINUTE);
        assert_eq!(head(&mut journal), 0, "{jump}");
    }
}

#[test]
fn an_old_backup_put_back_loses_nothing_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let copied = directory.path().join("copy.db");
    let mut journal = start(&options, DAY);
    append_at(&mut journal, DAY, Some(DAY + 10 * MINUTE));
    live(&mut journal, DAY, DAY + 2 * MINUTE);
    backup::backup(&options.path, &copied).unwrap();
    live(&mut journal, DAY + 2 * MINUTE, DAY + 20 * MINUTE);
    assert_eq!(head(&mut journal), 0);
    drop(journal);
    fs::copy(&copied, &options.path).unwrap();
    let mut journal = start(&options, 400 * DAY);
    live(&mut journal, 400 * DAY, 400 * DAY + 7 * MINUTE);
    assert_eq!(head(&mut journal), 1);
}

#[test]
fn an_import_counts_as_used_now() {
    let directory = tempfile::tempdir().unwrap();
    let age = Some(Duration::from_millis(10 * MINUTE));
    let options = SqliteOptions { retain_age: age, ..options(&directory) };
    let mut journal = start(&options, 400 * DAY);
    for (log, at) in [("room/a", 7), ("room/b", 900 * DAY)] {
        let imported = Imported {
            log: LogName::new(log),
            epoch: "epoch".into(),
            first: 1,
            records: vec![(Time(at), Bytes::from_static(b"hello"))],
            state: Some(Bytes::from_static(b"state")),
            expires_at: None,
        };
        assert!(journal.import(&imported).unwrap());
    }
    drop(journal);
    let mut journal = start(&options, 500 * DAY);
    assert!(journal.restore().unwrap().logs.iter().all(|log| log.idle == Duration::ZERO));
    live(&mut journal, 500 * DAY, 500 * DAY + 9 * MINUTE);
    assert_eq!(rows(&journal, "record"), 2);
    assert_eq!(idle(&mut journal), 9 * MINUTE);
}

/// A file of the version before the running clock, in which the newest append was on day 2.
#[test]
fn an_older_file_loses_nothing_for_its_time_on_the_shelf() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let db = Connection::open(&options.path).unwrap();
    db.execute_batch(crate::schema::FIRST).unwrap();
    db.pragma_update(None, "application_id", 0x5061_726c).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    db.execute_batch(&format!(
        "INSERT INTO log VALUES (1, 'room/a', 'e', 1, 1, {}, {expires}, {expires}, x'00'), (2, 'room/b', 'e', 1, 0, {}, NULL, NULL, NULL);
         INSERT INTO record VALUES (1 << 38 | 1, {}, x'00')",
        DAY,
        2 * DAY,
        DAY,
        expires = 2 * DAY + 5 * MINUTE,
    ))
    .unwrap();
    db.close().unwrap();
    let mut journal = start(&options, 400 * DAY);
    assert_eq!(idle(&mut journal), 0);
    live(&mut journal, 400 * DAY, 400 * DAY + 5 * MINUTE - 1);
    assert_eq!(head(&mut journal), 1);
    live(&mut journal, 400 * DAY + 5 * MINUTE - 1, 400 * DAY + 5 * MINUTE);
    assert_eq!(head(&mut journal), 0);
}

#[test]
fn a_value_that_is_written_right_after_the_clock_was_set_back_expires_in_its_time() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory), 90 * DAY);
    live(&mut journal, 90 * DAY, 90 * DAY + MINUTE);
    let put = Put::new("user", Bytes::new()).expires_at(Time(DAY + 10 * MINUTE));
    journal.commit_all(vec![Commit { puts: vec![put], at: Some(Time(DAY)), ..Commit::default() }]);
    live(&mut journal, DAY, DAY + 9 * MINUTE);
    assert_eq!(rows(&journal, "value"), 1);
    live(&mut journal, DAY + 9 * MINUTE, DAY + 12 * MINUTE);
    assert_eq!(rows(&journal, "value"), 0);
}
