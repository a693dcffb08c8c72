//! Housekeeping, in slices short enough that nobody waits for them.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::SqliteJournal;
use super::read::Numbers;
use super::write::{int, pack};
use parlor_core::Time;

/// Rows that one slice deletes at most: a few milliseconds.
pub(super) const SLICE: u64 = 1000;
/// Logs that one slice looks at on its round.
const LOGS: u64 = 250;
/// Between two rounds in search of records that are too old.
const ROUND: Duration = Duration::from_secs(60);
/// Between two steps of the mark, while something is written.
const MARK: Duration = Duration::from_secs(60);
/// Pages given back to the file system in one slice; of 4 KiB.
const PAGES: u64 = 128;
/// Free pages that a file may keep for what comes next.
const PAGES_SPARE: u64 = 4096;

/// How many records beyond `retain` a log may hold before it is worth the work to trim it. Nobody sees them.
pub(super) fn slack(retain: u64) -> u64 {
    (retain / 8).min(SLICE)
}

/// What housekeeping knows between two slices.
#[derive(Debug, Default)]
pub(super) struct Chores {
    /// Ids of logs to be trimmed.
    pub overfull: BTreeSet<i64>,
    /// Whether something was written since the mark last moved.
    pub has_written: bool,
    round: Round,
    next_mark: Time,
    /// So that a fault which lasts is told once.
    is_failing: bool,
}

/// A walk over all logs: at the start for those that hold too many records, later for records that are too old.
#[derive(Debug)]
enum Round {
    /// Up to this id all have been seen.
    At(i64),
    /// The next one begins then.
    Next(Time),
    Never,
}

impl Default for Round {
    fn default() -> Self {
        Round::At(0)
    }
}

impl SqliteJournal {
    pub(super) fn tidy_slice(&mut self, now: Time) -> bool {
        let done = self.try_tidy(now);
        if let Err(error) = &done
            && !self.chores.is_failing
        {
            log::warn!("housekeeping waits: {}", super::error::words(error));
        }
        self.chores.is_failing = done.is_err();
        done.unwrap_or(false)
    }

    fn try_tidy(&mut self, now: Time) -> rusqlite::Result<bool> {
        if self.chores.has_written && now >= self.chores.next_mark {
            self.life.advance(&self.db)?;
            self.chores.has_written = false;
            self.chores.next_mark = now + MARK;
        }
        let mut left = SLICE;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        expire_logs(&tx, now, &mut left)?;
        expire_values(&tx, now, &mut left)?;
        delete_dropped(&tx, &mut left)?;
        let mut overfull = self.chores.overfull.clone();
        trim(&tx, self.retain, &mut overfull, &mut left)?;
        let oldest = self.retain_age.map(|age| now - age);
        let round = walk(&tx, &self.chores.round, now, self.retain, oldest, &mut overfull, &mut left)?;
        tx.commit()?;
        self.chores.overfull = overfull;
        self.chores.round = round;
        self.wal.bound(&self.db)?;
        let is_shrinking = left > 0 && shrink(&self.db)?;
        let is_walking = matches!(self.chores.round, Round::At(_));
        Ok(left == 0 || is_shrinking || is_walking || !self.chores.overfull.is_empty())
    }
}

/// Drops every log and value that has expired: for the start, when nobody waits.
pub(super) fn expire_all(db: &mut Connection, now: Time) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut left = 0;
    while left == 0 {
        left = SLICE;
        expire_logs(&tx, now, &mut left)?;
        expire_values(&tx, now, &mut left)?;
    }
    tx.commit()
}

