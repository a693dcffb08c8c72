//! Export of a single log.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rusqlite::{Connection, params};

use super::connection::open_to_read;
use super::error::{FileError, OpenError};
use super::log_row::LogRow;
use super::record_key::{int, pack, seq_of};
use parlor_core::Time;
use parlor_core::journal::LogName;

/// Records read at a time.
const PAGE: u64 = 256;

/// A record of a log that is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The sequence number.
    pub seq: u64,
    /// The time of its append.
    pub at: Time,
    /// The record itself.
    pub record: Bytes,
}

/// Reads all records of a log, oldest first, from any process, also beside a running server; records that are appended
/// meanwhile come too. It holds the file for one page at a time, so a slow consumer holds up nobody. `None`: there is no such
/// log.
///
/// # Errors
/// If the journal can't be read. The iterator yields an error if it can't be read later, or if records were trimmed or the
/// log dropped before they were read.
pub fn export(path: &Path, log: &LogName) -> Result<Option<Export>, FileError> {
    let at = FileError::at(path);
    let db = open_to_read(path).map_err(&at)?;
    let row = LogRow::by_name(&db, log.as_str()).map_err(|error| at(error.into()))?;
    Ok(row.map(|row| Export { db, path: path.to_owned(), log: log.clone(), next: None, row, page: VecDeque::new() }))
}

/// The records of a log, as an iterator; made by [`export`].
pub struct Export {
    db: Connection,
    path: PathBuf,
    log: LogName,
    row: LogRow,
    next: Option<u64>,
    page: VecDeque<Exported>,
}

impl Iterator for Export {
    type Item = Result<Exported, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && let Err(error) = self.read()
        {
            self.next = Some(u64::MAX); // ends the iterator
            return Some(Err(FileError::at(&self.path)(error)));
        }
        self.page.pop_front().map(Ok)
    }
}

impl Export {
    fn read(&mut self) -> Result<(), OpenError> {
        let tx = self.db.transaction()?;
        let gone = || OpenError::Failed(format!("{} was trimmed or deleted while it was read: try again", self.log));
        let next = match self.next {
            Some(u64::MAX) => return Ok(()),
            Some(next) => {
                let now = LogRow::by_name(&tx, self.log.as_str())?.ok_or_else(gone)?;
                if now.id != self.row.id || now.first > next {
                    return Err(gone());
                }
                next
            }
            None => LogRow::by_name(&tx, self.log.as_str())?.ok_or_else(gone)?.first,
        };
        let sql = "SELECT id, at, body FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
        let id = self.row.id;
        let mut find = tx.prepare_cached(sql)?;
        let records = find.query_map(params![pack(id, next), pack(id, u64::MAX), int(PAGE)], |row| {
            let record = Bytes::copy_from_slice(row.get_ref(2)?.as_blob()?);
            Ok(Exported { seq: seq_of(row.get(0)?), at: Time(row.get(1)?), record })
        })?;
        self.page = records.collect::<Result<_, _>>()?;
        drop(find);
        tx.commit()?;
        self.next = Some(self.page.back().map_or(u64::MAX, |last| last.seq + 1));
        Ok(())
    }
}
