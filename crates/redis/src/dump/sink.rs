//! A Redis as the target of a copy.

use std::time::Duration;

use super::desk::{Desk, Purpose, millis, tell};
use crate::error::{OpenError, words};
use crate::options::RedisOptions;
use crate::scripts::SCHEMA;
use crate::server::Server;
use parlor_core::journal::LogName;
use parlor_core::journal::dump::{DumpSink, DumpedLog, DumpedRecord, DumpedValue, Piece};

/// Logs and values that one step deletes.
const SLICE: u64 = 200;

/// A journal in Redis that is made from pieces. No node can start on it before it is complete. If that never happens, the next copy
/// to the same place deletes what is left.
pub struct RedisSink {
    desk: Desk,
    /// The running clock of the new journal.
    running_ms: u64,
    log: Option<LogName>,
}

impl RedisSink {
    /// Begins a journal where none is.
    ///
    /// # Errors
    /// If there is one, or Redis can't be used: it is checked as a node checks it.
    pub fn create(options: &RedisOptions) -> Result<RedisSink, OpenError> {
        let taken = Desk::take(options, Purpose::Target)?;
        let mut sink = RedisSink { desk: taken.desk, running_ms: taken.running_ms, log: None };
        while sink.clear()? {}
        Ok(sink)
    }

    fn clear(&mut self) -> Result<bool, OpenError> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.clear);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(SLICE);
        match call.invoke::<i64>(&mut self.desk.connection)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(OpenError::Taken),
        }
    }

    fn put_log(&mut self, log: &DumpedLog) -> Result<(), String> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.put_log);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(self.running_ms);
        call.arg(log.log.as_str()).arg(&log.epoch).arg(log.version).arg(log.first).arg(log.head);
        call.arg(log.at.as_millis()).arg(millis(log.idle)).arg(left(log.expires_in));
        call.arg(if log.state.is_some() { "1" } else { "" }).arg(log.state.as_deref().unwrap_or_default());
        tell(&mut self.desk.connection, &call)?;
        self.log = Some(log.log.clone());
        Ok(())
    }

    fn put_records(&mut self, records: &[DumpedRecord]) -> Result<(), String> {
        let Some(log) = &self.log else { return Err("records belong to no log".into()) };
        let mut call = self.desk.scripts.call(&self.desk.scripts.put_records);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(self.running_ms).arg(log.as_str());
        for DumpedRecord { seq, age, record, .. } in records {
            call.arg(*seq).arg(millis(*age)).arg(&record[..]);
        }
        tell(&mut self.desk.connection, &call)
    }

    fn put_values(&mut self, values: &[DumpedValue]) -> Result<(), String> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.put_values);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(self.running_ms);
        for DumpedValue { key, value, expires_in } in values {
            call.arg(key).arg(&value[..]).arg(left(*expires_in));
        }
        tell(&mut self.desk.connection, &call)
    }

    fn remove(&mut self, logs: &[LogName], keys: &[String]) -> Result<(), String> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.gone);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(logs.len());
        for log in logs {
            call.arg(log.as_str());
        }
        for key in keys {
            call.arg(key);
        }
        tell(&mut self.desk.connection, &call)
    }
}

/// The time that is left, for scripts.
fn left(expires_in: Option<Duration>) -> String {
    expires_in.map(|left| millis(left).to_string()).unwrap_or_default()
}

impl DumpSink for RedisSink {
    fn take(&mut self, piece: Piece) -> Result<(), String> {
        match piece {
            Piece::Log(log) => self.put_log(&log),
            Piece::Records(records) => self.put_records(&records),
            Piece::Values(values) => self.put_values(&values),
            Piece::Gone { logs, keys } => {
                self.log = None;
                self.remove(&logs, &keys)
            }
        }
    }

    fn finish(&mut self, generation: &str) -> Result<(), String> {
        let server = Server::read(&mut self.desk.connection, self.desk.has_sentinels).map_err(|error| words(&error))?;
        let mut call = self.desk.scripts.call(&self.desk.scripts.finish);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(self.running_ms).arg(generation);
        call.arg(&server.run).arg(server.synced_flag()).arg(SCHEMA);
        tell(&mut self.desk.connection, &call)
    }
}
