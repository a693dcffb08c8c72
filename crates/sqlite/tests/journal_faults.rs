//! The journal against the world: killed processes, full disks, locks held by others, copies made meanwhile.
//!
//! A writer that is to be killed is a process of its own: this very program, asked for one of the ignored tests below.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use parlor_core::Time;
use parlor_core::journal::{Append, Commit, End, Expect, Journal, Load, Loaded, LogName, Outcome, PageOf, Put};
use parlor_sqlite::{Durability, Exported, Imported, OpenError, SqliteJournal, SqliteOptions, backup, export};
use parlor_testkit::process::{Process, Program};

const PLACE: &str = "PARLOR_TEST_JOURNAL";
const LOGS: u64 = 7;

fn options(path: &Path) -> SqliteOptions {
    let durability = Durability::Normal;
    SqliteOptions { durability, retain: 1_000_000_000, ..SqliteOptions::new(path, Time(0)) }
}

fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(&options(path)).unwrap()
}

fn log(number: u64) -> LogName {
    LogName::new(&format!("room/{number}"))
}

/// One record and the state that goes with it, which is the record's number: so a state that is not of the newest
/// record shows. A value counts all commits.
fn commit(number: u64, size: usize) -> Commit {
    let text = format!("{number} {}", "x".repeat(size));
    let append = Append {
        log: log(number % LOGS),
        expect: Expect::Anything,
        epoch: format!("epoch {number}"),
        at: Time(number),
        records: vec![Bytes::from(text)],
        state: Some(Bytes::from(number.to_string())),
        expires_at: None,
    };
    let count = Put::new("count", number.to_string());
    Commit { appends: vec![append], puts: vec![count], ..Commit::default() }
}

/// Writes batches for ever, and says of each commit what became of it: `+number seq` or `-number words`.
fn write_for_ever(path: &Path, size: usize) {
    let mut journal = open(path);
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nopen").unwrap();
    let mut number = 0;
    loop {
        let numbers: Vec<u64> = (number..number + 1 + number % 50).collect();
        number += numbers.len() as u64;
        let outcomes = journal.commit_all(numbers.iter().map(|number| commit(*number, size)).collect());
        for (number, outcome) in numbers.iter().zip(outcomes) {
            match outcome {
                Outcome::Committed(placed) => writeln!(out, "+{number} {}", placed[0].head).unwrap(),
                Outcome::Conflict => writeln!(out, "!{number}").unwrap(),
                Outcome::Unavailable(words) | Outcome::Unknown(words) => writeln!(out, "-{number} {words}").unwrap(),
            }
        }
        if journal.probe().is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        journal.tidy(Time(0));
    }
}

#[test]
#[ignore = "a process that others here start and kill"]
fn a_writer() {
    write_for_ever(Path::new(&std::env::var_os(PLACE).unwrap()), 40);
}

#[test]
#[ignore = "a process that others here start and kill"]
fn a_writer_of_much() {
    write_for_ever(Path::new(&std::env::var_os(PLACE).unwrap()), 4000);
}

struct Writer {
    process: Process,
}

impl Writer {
    fn start(name: &str, path: &Path) -> Writer {
        Self::run(Program::new(this_program()), name, path)
    }

    /// With a limit of so many KiB to the size of its files.
    fn start_limited(name: &str, path: &Path, kib: u32) -> Writer {
        Self::run(Program::with_silent_file_limit(this_program(), kib), name, path)
    }

    fn run(program: Program, name: &str, path: &Path) -> Writer {
        let process = program.args(["--exact", name, "--ignored", "--nocapture"]).env(PLACE, path).start();
        let writer = Writer { process };
        writer.wait_for(|line| line == "open", &mut Told::default());
        writer
    }

    /// Notes down what the writer says up to a line like this.
    fn wait_for(&self, is_it: impl Fn(&str) -> bool, told: &mut Told) {
        for _ in 0..200_000 {
            let line = self.process.line().expect("the writer has ended");
            told.note(&line);
            if is_it(&line) {
                return;
            }
        }
        panic!("the writer says much, but not this");
    }

