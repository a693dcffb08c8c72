//! Integrity checks at the start, so that damage is found before somebody reads a history.
//!
//! A full `quick_check` reads the whole file: 3 GB took a minute on a busy disk, and a start must not take two seconds. So it
//! has a budget of time: first the small tables that the start reads anyway, then the records as far as the time allows. After
//! a loss of power, when damage is likely, the budget is large. Backups are checked in full.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::error::OpenError;

/// The budget at an ordinary start.
pub(super) const SHORT: Duration = Duration::from_millis(500);
/// The budget after a loss of power.
pub(super) const LONG: Duration = Duration::from_secs(60);
/// Instructions of SQLite's virtual machine between two looks at the clock.
const STEPS: i32 = 1000;

/// Checks the whole file.
pub(super) fn whole(db: &Connection) -> Result<(), OpenError> {
    run(db, "PRAGMA quick_check(1)").map(|_| ())
}

/// Checks as much of the file as fits into the budget.
pub(super) fn part(db: &mut Connection, budget: Duration) -> Result<(), OpenError> {
    let end = now() + budget;
    db.progress_handler(STEPS, Some(move || now() >= end))?;
    let is_whole = ["journal", "log", "value", "record"]
        .iter()
        .map(|table| run(db, &format!("PRAGMA quick_check({table})")))
        .try_fold(true, |all, checked| checked.map(|checked| all && checked));
    db.progress_handler(0, None::<fn() -> bool>)?;
    if !is_whole? {
        log::info!(
            "the journal is too large to be checked in full in {budget:?}; no damage was found in the part that was"
        );
    }
    Ok(())
}

/// Runs one check. `false`: it was interrupted.
fn run(db: &Connection, check: &str) -> Result<bool, OpenError> {
    match db.query_row(check, [], |row| row.get::<_, String>(0)) {
        Ok(verdict) if verdict == "ok" => Ok(true),
        Ok(verdict) => Err(OpenError::Damaged(verdict.replace('\n', "; "))),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Refuses a file that is shorter than its header says. The write-ahead log must be empty.
pub(super) fn length(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let pages: u64 = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let size: u64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let length = std::fs::metadata(path)?.len();
    if length < pages * size {
        return Err(OpenError::Damaged(format!("its end is missing: {length} bytes of {}", pages * size)));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the budget of a check is real time")]
fn now() -> Instant {
    Instant::now()
}
