//! A whole journal as a stream of pieces, on its way from one storage to another.
//!
//! Times are relative: a journal's [`RunningClock`](super::RunningClock) is its own, so ages and the time that is left go along
//! instead of what a clock showed. Nothing gets older on the way.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::model::LogName;
use crate::time::Time;

/// A part of a journal. A later piece for the same log, record or key takes the place of an earlier one, so that a source can be
/// read while it is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A log begins, or goes on: its records come next, up to its head, from where they ended before.
    Log(DumpedLog),
    /// Records of the log that stands before, ascending.
    Records(Vec<DumpedRecord>),
    /// Values.
    Values(Vec<DumpedValue>),
    /// Logs and values that are not there any more.
    Gone {
        /// The names of the logs.
        logs: Vec<LogName>,
        /// The keys of the values.
        keys: Vec<String>,
    },
}

/// A log without its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpedLog {
    /// The name of the log.
    pub log: LogName,
    /// The log's epoch. If it is another than that of an earlier piece, nothing of the log before stays.
    pub epoch: String,
    /// The log's [version](super::Placed::version).
    pub version: u64,
    /// The oldest record that the log has; `head + 1` if it has none.
    pub first: u64,
    /// The newest record ever appended; 0 if there was none.
    pub head: u64,
    /// The time of the last append, by the wall clock of that day.
    pub at: Time,
    /// The time in which the journal was open since the last append.
    pub idle: Duration,
    /// The time in which the journal is open until the log expires; `None`: it stays until it is dropped.
    pub expires_in: Option<Duration>,
    /// The log's state.
    pub state: Option<Bytes>,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpedRecord {
    /// The sequence number.
    pub seq: u64,
    /// The time of its append, by the wall clock of that day; where the journal does not keep that, what its age comes to.
    pub at: Time,
    /// The time in which the journal was open since its append.
    pub age: Duration,
    /// The record itself.
    pub record: Bytes,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpedValue {
    /// The key.
    pub key: String,
    /// The value itself.
    pub value: Bytes,
    /// The time in which the journal is open until the value expires; `None`: never.
    pub expires_in: Option<Duration>,
}

/// A journal that is read as a whole, as it was at one instant.
pub trait DumpSource {
    /// Reads the next piece; `None`: that was all.
    ///
    /// # Errors
    /// The reason why it can't be read, for the operator.
    fn piece(&mut self) -> Result<Option<Piece>, String>;

    /// Returns the [generation](super::Restored::generation) of the journal.
    fn generation(&self) -> &str;

    /// Marks the journal as one whose life goes on elsewhere: if it is opened again, it gets another generation. Called when
    /// everything has been read, before the copy can be opened: so no sequence number is given twice under one epoch.
    ///
    /// # Errors
    /// The reason why it can't be marked, for the operator.
    fn retire(&mut self) -> Result<(), String>;
}

/// A journal that is made from pieces.
pub trait DumpSink {
    /// Takes a piece.
    ///
    /// # Errors
    /// The reason why it can't be written, for the operator. Nothing can be opened then.
    fn take(&mut self, piece: Piece) -> Result<(), String>;

    /// Completes the journal. Only now it can be opened, under the generation of its source.
    ///
    /// # Errors
    /// The reason why it can't be completed, for the operator.
    fn finish(&mut self, generation: &str) -> Result<(), String>;
}

/// The size of a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Logs.
    pub logs: u64,
    /// Records.
    pub records: u64,
    /// Values.
    pub values: u64,
}

/// Copies a whole journal, and retires it. Keeps a name and three numbers of each log in memory, and one piece.
///
/// # Errors
/// The reason why there is no copy, for the operator; also if the source leaves out records.
pub fn copy(source: &mut dyn DumpSource, sink: &mut dyn DumpSink) -> Result<Copied, String> {
    let mut tally = Tally::default();
    while let Some(piece) = source.piece()? {
        tally.note(&piece)?;
        sink.take(piece)?;
    }
    let copied = tally.close()?;
    source.retire()?;
    sink.finish(source.generation())?;
    Ok(copied)
}

/// Everything that has come, in numbers.
#[derive(Debug, Default)]
pub struct Tally {
    logs: BTreeMap<LogName, Extent>,
    /// The log whose records come.
    log: Option<LogName>,
    values: u64,
}

#[derive(Debug)]
struct Extent {
    epoch: String,
    first: u64,
    head: u64,
    /// The number that the next new record has to have.
    next: u64,
}

impl Tally {
    /// Notes a piece before it is written.
    ///
    /// # Errors
    /// If records are missing, for the operator.
    pub fn note(&mut self, piece: &Piece) -> Result<(), String> {
        match piece {
            Piece::Log(log) => {
                if self.log.as_ref() != Some(&log.log) {
                    self.check_last()?;
                }
                self.begin(log)
            }
            Piece::Records(records) => records.iter().try_for_each(|record| self.record(record.seq)),
            Piece::Values(values) => {
                self.values += values.len() as u64;
                Ok(())
            }
            Piece::Gone { logs, keys } => {
                self.check_last()?;
                logs.iter().for_each(|log| drop(self.logs.remove(log)));
                self.values = self.values.saturating_sub(keys.len() as u64);
                self.log = None;
                Ok(())
            }
        }
    }