    /// `kill -9`, and what it had said before.
    fn kill(mut self, told: &mut Told) {
        self.process.kill();
        self.process.lines().for_each(|line| told.note(&line));
    }
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// The lines of a writer.
#[derive(Default)]
struct Told {
    /// By log: number and seq, in the order of the telling.
    committed: BTreeMap<u64, Vec<(u64, u64)>>,
    refused: Vec<(u64, String)>,
}

impl Told {
    fn note(&mut self, line: &str) {
        let Some((sign, rest)) = line.split_at_checked(1) else { return };
        let Some((number, rest)) = rest.split_once(' ') else { return };
        let Ok(number) = number.parse::<u64>() else { return };
        match sign {
            "+" => {
                // A line goes into the pipe whole, so none is cut short by the killing.
                let seq = rest.parse().unwrap();
                self.committed.entry(number % LOGS).or_default().push((number, seq));
            }
            "-" => self.refused.push((number, rest.to_owned())),
            _ => {}
        }
    }

    fn count(&self) -> usize {
        self.committed.values().map(Vec::len).sum()
    }
}

/// Numbers in a log by seq.
fn numbers(journal: &mut SqliteJournal, number: u64) -> Vec<u64> {
    let log = log(number);
    let of = PageOf { log, after: 0, before: u64::MAX, end: End::Oldest, limit: usize::MAX, bytes: usize::MAX };
    let loaded = journal.load(Load::Page(of));
    let Loaded::Page(page) = loaded else { panic!("{loaded:?}") };
    assert_eq!(page.head, page.records.len() as u64);
    let text = |record: &Bytes| String::from_utf8(record.to_vec()).unwrap();
    (1..)
        .zip(page.records)
        .map(|(expected, (seq, record))| {
            assert_eq!(seq, expected, "no gap and no repeat");
            text(&record).split(' ').next().unwrap().parse().unwrap()
        })
        .collect()
}

/// Everything told is there, where it was told to be, once; states and values are those of the newest.
fn check(journal: &mut SqliteJournal, told: &Told) {
    let restored = journal.restore().unwrap();
    let mut newest = 0;
    for number in 0..LOGS {
        let there = numbers(journal, number);
        for (number, seq) in told.committed.get(&number).into_iter().flatten() {
            assert_eq!(there[*seq as usize - 1], *number);
        }
        assert!(there.is_sorted_by(|a, b| a < b), "once, and in order");
        for (refused, _) in told.refused.iter().filter(|(refused, _)| refused % LOGS == number) {
            assert!(!there.contains(refused), "{refused} was refused");
        }
        let state = restored.logs.iter().find(|state| state.log == log(number));
        assert_eq!(state.map(|state| state.state.to_vec()), there.last().map(|last| last.to_string().into_bytes()));
        newest = newest.max(there.last().copied().unwrap_or(0));
    }
    let count = journal.load(Load::Values(vec!["count".into()]));
    assert_eq!(count, Loaded::Values(vec![("count".into(), Bytes::from(newest.to_string()))]));
}

fn file(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("parlor.db")
}

#[test]
fn what_was_told_committed_survives_kill_9() {
    for round in 0..10 {
        let directory = tempfile::tempdir().unwrap();
        let mut told = Told::default();
        let writer = Writer::start("a_writer", &file(&directory));
        // Not a round number of batches, and each time another one.
        writer.wait_for(|line| line.starts_with(&format!("+{} ", 37 * round * round + 1)), &mut told);
        std::thread::sleep(Duration::from_millis(13 * round % 29));
        writer.kill(&mut told);
        check(&mut open(&file(&directory)), &told);
    }
}

#[test]
fn a_second_process_is_refused_until_the_first_is_dead() {
    let directory = tempfile::tempdir().unwrap();
    let writer = Writer::start("a_writer", &file(&directory));
    let refused = SqliteJournal::open(&options(&file(&directory))).err().unwrap();
    assert!(matches!(refused.error, OpenError::InUse), "{refused}");
    assert!(refused.to_string().contains("it is in use by another process"), "{refused}");
    writer.kill(&mut Told::default());
    open(&file(&directory));
}

#[test]
fn a_file_that_may_not_grow_refuses_and_goes_on_when_it_may() {
    let directory = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    let writer = Writer::start_limited("a_writer_of_much", &file(&directory), 3000);
    for _ in 0..20 {
        writer.wait_for(|line| line.starts_with('-'), &mut told);
    }
    let (_, words) = told.refused.last().unwrap();
    assert!(words.contains("the journal's disk"), "{words}");
    let pid = writer.process.id().to_string();
    assert!(Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap().success());
    let before = told.count();
    while told.count() < before + 500 {
        writer.wait_for(|line| line.starts_with('+'), &mut told);
    }
    writer.kill(&mut told);
    check(&mut open(&file(&directory)), &told);
}

/// A file system of a megabyte, for as long as the value lives.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` for those who may not mount.
    fn mount() -> Option<SmallDisk> {
        let directory = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(directory.path())
            .stderr(Stdio::null())
            .status();
        mount.is_ok_and(|status| status.success()).then_some(SmallDisk(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_it_has_room() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: only root may mount; the limit to a file's size is tested all the same");
        return;
    };
    let path = disk.0.path().join("parlor.db");
    let filler = disk.0.path().join("somebody else's");
    let mut journal = open(&path);
    let mut told = Told::default();
    let mut number = 0;
    let mut write = |journal: &mut SqliteJournal, told: &mut Told| {
        let numbers: Vec<u64> = (number..number + 10).collect();
        number += 10;
        let outcomes = journal.commit_all(numbers.iter().map(|number| commit(*number, 500)).collect());
        for (number, outcome) in numbers.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Committed(placed) => told.note(&format!("+{number} {}", placed[0].head)),
                Outcome::Unavailable(words) | Outcome::Unknown(words) => told.note(&format!("-{number} {words}")),
                Outcome::Conflict => panic!("nothing was expected"),
            }
        }
    };
    for _ in 0..3 {
        write(&mut journal, &mut told);
        std::fs::write(&filler, vec![0; 4 << 20]).unwrap_err();
        let refused = told.refused.len();
        for _ in 0..400 {
            write(&mut journal, &mut told);
            if told.refused.len() > refused + 30 {
                break;
            }
        }
        assert!(told.refused.len() > refused, "the disk was to be full");
        assert_eq!(told.refused.last().unwrap().1, "the journal's disk is full");
        assert!(journal.probe().is_err());
        check(&mut journal, &told);
        std::fs::remove_file(&filler).unwrap();
        journal.probe().unwrap();
        let count = told.count();
        write(&mut journal, &mut told);
        assert_eq!(told.count(), count + 10);
        // Make room in the file, too.
        journal.commit_all(vec![Commit { drops: (0..LOGS).map(log).collect(), ..Commit::default() }]);
        while journal.tidy(Time(0)) {}
        told.committed.clear();
    }
    write(&mut journal, &mut told);
    drop(journal);
    check(&mut open(&path), &told);
}

