//! Housekeeping: nothing stays on disk for ever.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::record_key::{SEQ_MAX, pack};
use super::super::wal::Wal;
use super::*;

fn start(options: &SqliteOptions) -> SqliteJournal {
    SqliteJournal::open_on(options, BOOT).unwrap()
}

fn tidy(journal: &mut SqliteJournal, now: u64) -> usize {
    1 + std::iter::from_fn(|| journal.tidy(Time(now)).then_some(())).count()
}

#[test]
fn what_is_beyond_retain_goes_slice_by_slice() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&SqliteOptions { retain: 2000, ..options(&directory) });
    for _ in 0..49 {
        fill(&mut journal, "room/a", 100);
    }
    let page = page(&mut journal, "room/a");
    assert_eq!((page.first, page.head, page.records.len()), (2901, 4900, 2000));
    assert_eq!(rows(&journal, "record"), 4900);
    assert!(tidy(&mut journal, 0) >= 3);
    assert_eq!(rows(&journal, "record"), 2000);
}

#[test]
fn a_start_with_a_smaller_retain_trims_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    for room in 0..600 {
        fill(&mut journal, &format!("room/{room}"), 10);
    }
    drop(journal);
    let mut journal = start(&SqliteOptions { retain: 3, ..options(&directory) });
    tidy(&mut journal, 0);
    assert_eq!(rows(&journal, "record"), 1800);
    assert_eq!(page(&mut journal, "room/599").records.len(), 3);
}

/// Without a single turn of housekeeping.
#[test]
fn writers_do_their_share_when_housekeeping_falls_behind() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&SqliteOptions { retain: 100, ..options(&directory) });
    for _ in 0..500 {
        fill(&mut journal, "room/a", 20);
    }
    let kept = rows(&journal, "record");
    assert!(kept < 1500, "{kept}");
    let page = page(&mut journal, "room/a");
    assert_eq!((page.first, page.head), (9901, 10_000));
}

#[test]
fn records_that_are_too_old_go_and_numbers_stay() {
    let directory = tempfile::tempdir().unwrap();
    let age = Some(Duration::from_millis(100));
    let mut journal = start(&SqliteOptions { retain_age: age, ..options(&directory) });
    for at in [1000, 1050, 2000] {
        let appends = vec![Append { at: Time(at), ..append("room/a", 300) }];
        journal.commit_all(vec![Commit { appends, ..Commit::default() }]);
    }
    tidy(&mut journal, 1120);
    assert_eq!(page(&mut journal, "room/a").first, 301);
    tidy(&mut journal, 1121);
    assert_eq!(page(&mut journal, "room/a").first, 301, "the next round is a minute later");
    tidy(&mut journal, 90_000);
    let empty = page(&mut journal, "room/a");
    assert_eq!((empty.first, empty.head, empty.records.len()), (0, 900, 0));
    assert_eq!(rows(&journal, "record"), 0);

    drop(journal);
    let mut journal = start(&options(&directory));
    fill(&mut journal, "room/a", 1);
    let page = page(&mut journal, "room/a");
    assert_eq!((page.first, page.head), (901, 901));
}

#[test]
fn an_expiry_that_is_put_off_is_put_off() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    for expires_at in [2000, 5000] {
        let appends = vec![Append { expires_at: Some(Time(expires_at)), ..append("room/a", 1) }];
        journal.commit_all(vec![Commit { appends, ..Commit::default() }]);
    }
    tidy(&mut journal, 4999);
    assert_eq!(page(&mut journal, "room/a").head, 2);
    tidy(&mut journal, 5000);
    assert_eq!(page(&mut journal, "room/a").head, 0);
    assert_eq!((rows(&journal, "log"), rows(&journal, "record")), (0, 0));
}

#[test]
fn a_log_dropped_in_the_batch_that_filled_it_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    let filled = Commit { appends: vec![append("room/a", 5)], ..Commit::default() };
    let dropped = Commit { drops: vec![LogName::new("room/a")], ..Commit::default() };
    journal.commit_all(vec![filled.clone(), dropped, filled]);
    tidy(&mut journal, 0);
    assert_eq!((rows(&journal, "log"), rows(&journal, "record")), (1, 5));
}

#[test]
fn a_file_gives_back_what_it_does_not_need() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    let records = vec![Bytes::from(vec![7; 10_000]); 3000];
    let appends = vec![Append { records, ..append("room/a", 0) }];
    journal.commit_all(vec![Commit { appends, ..Commit::default() }]);
    let pages = |journal: &SqliteJournal| -> u64 {
        journal.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap()
    };
    let before = pages(&journal);
    journal.commit_all(vec![Commit { drops: vec![LogName::new("room/a")], ..Commit::default() }]);
    tidy(&mut journal, 0);
    let after = pages(&journal);
    assert!(after < before * 2 / 3, "{before} pages before, {after} after");
}

#[test]
fn a_log_whose_numbers_are_used_up_is_full_and_hurts_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    fill(&mut journal, "room/a", 1);
    journal.db.execute("UPDATE log SET head = ?1, first = ?1 + 1", [SEQ_MAX]).unwrap();
    let commit = |log| Commit { appends: vec![append(log, 1)], ..Commit::default() };
    let outcomes = journal.commit_all(vec![commit("room/a"), commit("room/b")]);
    assert!(matches!(outcomes[..], [Outcome::Unavailable(_), Outcome::Committed(_)]), "{outcomes:?}");
}

