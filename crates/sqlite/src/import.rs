//! Import of a whole log.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::error::OpenError;
use super::log_row::free_id;
use super::record_key::{SEQ_MAX, int, pack};
use parlor_core::Time;
use parlor_core::journal::{LogName, RunningClock};

/// A log to be created by [`SqliteJournal::import`](crate::SqliteJournal::import).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The name of the log.
    pub log: LogName,
    /// The epoch of the log.
    pub epoch: String,
    /// The sequence number of the first record, at least 1; each further record has the next one.
    pub first: u64,
    /// The records with their times, oldest first.
    pub records: Vec<(Time, Bytes)>,
    /// The log's state.
    pub state: Option<Bytes>,
    /// The time at which the whole log expires; `None`: never.
    pub expires_at: Option<Time>,
}

/// Writes the log in one transaction; log and records count as used now, however old they are. Returns its number, or `None` if there is a log of that name.
pub(super) fn import(
    db: &mut Connection,
    clock: RunningClock,
    Imported { log, epoch, first, records, state, expires_at }: &Imported,
) -> Result<Option<i64>, OpenError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let find = "SELECT 1 FROM log WHERE name = ?1";
    if tx.query_row(find, [log.as_str()], |_| Ok(())).optional()?.is_some() {
        return Ok(None);
    }
    let until = first.saturating_add(records.len() as u64);
    if *first == 0 || until > SEQ_MAX {
        return Err(OpenError::Failed("sequence numbers must be at least 1 and less than 2^38".into()));
    }
    let at = records.last().map_or(0, |(at, _)| int(at.as_millis()));
    let lag = |at: i64| at.saturating_sub(int(clock.now().as_millis()));
    let id = free_id(&tx)?;
    let sql = "INSERT INTO log (id, name, epoch, first, head, at, lag, expires_at, due, state)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)";
    let expires_at = expires_at.map(|at| int(clock.at(at).as_millis()));
    tx.execute(
        sql,
        params![id, log.as_str(), epoch, int(*first), int(until - 1), at, lag(at), expires_at, state.as_deref()],
    )?;
    let mut insert = tx.prepare("INSERT INTO record (id, at, lag, body) VALUES (?1, ?2, ?3, ?4)")?;
    for (seq, (at, record)) in (*first..).zip(records) {
        let at = int(at.as_millis());
        insert.execute(params![pack(id, seq), at, lag(at), &record[..]])?;
    }
    drop(insert);
    tx.commit()?;
    Ok(Some(id))
}