#[test]
fn a_lock_held_by_another_program_refuses_and_goes_on_when_it_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&file(&directory));
    let mut reader = journal.reader().unwrap();
    let other = rusqlite::Connection::open(file(&directory)).unwrap();
    journal.commit_all(vec![commit(0, 1)]);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let outcomes = journal.commit_all(vec![commit(7, 1), commit(14, 1)]);
    let words = "another program holds the journal locked";
    assert_eq!(outcomes, vec![Outcome::Unavailable(words.into()); 2]);
    assert_eq!(journal.probe(), Err(words.into()));
    let page = || Load::Values(vec!["count".into()]);
    assert_eq!(reader.load(page()), Loaded::Values(vec![("count".into(), Bytes::from_static(b"0"))]));
    assert_eq!(journal.load(page()), reader.load(page()));
    other.execute_batch("ROLLBACK").unwrap();
    journal.probe().unwrap();
    journal.commit_all(vec![commit(7, 1)]);
    assert_eq!(numbers(&mut journal, 0), [0, 7]);
}

#[test]
fn backups_of_a_journal_at_work_are_whole_and_of_one_instant() {
    let directory = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    let writer = Writer::start("a_writer", &file(&directory));
    for round in 0..5 {
        writer.wait_for(|line| line.starts_with(&format!("+{} ", 2000 * (round + 1))), &mut told);
        let copy = directory.path().join(format!("copy {round}.db"));
        backup(&file(&directory), &copy).unwrap();
        assert!(!directory.path().join(format!("copy {round}.db-wal")).exists());
        check(&mut open(&copy), &told);
    }
    let copy = directory.path().join("copy 0.db");
    let refused = backup(&file(&directory), &copy).unwrap_err();
    assert!(matches!(refused.error, OpenError::AlreadyExists), "{refused}");
    let refused = backup(&file(&directory), &file(&directory)).unwrap_err();
    assert!(matches!(refused.error, OpenError::AlreadyExists), "{refused}");
    let refused = backup(&directory.path().join("no.db"), &directory.path().join("copy.db")).unwrap_err();
    assert!(matches!(refused.error, OpenError::Missing), "{refused}");
    let refused = backup(&file(&directory), &directory.path().join("no/copy.db")).unwrap_err();
    assert!(matches!(refused.error, OpenError::NoDirectory), "{refused}");
    writer.kill(&mut told);
    check(&mut open(&file(&directory)), &told);
}

