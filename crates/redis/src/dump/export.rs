//! Export of a single log.

use std::collections::VecDeque;

use bytes::Bytes;
use redis::RedisResult;

use super::answer::{self, Read};
use super::desk::{Desk, Purpose};
use crate::error::{OpenError, words};
use crate::options::RedisOptions;
use parlor_core::journal::LogName;

/// Records read at a time, and their bytes.
const ROWS: u64 = 256;
const BYTES: u64 = 1 << 20;

/// A record of a log that is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The sequence number.
    pub seq: u64,
    /// The record itself.
    pub record: Bytes,
}

/// Reads all records of a log, oldest first, also while nodes use the journal; records that are appended meanwhile come too.
/// `None`: there is no such log.
///
/// # Errors
/// If Redis can't be read, or holds no journal. The iterator yields an error if it can't be read later, or if records were trimmed or the log dropped
/// before they were read.
pub fn export(options: &RedisOptions, log: &LogName) -> Result<Option<Export>, OpenError> {
    let desk = Desk::take(options, Purpose::Backup)?.desk;
    let mut export = Export { desk, log: log.clone(), epoch: None, next: None, page: VecDeque::new(), is_over: false };
    Ok(export.read()?.then_some(export))
}

/// The records of a log, as an iterator; made by [`export`].
pub struct Export {
    desk: Desk,
    log: LogName,
    epoch: Option<String>,
    next: Option<u64>,
    page: VecDeque<Exported>,
    is_over: bool,
}

impl Export {
    /// Reads a page. Returns whether it stands behind the one before.
    fn read(&mut self) -> RedisResult<bool> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.log);
        let next = self.next.map(|next| next.to_string()).unwrap_or_default();
        call.arg(self.log.as_str()).arg(next).arg(ROWS).arg(BYTES);
        let Read::Log(log, records) = answer::log(call.invoke(&mut self.desk.connection)?)? else { return Ok(false) };
        let is_same = self.epoch.get_or_insert(log.epoch.clone()) == &log.epoch;
        if !is_same || self.next.is_some_and(|next| log.first > next) {
            return Ok(false);
        }
        self.is_over = records.is_empty();
        self.next = records.last().map(|last| last.seq + 1).or(self.next);
        self.page = records.into_iter().map(|record| Exported { seq: record.seq, record: record.record }).collect();
        Ok(true)
    }
}

impl Iterator for Export {
    type Item = Result<Exported, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.is_over {
            let failed = match self.read() {
                Ok(true) => None,
                Ok(false) => Some(format!("{} was trimmed or deleted while it was read: try again", self.log)),
                Err(error) => Some(words(&error)),
            };
            if let Some(failed) = failed {
                self.is_over = true;
                return Some(Err(failed));
            }
        }
        self.page.pop_front().map(Ok)
    }
}
