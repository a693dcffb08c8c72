//! Deleting records and logs.

use rusqlite::{Connection, params};

use super::record_key::{int, pack};

/// Rows that one slice of housekeeping deletes at most: a few milliseconds.
pub(super) const SLICE: u64 = 1000;

/// Records beyond `retain` that a log may hold before trimming is worth the work. Readers do not see them.
pub(super) fn slack(retain: u64) -> u64 {
    (retain / 8).min(SLICE)
}

/// Removes a log's name, so that nobody sees it; its records are deleted slice by slice.
pub(super) fn drop_log(db: &Connection, id: i64, is_empty: bool) -> rusqlite::Result<()> {
    let sql = if is_empty {
        "DELETE FROM log WHERE id = ?1"
    } else {
        "UPDATE log SET name = NULL, state = NULL, expires_at = NULL, due = NULL WHERE id = ?1"
    };
    db.prepare_cached(sql)?.execute([id])?;
    Ok(())
}

/// Deletes records `first..until`. The caller moves the log's `first`.
pub(super) fn delete_records(db: &Connection, id: i64, first: u64, until: u64) -> rusqlite::Result<()> {
    let mut delete = db.prepare_cached("DELETE FROM record WHERE id >= ?1 AND id < ?2")?;
    delete.execute([pack(id, first), pack(id, until)])?;
    Ok(())
}

/// Deletes the `count` oldest records of a log.
pub(super) fn trim_front(db: &Connection, id: i64, first: u64, count: u64) -> rusqlite::Result<()> {
    delete_records(db, id, first, first + count)?;
    db.prepare_cached("UPDATE log SET first = ?2 WHERE id = ?1")?.execute(params![id, int(first + count)])?;
    Ok(())
}