    /// Returns the numbers when everything has come.
    ///
    /// # Errors
    /// If records are missing, for the operator.
    pub fn close(self) -> Result<Copied, String> {
        self.check_last()?;
        let records = self.logs.values().map(|log| log.head + 1 - log.first).sum();
        Ok(Copied { logs: self.logs.len() as u64, records, values: self.values })
    }

    fn begin(&mut self, log: &DumpedLog) -> Result<(), String> {
        if log.first == 0 || log.first > log.head.saturating_add(1) {
            return Err(format!("{} has records from {} to {}: the journal is damaged", log.log, log.first, log.head));
        }
        let before = self.logs.get(&log.log).filter(|before| before.epoch == log.epoch);
        let next = before.map_or(log.first, |before| before.next.max(log.first));
        let extent = Extent { epoch: log.epoch.clone(), first: log.first, head: log.head, next };
        self.logs.insert(log.log.clone(), extent);
        self.log = Some(log.log.clone());
        Ok(())
    }

    fn record(&mut self, seq: u64) -> Result<(), String> {
        let Some((name, log)) = self.log.as_ref().and_then(|name| Some((name, self.logs.get_mut(name)?))) else {
            return Err(format!("record {seq} belongs to no log: the journal is damaged"));
        };
        if seq < log.first || seq > log.head || seq > log.next {
            return Err(format!("record {seq} of {name} came where {} was to come: the journal is damaged", log.next));
        }
        log.next = log.next.max(seq + 1);
        Ok(())
    }

    fn check_last(&self) -> Result<(), String> {
        let Some((name, log)) = self.log.as_ref().and_then(|name| Some((name, self.logs.get(name)?))) else {
            return Ok(());
        };
        if log.next <= log.head {
            return Err(format!(
                "record {} of {name} is missing: the journal is damaged, or was trimmed meanwhile",
                log.next
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str, epoch: &str, first: u64, head: u64) -> Piece {
        Piece::Log(DumpedLog {
            log: LogName::new(name),
            epoch: epoch.into(),
            version: head,
            first,
            head,
            at: Time(0),
            idle: Duration::ZERO,
            expires_in: None,
            state: None,
        })
    }

    fn records(seqs: std::ops::RangeInclusive<u64>) -> Piece {
        let record = |seq| DumpedRecord { seq, at: Time(0), age: Duration::ZERO, record: Bytes::new() };
        Piece::Records(seqs.map(record).collect())
    }

    fn tally(pieces: &[Piece]) -> Result<Copied, String> {
        let mut tally = Tally::default();
        pieces.iter().try_for_each(|piece| tally.note(piece))?;
        tally.close()
    }

    #[test]
    fn a_log_comes_whole_in_any_number_of_pieces() {
        let value = DumpedValue { key: "k".into(), value: Bytes::new(), expires_in: None };
        let pieces =
            [log("a", "1", 3, 5), records(3..=4), records(5..=5), log("b", "1", 8, 7), Piece::Values(vec![value])];
        assert_eq!(tally(&pieces), Ok(Copied { logs: 2, records: 3, values: 1 }));
    }

    #[test]
    fn a_log_goes_on_and_begins_anew() {
        let more = [
            log("a", "1", 1, 2),
            records(1..=2),
            log("a", "1", 2, 4),
            records(2..=4),
            log("a", "1", 2, 4),
            records(2..=2),
        ];
        assert_eq!(tally(&more).unwrap().records, 3);
        let anew = [log("a", "1", 1, 2), records(1..=2), log("a", "2", 1, 1), records(1..=1)];
        assert_eq!(tally(&anew).unwrap().records, 1);
        let gone = Piece::Gone { logs: vec![LogName::new("a")], keys: vec![] };
        assert_eq!(tally(&[log("a", "1", 1, 1), records(1..=1), gone]).unwrap().logs, 0);
    }

    #[test]
    fn what_is_left_out_is_seen() {
        for pieces in [
            vec![log("a", "1", 1, 3), records(1..=2)],
            vec![log("a", "1", 1, 3), records(1..=2), log("b", "1", 1, 0)],
            vec![log("a", "1", 1, 3), records(2..=3)],
            vec![log("a", "1", 1, 3), records(1..=4)],
            vec![log("a", "1", 2, 3), records(1..=3)],
            vec![log("a", "1", 0, 0)],
            vec![log("a", "1", 5, 3)],
            vec![records(1..=1)],
            vec![log("a", "1", 1, 1), records(1..=1), log("a", "2", 1, 1)],
        ] {
            assert!(tally(&pieces).is_err(), "{pieces:?}");
        }
    }
}
