//! Retention of records: the newest ones of each log, and none that is too old.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::delete::{slack, trim_front};
use super::log_row::LogRow;
use super::record_key::{int, pack};
use parlor_core::Time;

/// Logs that one slice of a walk visits.
const LOGS: u64 = 250;
/// Time between two walks for records that are too old: half their age, within these bounds.
const BETWEEN_WALKS_MIN: Duration = Duration::from_secs(1);
const BETWEEN_WALKS_MAX: Duration = Duration::from_secs(60);

/// A walk over all logs: after the start for those with too many records, later for records that are too old.
#[derive(Clone, Copy, Debug)]
pub(super) enum Walk {
    /// All logs up to this number are done.
    At(i64),
    /// The next walk begins then.
    Next(Time),
    /// There will be no other walk.
    Never,
}

impl Default for Walk {
    fn default() -> Self {
        Walk::At(0)
    }
}

/// Deletes the excess records of the logs in `overfull`.
pub(super) fn trim(db: &Connection, retain: u64, overfull: &mut BTreeSet<i64>, left: &mut u64) -> rusqlite::Result<()> {
    while *left > 0
        && let Some(id) = overfull.first().copied()
    {
        let log = LogRow::by_id(db, id)?;
        let excess = log.as_ref().map_or(0, |log| log.excess(retain));
        let share = excess.min(*left);
        if let Some(log) = log
            && share > 0
        {
            trim_front(db, id, log.first, share)?;
            *left -= share;
        }
        if share == excess {
            overfull.remove(&id);
        }
    }
    Ok(())
}

/// Goes on with the walk: deletes records from before `oldest`, and adds logs with too many records to `overfull`.
pub(super) fn walk(
    db: &Connection,
    walk: Walk,
    now: Time,
    retain: u64,
    oldest: Option<Time>,
    overfull: &mut BTreeSet<i64>,
    left: &mut u64,
) -> rusqlite::Result<Walk> {
    let mut at = match walk {
        Walk::At(id) => id,
        Walk::Next(next) if next <= now => 0,
        Walk::Next(next) => return Ok(Walk::Next(next)),
        Walk::Never => return Ok(Walk::Never),
    };
    let sql =
        "SELECT id, epoch, first, head, version, due FROM log WHERE id > ?1 AND name IS NOT NULL ORDER BY id LIMIT ?2";
    let logs: Vec<LogRow> =
        db.prepare_cached(sql)?.query_map([at, int(LOGS)], LogRow::from_row)?.collect::<Result<_, _>>()?;
    for log in &logs {
        if *left == 0 {
            return Ok(Walk::At(at));
        }
        if let Some(oldest) = oldest
            && !delete_older(db, log, oldest, left)?
        {
            return Ok(Walk::At(at));
        }
        if log.excess(retain) > slack(retain) {
            overfull.insert(log.id);
        }
        at = log.id;
    }
    let is_over = (logs.len() as u64) < LOGS;
    Ok(match oldest {
        _ if !is_over => Walk::At(at),
        Some(oldest) => Walk::Next(now + (now.since(oldest) / 2).clamp(BETWEEN_WALKS_MIN, BETWEEN_WALKS_MAX)),
        None => Walk::Never,
    })
}

/// Deletes the log's records from before `oldest`, by the running clock. `false`: there may be more of them.
fn delete_older(db: &Connection, log: &LogRow, oldest: Time, left: &mut u64) -> rusqlite::Result<bool> {
    let sql = "SELECT at - lag FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
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
        trim_front(db, log.id, log.first, count)?;
        *left -= count;
    }
    Ok(*left > 0)
}
