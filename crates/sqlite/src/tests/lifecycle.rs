//! Changes of the generation, on which epochs depend.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::backup;
use super::*;

fn start(options: &SqliteOptions, boot: Option<&str>) -> SqliteJournal {
    SqliteJournal::open_on(options, boot).unwrap()
}

fn generation(journal: &mut SqliteJournal) -> String {
    journal.restore().unwrap().generation
}

/// The file as it would be had the process been killed now: nothing is closed in order.
pub(super) fn kill(journal: SqliteJournal) {
    let copies: Vec<(PathBuf, Vec<u8>)> = ["", "-wal", "-shm", ".lock"]
        .iter()
        .map(|suffix| PathBuf::from(format!("{}{suffix}", journal.path.display())))
        .filter_map(|path| Some((path.clone(), fs::read(&path).ok()?)))
        .collect();
    drop(journal);
    for (path, content) in copies {
        fs::write(path, content).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

#[test]
fn a_start_after_a_stop_in_order_keeps_the_generation() {
    let directory = tempfile::tempdir().unwrap();
    let first = generation(&mut start(&options(&directory), BOOT));
    assert_eq!(first.len(), 16);
    assert_eq!(generation(&mut start(&options(&directory), BOOT)), first);
    assert_eq!(generation(&mut start(&options(&directory), Some("boot 2"))), first);
    assert_eq!(generation(&mut start(&options(&directory), None)), first);
}

#[test]
fn a_killed_process_loses_nothing_and_keeps_the_generation() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = start(&options(&directory), BOOT);
    let first = generation(&mut journal);
    fill(&mut journal, "room/a", 10);
    kill(journal);
    let mut journal = start(&options(&directory), BOOT);
    assert_eq!(generation(&mut journal), first);
    assert_eq!(page(&mut journal, "room/a").head, 10);
}

#[test]
fn a_loss_of_power_changes_it_with_normal_and_not_with_full() {
    for (durability, boot, is_kept) in [
        (Durability::Normal, Some("boot 2"), false),
        (Durability::Normal, None, false),
        (Durability::Full, Some("boot 2"), true),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteOptions { durability, ..options(&directory) };
        let mut journal = start(&options, BOOT);
        let first = generation(&mut journal);
        kill(journal);
        // What counts is how it was written, not how it will be.
        let options = SqliteOptions { durability: Durability::Normal, ..options };
        assert_eq!(generation(&mut start(&options, boot)) == first, is_kept, "{durability:?} {boot:?}");
    }
}

#[test]
fn a_backup_that_is_put_back_changes_it_once() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let copied = directory.path().join("copy.db");
    let mut journal = start(&options, BOOT);
    let first = generation(&mut journal);
    fill(&mut journal, "room/a", 3);
    backup::backup(&options.path, &copied).unwrap();
    fill(&mut journal, "room/a", 3);
    drop(journal);

    copy(&copied, &options.path);
    let mut journal = start(&options, BOOT);
    let second = generation(&mut journal);
    assert_ne!(second, first);
    assert_eq!(page(&mut journal, "room/a").head, 3);
    drop(journal);
    assert_eq!(generation(&mut start(&options, BOOT)), second);
}

#[test]
fn a_backup_says_so_even_where_there_never_was_a_journal() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = directory.path().join("elsewhere.db");
    let mut journal = start(&options(&directory), BOOT);
    backup::backup(&journal.path, &elsewhere).unwrap();
    copy(&directory.path().join("parlor.db.lock"), &directory.path().join("elsewhere.db.lock"));
    assert_ne!(generation(&mut start(&options_at(&elsewhere), BOOT)), generation(&mut journal));
}

#[test]
fn an_older_copy_that_is_put_back_changes_it() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let copied = directory.path().join("copy.db");
    let first = generation(&mut start(&options, BOOT));
    copy(&options.path, &copied);
    assert_eq!(generation(&mut start(&options, BOOT)), first, "a copy that is only made changes nothing");
    copy(&copied, &options.path);
    assert_ne!(generation(&mut start(&options, BOOT)), first);
}

#[test]
fn a_copy_of_a_running_journal_is_known_a_minute_later() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory);
    let copied = directory.path().join("copy.db");
    let mut journal = start(&options, BOOT);
    let first = generation(&mut journal);
    copy(&options.path, &copied);
    fill(&mut journal, "room/a", 1);
    while journal.tidy(Time(60_000)) {}
    kill(journal);
    fs::remove_file(directory.path().join("parlor.db-wal")).unwrap();
    copy(&copied, &options.path);
    assert_ne!(generation(&mut start(&options, BOOT)), first);
}

#[test]
fn a_journal_without_its_lock_file_is_taken_for_a_copy() {
    let directory = tempfile::tempdir().unwrap();
    let first = generation(&mut start(&options(&directory), BOOT));
    fs::remove_file(directory.path().join("parlor.db.lock")).unwrap();
    assert_ne!(generation(&mut start(&options(&directory), BOOT)), first);
}

#[test]
fn a_stop_between_the_file_and_the_lock_file_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let lock = directory.path().join("parlor.db.lock");
    let first = generation(&mut start(&options(&directory), BOOT));
    let before = fs::read(&lock).unwrap();
    drop(start(&options(&directory), BOOT));
    fs::write(&lock, before).unwrap();
    assert_eq!(generation(&mut start(&options(&directory), BOOT)), first);
}
