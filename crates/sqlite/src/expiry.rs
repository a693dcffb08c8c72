//! Expiry of logs and values.
//!
//! A row is checked when it is `due`, which may be earlier than when it expires and is never later: so an expiry that each
//! append moves on costs the index nothing.

use rusqlite::{Connection, OptionalExtension};

use super::delete::{delete_records, drop_log, trim_front};
use super::record_key::int;
use parlor_core::Time;

/// Tells whether a row that is checked when `due` would be checked too late for `expires_at`.
pub(super) fn is_due_too_late(due: Option<i64>, expires_at: Option<i64>) -> bool {
    expires_at.is_some_and(|at| due.is_none_or(|due| due > at))
}

/// Drops logs that have expired.
pub(super) fn expire_logs(db: &Connection, now: Time, left: &mut u64) -> rusqlite::Result<()> {
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

/// Deletes values that have expired.
pub(super) fn expire_values(db: &Connection, now: Time, left: &mut u64) -> rusqlite::Result<()> {
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

/// Deletes the records of dropped logs.
pub(super) fn delete_dropped(db: &Connection, left: &mut u64) -> rusqlite::Result<()> {
    while *left > 0 {
        let sql = "SELECT id, first, head FROM log WHERE name IS NULL LIMIT 1";
        let find = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let Some((id, first, head)): Option<(i64, u64, u64)> =
            db.prepare_cached(sql)?.query_row([], find).optional()?
        else {
            break;
        };
        let until = (head + 1).min(first + *left);
        *left -= (until - first).max(1);
        if until > head {
            delete_records(db, id, first, until)?;
            db.prepare_cached("DELETE FROM log WHERE id = ?1")?.execute([id])?;
        } else {
            trim_front(db, id, first, until - first)?;
        }
    }
    Ok(())
}