fn expire_logs(db: &Connection, now: Time, left: &mut u64) -> rusqlite::Result<()> {
    let sql = "SELECT id, expires_at, first > head FROM log WHERE due <= ?1 LIMIT ?2";
    let now = int(now.as_millis());
    let due: Vec<(i64, Option<i64>, bool)> = db
        .prepare_cached(sql)?
        .query_map([now, int(*left)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    *left -= due.len() as u64;
    for (id, expires_at, is_empty) in due {
        if expires_at.is_some_and(|at| at <= now) {
            drop_log(db, id, is_empty)?;
        } else {
            db.prepare_cached("UPDATE log SET due = expires_at WHERE id = ?1")?.execute([id])?;
        }
    }
    Ok(())
}

fn expire_values(db: &Connection, now: Time, left: &mut u64) -> rusqlite::Result<()> {
    let sql = "SELECT key, expires_at FROM value WHERE due <= ?1 LIMIT ?2";
    let now = int(now.as_millis());
    let due: Vec<(String, Option<i64>)> = db
        .prepare_cached(sql)?
        .query_map([now, int(*left)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    *left -= due.len() as u64;
    for (key, expires_at) in due {
        let sql = if expires_at.is_some_and(|at| at <= now) {
            "DELETE FROM value WHERE key = ?1"
        } else {
            "UPDATE value SET due = expires_at WHERE key = ?1"
        };
        db.prepare_cached(sql)?.execute([key])?;
    }
    Ok(())
}

/// Takes a log's name away, so that it is gone for everyone; its records go slice by slice.
pub(super) fn drop_log(db: &Connection, id: i64, is_empty: bool) -> rusqlite::Result<()> {
    let sql = if is_empty {
        "DELETE FROM log WHERE id = ?1"
    } else {
        "UPDATE log SET name = NULL, state = NULL, expires_at = NULL, due = NULL WHERE id = ?1"
    };
    db.prepare_cached(sql)?.execute([id])?;
    Ok(())
}

fn delete_dropped(db: &Connection, left: &mut u64) -> rusqlite::Result<()> {
    while *left > 0 {
        let sql = "SELECT id, first, head FROM log WHERE name IS NULL LIMIT 1";
        let find = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let Some((id, first, head)): Option<(i64, u64, u64)> =
            db.prepare_cached(sql)?.query_row([], find).optional()?
        else {
            break;
        };
        let until = (head + 1).min(first + *left);
        delete_records(db, id, first, until)?;
        *left -= (until - first).max(1);
        if until > head {
            db.prepare_cached("DELETE FROM log WHERE id = ?1")?.execute([id])?;
        } else {
            set_first(db, id, until)?;
        }
    }
    Ok(())
}

fn trim(db: &Connection, retain: u64, overfull: &mut BTreeSet<i64>, left: &mut u64) -> rusqlite::Result<()> {
    while *left > 0
        && let Some(id) = overfull.first().copied()
    {
        let log = numbers(db, id)?;
        let excess = log.as_ref().map_or(0, |log| log.excess(retain));
        let share = excess.min(*left);
        if let Some(log) = log
            && share > 0
        {
            delete_records(db, id, log.first, log.first + share)?;
            set_first(db, id, log.first + share)?;
            *left -= share;
        }
        if share == excess {
            overfull.remove(&id);
        }
    }
    Ok(())
}

fn walk(
    db: &Connection,
    round: &Round,
    now: Time,
    retain: u64,
    oldest: Option<Time>,
    overfull: &mut BTreeSet<i64>,
    left: &mut u64,
) -> rusqlite::Result<Round> {
    let mut at = match round {
        Round::At(id) => *id,
        Round::Next(next) if *next <= now => 0,
        Round::Next(next) => return Ok(Round::Next(*next)),
        Round::Never => return Ok(Round::Never),
    };
    let sql = "SELECT id, epoch, first, head, due FROM log WHERE id > ?1 AND name IS NOT NULL ORDER BY id LIMIT ?2";
    let logs: Vec<Numbers> =
        db.prepare_cached(sql)?.query_map([at, int(LOGS)], Numbers::from_row)?.collect::<Result<_, _>>()?;
    for log in &logs {
        if *left == 0 {
            return Ok(Round::At(at));
        }
        if let Some(oldest) = oldest
            && !forget_older(db, log, oldest, left)?
        {
            return Ok(Round::At(at));
        }
        if log.excess(retain) > slack(retain) {
            overfull.insert(log.id);
        }
        at = log.id;
    }
    let is_over = (logs.len() as u64) < LOGS;
    Ok(match oldest {
        _ if !is_over => Round::At(at),
        Some(_) => Round::Next(now + ROUND),
        None => Round::Never,
    })
}

/// Deletes the log's records from before `oldest`. Whether it got through with it.
fn forget_older(db: &Connection, log: &Numbers, oldest: Time, left: &mut u64) -> rusqlite::Result<bool> {
    let sql = "SELECT at FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
    let mut find = db.prepare_cached(sql)?;
    let range = params![pack(log.id, log.first), pack(log.id, log.head + 1), int(*left)];
    let oldest = int(oldest.as_millis());
    let mut rows = find.query(range)?;
    let mut count = 0;
    while let Some(row) = rows.next()?
        && row.get::<_, i64>(0)? < oldest
    {
        count += 1;
    }
    drop(rows);
    if count > 0 {
        delete_records(db, log.id, log.first, log.first + count)?;
        set_first(db, log.id, log.first + count)?;
        *left -= count;
    }
    Ok(*left > 0)
}

fn numbers(db: &Connection, id: i64) -> rusqlite::Result<Option<Numbers>> {
    let sql = "SELECT id, epoch, first, head, due FROM log WHERE id = ?1 AND name IS NOT NULL";
    db.prepare_cached(sql)?.query_row([id], Numbers::from_row).optional()
}

/// Deletes records `first..until`. The log's `first` is the caller's to move.
pub(super) fn delete_records(db: &Connection, id: i64, first: u64, until: u64) -> rusqlite::Result<()> {
    let mut delete = db.prepare_cached("DELETE FROM record WHERE id >= ?1 AND id < ?2")?;
    delete.execute([pack(id, first), pack(id, until)])?;
    Ok(())
}

fn set_first(db: &Connection, id: i64, first: u64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE log SET first = ?2 WHERE id = ?1")?.execute([id, int(first)])?;
    Ok(())
}

/// Gives pages back to the file system when a quarter of the file is free. `true`: there is more to give.
fn shrink(db: &Connection) -> rusqlite::Result<bool> {
    let free: u64 = db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    let all: u64 = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if free <= PAGES_SPARE.max(all / 4) {
        return Ok(false);
    }
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {} // a step a page
    Ok(true)
}
