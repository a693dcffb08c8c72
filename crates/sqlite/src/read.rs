//! Reading, on the writer's connection or beside it on another.

use std::path::PathBuf;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row};

use super::connection::connect_to_read;
use super::error::failure;
use super::log_row::LogRow;
use super::record_key::{int, pack, seq_of};
use parlor_core::Time;
use parlor_core::journal::{End, Load, Loaded, LogName, LogState, Page, PageOf, Reader, RunningClock};

/// Reads a journal's file beside its writer, from any thread. Each `load` sees the file as it was at one instant, and holds
/// it no longer than the read takes.
pub(super) struct SqliteReader {
    db: Option<Connection>,
    path: PathBuf,
    retain: u64,
}

impl SqliteReader {
    pub fn new(path: PathBuf, retain: u64) -> Self {
        SqliteReader { db: None, path, retain }
    }

    fn try_load(&mut self, what: &Load) -> rusqlite::Result<Loaded> {
        let db = match &mut self.db {
            Some(db) => db,
            none => none.insert(connect_to_read(&self.path)?),
        };
        load(db, self.retain, what)
    }
}

impl Reader for SqliteReader {
    fn load(&mut self, load: Load) -> Loaded {
        self.try_load(&load).unwrap_or_else(|error| {
            self.db = None; // the next load connects again
            Loaded::Unavailable(failure(&error))
        })
    }
}

pub(super) fn load(db: &mut Connection, retain: u64, load: &Load) -> rusqlite::Result<Loaded> {
    let tx = db.transaction()?; // all reads see one instant
    let loaded = match load {
        Load::Page(of) => Loaded::Page(page(&tx, retain, of)?),
        Load::Values(keys) => Loaded::Values(values(&tx, keys)?),
        Load::Scan { prefix, limit } => Loaded::Values(scan(&tx, prefix, *limit)?),
    };
    tx.commit()?;
    Ok(loaded)
}

fn page(db: &Connection, retain: u64, of: &PageOf) -> rusqlite::Result<Page> {
    let Some(log) = LogRow::by_name(db, of.log.as_str())? else { return Ok(Page::default()) };
    let first = log.first_kept(retain);
    let from = of.after.saturating_add(1).max(first);
    let until = of.before.min(log.head + 1).max(from);
    let records = match of.end {
        End::Oldest => "SELECT id, body FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3",
        End::Newest => "SELECT id, body FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
    };
    let mut records = db.prepare_cached(records)?;
    let limit = u64::try_from(of.limit).unwrap_or(u64::MAX);
    let mut rows = records.query((pack(log.id, from), pack(log.id, until), int(limit)))?;
    let mut page = Page { head: log.head, epoch: log.epoch, version: log.version, ..Page::default() };
    if first <= log.head {
        page.first = first;
    }
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let (seq, record) = (seq_of(row.get(0)?), blob(row, 1)?);
        bytes += record.len();
        if bytes > of.bytes && !page.records.is_empty() {
            break;
        }
        page.records.push((seq, record));
    }
    page.more = (page.records.len() as u64) < until - from;
    if of.end == End::Newest {
        page.records.reverse();
    }
    Ok(page)
}

fn values(db: &Connection, keys: &[String]) -> rusqlite::Result<Vec<(String, Bytes)>> {
    let mut find = db.prepare_cached("SELECT value FROM value WHERE key = ?1")?;
    let mut values = Vec::new();
    for key in keys {
        let value = find.query_row([key], |row| blob(row, 0)).optional()?;
        values.extend(value.map(|value| (key.clone(), value)));
    }
    Ok(values)
}

fn scan(db: &Connection, prefix: &str, limit: usize) -> rusqlite::Result<Vec<(String, Bytes)>> {
    let mut find = db.prepare_cached("SELECT key, value FROM value WHERE key >= ?1 ORDER BY key")?;
    let mut rows = find.query([prefix])?;
    let mut values = Vec::new();
    while values.len() < limit
        && let Some(row) = rows.next()?
    {
        let key: String = row.get(0)?;
        if !key.starts_with(prefix) {
            break;
        }
        values.push((key, blob(row, 1)?));
    }
    Ok(values)
}

/// Every log that has a state, by name.
pub(super) fn states(db: &Connection, retain: u64, clock: RunningClock) -> rusqlite::Result<Vec<LogState>> {
    let sql = "SELECT name, epoch, first, head, version, at, state, lag FROM log
               WHERE name IS NOT NULL AND state IS NOT NULL ORDER BY name";
    let mut find = db.prepare(sql)?;
    let states = find.query_map([], |row| {
        let name: String = row.get(0)?;
        let (epoch, first, head, version) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        let log = LogRow { id: 0, epoch, first, head, version, due: None };
        let first = log.first_kept(retain);
        let at = Time(row.get(5)?);
        Ok(LogState {
            log: LogName::new(&name),
            first: if first <= log.head { first } else { 0 },
            head: log.head,
            version: log.version,
            epoch: log.epoch,
            at,
            idle: clock.now().since(RunningClock::at_lag(at, row.get(7)?)),
            state: blob(row, 6)?,
        })
    })?;
    states.collect()
}

pub(super) fn blob(row: &Row<'_>, column: usize) -> rusqlite::Result<Bytes> {
    Ok(Bytes::copy_from_slice(row.get_ref(column)?.as_blob()?))
}