#[test]
fn a_log_goes_out_of_one_journal_at_work_and_into_another() {
    let directory = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    let writer = Writer::start("a_writer", &file(&directory));
    writer.wait_for(|line| line.starts_with("+5000 "), &mut told);
    assert!(export(&file(&directory), &LogName::new("room/none")).unwrap().is_none());
    let out = export(&file(&directory), &log(3)).unwrap().unwrap();
    let exported: Vec<Exported> = out.take(600).map(Result::unwrap).collect();
    writer.kill(&mut told);
    for (number, seq) in &told.committed[&3] {
        if let Some(exported) = exported.get(*seq as usize - 1) {
            assert_eq!((exported.seq, exported.at), (*seq, Time(*number)));
        }
    }

    // As from a log whose older half was trimmed.
    let records = exported[300..].iter().map(|exported| (exported.at, exported.record.clone())).collect();
    let log = LogName::new("room/new");
    let state = Some(Bytes::from_static(b"state"));
    let imported = Imported { log: log.clone(), epoch: "new".into(), first: 301, records, state, expires_at: None };
    let mut journal = open(&file(&directory));
    assert!(journal.import(&imported).unwrap());
    assert!(!journal.import(&imported).unwrap(), "there is one now");
    let again: Vec<Exported> = export(&file(&directory), &log).unwrap().unwrap().map(Result::unwrap).collect();
    assert_eq!(again, exported[300..]);
    let append = Append { log, ..commit(0, 1).appends.remove(0) };
    let outcomes = journal.commit_all(vec![Commit { appends: vec![append], ..Commit::default() }]);
    assert!(matches!(&outcomes[..], [Outcome::Committed(placed)] if placed[0].first == 601), "{outcomes:?}");
}

#[test]
fn an_export_of_a_log_that_is_trimmed_meanwhile_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&file(&directory));
    journal.commit_all((0..3000).map(|number| commit(number * LOGS, 1)).collect());
    drop(journal);
    let mut out = export(&file(&directory), &log(0)).unwrap().unwrap();
    assert!(out.next().unwrap().is_ok());
    let mut journal = SqliteJournal::open(&SqliteOptions { retain: 10, ..options(&file(&directory)) }).unwrap();
    while journal.tidy(Time(0)) {}
    let rest: Vec<_> = out.collect();
    let (last, whole) = rest.split_last().unwrap();
    assert!(whole.iter().all(Result::is_ok));
    assert!(last.as_ref().unwrap_err().to_string().contains("trimmed or deleted"), "{last:?}");
}
