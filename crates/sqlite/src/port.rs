//! Single logs out of a journal, and into one.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::error::{FileError, OpenError};
use super::read::Numbers;
use super::write::{self, int, pack, seq_of};
use super::{SqliteJournal, open};
use parlor_core::Time;
use parlor_core::journal::LogName;

/// Records read at a time.
const PAGE: u64 = 256;

/// One record on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub seq: u64,
    pub at: Time,
    pub record: Bytes,
}

/// All records of a log, oldest first, from any process, also beside a server at work: what is appended meanwhile comes too.
/// It holds on to the file for a page at a time, so whoever takes the records may be slow. `None`: there is no such log.
///
/// # Errors
/// If the journal can't be read, now or later. If the log is trimmed or dropped under the reader's hands, that is told in the
/// place of the records that are missing.
pub fn export(path: &Path, log: &LogName) -> Result<Option<Export>, FileError> {
    let at = FileError::at(path);
    let db = open::open_to_read(path).map_err(&at)?;
    let numbers = Numbers::of(&db, log.as_str()).map_err(|error| at(error.into()))?;
    Ok(numbers.map(|numbers| Export {
        db,
        path: path.to_owned(),
        log: log.clone(),
        next: None,
        numbers,
        page: VecDeque::new(),
    }))
}

/// See [`export`].
pub struct Export {
    db: Connection,
    path: PathBuf,
    log: LogName,
    numbers: Numbers,
    next: Option<u64>,
    page: VecDeque<Exported>,
}

impl Iterator for Export {
    type Item = Result<Exported, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && let Err(error) = self.read()
        {
            self.next = Some(u64::MAX); // no more after that
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
                let now = Numbers::of(&tx, self.log.as_str())?.ok_or_else(gone)?;
                if now.id != self.numbers.id || now.first > next {
                    return Err(gone());
                }
                next
            }
            None => Numbers::of(&tx, self.log.as_str())?.ok_or_else(gone)?.first,
        };
        let sql = "SELECT id, at, body FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
        let id = self.numbers.id;
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

/// A whole log on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub log: LogName,
    pub epoch: String,
    /// The sequence number of the first record, at least 1; each further one has the next.
    pub first: u64,
    pub records: Vec<(Time, Bytes)>,
    pub state: Option<Bytes>,
    pub expires_at: Option<Time>,
}

impl SqliteJournal {
    /// Makes a log of records that were exported before. `false`: there is such a log, which stays as it is.
    ///
    /// # Errors
    /// If it can't be written; then nothing is.
    pub fn import(&mut self, imported: &Imported) -> Result<bool, FileError> {
        self.try_import(imported).map_err(|error| FileError::at(&self.path)(error))
    }

    fn try_import(
        &mut self,
        Imported { log, epoch, first, records, state, expires_at }: &Imported,
    ) -> Result<bool, OpenError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let find = "SELECT 1 FROM log WHERE name = ?1";
        if tx.query_row(find, [log.as_str()], |_| Ok(())).optional()?.is_some() {
            return Ok(false);
        }
        let until = first.saturating_add(records.len() as u64);
        if *first == 0 || until > write::SEQ_MAX {
            return Err(OpenError::Failed(
                "sequence numbers have to begin with 1 or above and to stay below 2^38".into(),
            ));
        }
        let at = records.last().map_or(0, |(at, _)| int(at.as_millis()));
        let id = write::free_id(&tx)?;
        let sql = "INSERT INTO log (id, name, epoch, first, head, at, expires_at, due, state)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
        let expires_at = expires_at.map(|at| int(at.as_millis()));
        tx.execute(
            sql,
            params![id, log.as_str(), epoch, int(*first), int(until - 1), at, expires_at, state.as_deref()],
        )?;
        let mut insert = tx.prepare("INSERT INTO record (id, at, body) VALUES (?1, ?2, ?3)")?;
        for (seq, (at, record)) in (*first..).zip(records) {
            insert.execute(params![pack(id, seq), int(at.as_millis()), &record[..]])?;
        }
        drop(insert);
        tx.commit()?;
        self.chores.overfull.insert(id);
        Ok(true)
    }
}
