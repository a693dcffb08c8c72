//! Files that are refused at the start.

use std::fs;
use std::io::{Seek, SeekFrom, Write};

use rusqlite::Connection;

use super::super::backup;
use super::*;

#[test]
fn a_missing_directory_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let options = options_at(&directory.path().join("nowhere/parlor.db"));
    assert!(matches!(refusal(&options), OpenError::NoDirectory));
    let words = SqliteJournal::open(&options).err().unwrap().to_string();
    assert!(words.contains("nowhere/parlor.db: its directory does not exist"), "{words}");
}

#[test]
fn a_directory_is_no_journal() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(refusal(&options_at(directory.path())), OpenError::NotAFile));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    for text in ["short", "a letter to somebody, much longer than any header of a database"] {
        fs::write(directory.path().join("parlor.db"), text).unwrap();
        assert!(matches!(refusal(&options(&directory)), OpenError::NotADatabase));
        assert_eq!(fs::read_to_string(directory.path().join("parlor.db")).unwrap(), text);
    }
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("parlor.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url)").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(refusal(&options(&directory)), OpenError::ForeignDatabase));
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn a_newer_version_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    drop(SqliteJournal::open_on(&options(&directory), BOOT).unwrap());
    let path = directory.path().join("parlor.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    let error = refusal(&options(&directory));
    assert!(matches!(error, OpenError::NewerSchema { found: 99, .. }), "{error:?}");
    assert!(error.to_string().contains("its schema has version 99"));
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn a_second_journal_on_the_same_file_is_refused_by_whatever_name() {
    let directory = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open_on(&options(&directory), BOOT).unwrap();
    assert!(matches!(refusal(&options(&directory)), OpenError::InUse));
    #[cfg(unix)]
    {
        let link = directory.path().join("link.db");
        std::os::unix::fs::symlink(directory.path().join("parlor.db"), &link).unwrap();
        assert!(matches!(refusal(&options_at(&link)), OpenError::InUse));
    }
    drop(journal);
    SqliteJournal::open_on(&options(&directory), BOOT).unwrap();
}

#[test]
fn a_journal_that_another_program_holds_locked_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(SqliteJournal::open_on(&options(&directory), BOOT).unwrap());
    let other = Connection::open(directory.path().join("parlor.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(refusal(&options(&directory)), OpenError::Locked));
    drop(other);
    SqliteJournal::open_on(&options(&directory), BOOT).unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open_on(&options(&directory), BOOT).unwrap();
    fill(&mut journal, "room/a", 1);
    backup::backup(&journal.path, &directory.path().join("copy.db")).unwrap();
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

/// A file of some 100 pages.
fn filled() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open_on(&options(&directory), BOOT).unwrap();
    for room in 0..100 {
        fill(&mut journal, &format!("room/{room}"), 100);
    }
    drop(journal);
    directory
}

#[test]
fn a_truncated_file_is_refused() {
    let directory = filled();
    let path = directory.path().join("parlor.db");
    let length = fs::metadata(&path).unwrap().len();
    for keep in [length - 1, length - 4096, length / 2, 4096, 100] {
        let directory = filled();
        let path = directory.path().join("parlor.db");
        fs::File::options().write(true).open(&path).unwrap().set_len(keep).unwrap();
        let error = SqliteJournal::open_on(&options(&directory), BOOT).err();
        assert!(
            matches!(error, Some(OpenError::Damaged(_) | OpenError::NotADatabase)),
            "{keep} of {length}: {error:?}"
        );
    }
}

#[test]
fn flipped_bits_in_any_page_are_found_or_harm_no_tree() {
    let directory = filled();
    let path = directory.path().join("parlor.db");
    let pages = fs::metadata(&path).unwrap().len() / 4096;
    assert!(pages > 50);
    let whole = fs::read(&path).unwrap();
    let mut found = 0;
    for page in 0..pages {
        let mut damaged = whole.clone();
        damaged[page as usize * 4096 + if page == 0 { 100 } else { 0 }] ^= 0xff; // the kind of page
        fs::write(&path, damaged).unwrap();
        match SqliteJournal::open_on(&options(&directory), BOOT) {
            Err(OpenError::Damaged(_)) => found += 1,
            Err(error) => panic!("page {page}: {error:?}"),
            Ok(_) => {} // a page of the free list or a map of pages has no kind
        }
        fs::write(&path, &whole).unwrap();
    }
    assert!(found * 10 > pages * 9, "{found} of {pages}");
}

#[test]
fn a_damaged_page_is_named() {
    let directory = filled();
    let path = directory.path().join("parlor.db");
    let mut file = fs::File::options().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(8 * 4096)).unwrap();
    file.write_all(&[0xaa; 4096]).unwrap();
    let error = refusal(&options(&directory));
    let words = error.to_string();
    assert!(words.contains("is damaged ("), "{words}");
}
