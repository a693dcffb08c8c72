//! A log's row, without its state.

use rusqlite::{Connection, OptionalExtension, Row};

use super::record_key::LOG_MAX;

/// A log's number, epoch and bounds.
pub(super) struct LogRow {
    pub id: i64,
    pub epoch: String,
    /// The oldest record on disk; `head + 1` if there is none.
    pub first: u64,
    pub head: u64,
    pub version: u64,
    /// The time to check for expiry.
    pub due: Option<i64>,
}

impl LogRow {
    /// The log of that name.
    pub fn by_name(db: &Connection, name: &str) -> rusqlite::Result<Option<LogRow>> {
        let mut find = db.prepare_cached("SELECT id, epoch, first, head, version, due FROM log WHERE name = ?1")?;
        find.query_row([name], LogRow::from_row).optional()
    }

    /// The log of that number, unless it is dropped.
    pub fn by_id(db: &Connection, id: i64) -> rusqlite::Result<Option<LogRow>> {
        let sql = "SELECT id, epoch, first, head, version, due FROM log WHERE id = ?1 AND name IS NOT NULL";
        db.prepare_cached(sql)?.query_row([id], LogRow::from_row).optional()
    }

    /// Reads `id, epoch, first, head, version, due`.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<LogRow> {
        Ok(LogRow {
            id: row.get(0)?,
            epoch: row.get(1)?,
            first: row.get(2)?,
            head: row.get(3)?,
            version: row.get(4)?,
            due: row.get(5)?,
        })
    }

    /// The oldest record that readers see. Records beyond `retain` may be on disk until they are trimmed.
    pub fn first_kept(&self, retain: u64) -> u64 {
        self.first.max((self.head + 1).saturating_sub(retain))
    }

    /// The number of records on disk beyond `retain`.
    pub fn excess(&self, retain: u64) -> u64 {
        self.first_kept(retain) - self.first
    }
}

/// A number that no log has, dropped ones included: the next one, or a random one when the last has been used.
pub(super) fn free_id(db: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT ifnull(max(id), 0) + 1 FROM log";
    let mut id: i64 = db.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    while id > LOG_MAX {
        let sql = "SELECT iif(EXISTS (SELECT 1 FROM log WHERE id = r.id), ?1 + 1, r.id)
                   FROM (SELECT abs(random() % ?1) + 1 AS id) AS r";
        id = db.prepare_cached(sql)?.query_row([LOG_MAX], |row| row.get(0))?;
    }
    Ok(id)
}