#[test]
fn ids_of_logs_are_found_anew_when_they_are_used_up() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    fill(&mut journal, "room/a", 1);
    journal.db.execute("UPDATE log SET id = (1 << 25) - 1", []).unwrap();
    journal.db.execute("UPDATE record SET id = ?1", [pack((1 << 25) - 1, 1)]).unwrap();
    for room in 0..20 {
        fill(&mut journal, &format!("room/{room}"), 2);
    }
    assert_eq!(page(&mut journal, "room/a").records.len(), 1);
    assert_eq!(page(&mut journal, "room/7").records.len(), 2);
    assert_eq!(rows(&journal, "log"), 21);
}

fn wal_bytes(directory: &TempDir) -> u64 {
    std::fs::metadata(directory.path().join("parlor.db-wal")).map_or(0, |file| file.len())
}

/// Rewrites a state of half a megabyte, so that the write-ahead log grows and the file does not.
fn rewrite(journal: &mut SqliteJournal, mebibytes: u64) {
    for n in 0..mebibytes * 2 {
        let state = Some(Bytes::from(vec![n as u8; 512 << 10])); // the same again would not be written
        let appends = vec![Append { state, ..append("room/a", 0) }];
        let outcomes = journal.commit_all(vec![Commit { appends, ..Commit::default() }]);
        assert!(matches!(outcomes[..], [Outcome::Committed(_)]), "{outcomes:?}");
    }
}

#[test]
fn a_reader_that_does_not_let_go_holds_the_write_ahead_log_up_only_while_it_lasts() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    rewrite(&mut journal, 1);
    let other = rusqlite::Connection::open(directory.path().join("parlor.db")).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM log").unwrap();
    rewrite(&mut journal, 70);
    tidy(&mut journal, 0);
    assert!(wal_bytes(&directory) > 70 << 20, "it holds what the reader sees");
    other.execute_batch("ROLLBACK").unwrap();
    rewrite(&mut journal, 36); // half as much again
    tidy(&mut journal, 0);
    assert!(wal_bytes(&directory) < 17 << 20, "{}", wal_bytes(&directory));
}

/// A read transaction of another connection, until it is dropped.
fn reading(directory: &TempDir) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(directory.path().join("parlor.db")).unwrap();
    db.execute_batch("BEGIN; SELECT count(*) FROM log").unwrap();
    db
}

/// Each reader begins before the one before it ends, so no commit finds a moment without one. The readers hold still while
/// the journal is tidied: nothing here depends on the machine's speed.
#[test]
fn readers_without_a_pause_do_not_hold_the_write_ahead_log_up() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    fill(&mut journal, "room/long", 1);
    let mut longest = 0;
    for _ in 0..20 {
        let mut reader = reading(&directory);
        for _ in 0..10 {
            rewrite(&mut journal, 1);
            reader = reading(&directory);
        }
        longest = longest.max(wal_bytes(&directory));
        drop(reader);
        tidy(&mut journal, 0);
    }
    // 200 MiB were written. The limit of 64 MiB was noticed after at most 10 more.
    assert!(longest > 64 << 20, "there was something to bound: {longest}");
    assert!(longest < 80 << 20, "{longest}");
}

/// The reader ends when it sees that the writer waits. The writer waits for 50 ms, which a busy machine may miss: then it
/// is tried again, from the beginning.
#[test]
fn the_writer_waits_for_a_reader_that_is_about_to_end() {
    let is_emptied = |_| {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = start(&options(&directory));
        rewrite(&mut journal, 1);
        let reader = reading(&directory);
        rewrite(&mut journal, 66);
        let second = rusqlite::Connection::open(directory.path().join("parlor.db")).unwrap();
        second.busy_timeout(Duration::ZERO).unwrap();
        let is_over = AtomicBool::new(false);
        let is_over = &is_over;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let is_free = || second.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
                while is_free() && !is_over.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                drop(reader);
            });
            Wal::of(&directory.path().join("parlor.db")).bound(&journal.db).unwrap();
            is_over.store(true, Ordering::Relaxed);
        });
        wal_bytes(&directory) < 17 << 20
    };
    assert!((0..10).any(is_emptied), "it never waited");
}

#[test]
fn a_file_that_may_have_no_more_pages_refuses_the_whole_batch_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory));
    fill(&mut journal, "room/a", 10);
    let pages: i64 = journal.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |journal: &SqliteJournal, pages: i64| {
        let set = format!("PRAGMA max_page_count = {pages}");
        journal.db.query_row(&set, [], |row| row.get::<_, i64>(0)).unwrap();
    };
    limit(&journal, pages + 2);
    let commit = |log, count| Commit { appends: vec![append(log, count)], ..Commit::default() };
    let outcomes = journal.commit_all(vec![commit("room/b", 1), commit("room/c", 1000), commit("room/a", 1)]);
    assert_eq!(outcomes, vec![Outcome::Unavailable("the journal's disk is full".into()); 3]);
    assert_eq!((page(&mut journal, "room/a").head, page(&mut journal, "room/b").head), (10, 0));
    fill(&mut journal, "room/a", 1);
    limit(&journal, 1000);
    assert!(matches!(journal.commit_all(vec![commit("room/c", 1000)])[..], [Outcome::Committed(_)]));
    assert_eq!(page(&mut journal, "room/a").head, 11);
}
