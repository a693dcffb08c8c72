//! Import of whole logs.

use super::desk::{Desk, Purpose};
use crate::error::{OpenError, words};
use crate::options::RedisOptions;
use parlor_core::journal::dump::{DumpedLog, DumpedRecord};

/// A journal to which logs are added. No node can start on it meanwhile.
pub struct RedisImport {
    desk: Desk,
    running_ms: u64,
}

impl RedisImport {
    /// Takes a journal that no node uses; one that is not there yet begins.
    ///
    /// # Errors
    /// If nodes use it, or Redis can't be used: it is checked as a node checks it.
    pub fn open(options: &RedisOptions) -> Result<RedisImport, OpenError> {
        let taken = Desk::take(options, Purpose::Import)?;
        Ok(RedisImport { desk: taken.desk, running_ms: taken.running_ms })
    }

    /// Creates a log, completely or not at all; it counts as used now, and stays until it is dropped. `records`: all from `first` to
    /// `head`. `false`: there is a log of that name, which stays as it is.
    ///
    /// # Errors
    /// The reason why it can't be written, for the operator.
    pub fn import(&mut self, log: &DumpedLog, records: &[DumpedRecord]) -> Result<bool, String> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.import);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(self.running_ms);
        call.arg(log.log.as_str()).arg(&log.epoch).arg(log.first).arg(log.head).arg(log.at.as_millis());
        call.arg(if log.state.is_some() { "1" } else { "" }).arg(log.state.as_deref().unwrap_or_default());
        for record in records {
            call.arg(&record.record[..]);
        }
        let word: String = call.invoke(&mut self.desk.connection).map_err(|error| words(&error))?;
        match &word[..] {
            "OK" => Ok(true),
            "TAKEN" => Ok(false),
            _ => Err(super::desk::LATE.into()),
        }
    }
}
