//! A Redis as the source of a copy.

use std::collections::{BTreeMap, VecDeque};

use redis::{RedisResult, Value};

use super::answer::{self, Read};
use super::desk::{Desk, Purpose, Taken, tell};
use crate::clock::random_word;
use crate::error::{OpenError, words};
use crate::options::RedisOptions;
use crate::reply::Parts;
use parlor_core::journal::LogName;
use parlor_core::journal::dump::{DumpSource, DumpedLog, DumpedRecord, Piece};

/// Names that are read at a time.
const NAMES: u64 = 1000;
/// Records or values in one piece, and their bytes.
const ROWS: u64 = 256;
const BYTES: u64 = 1 << 20;
/// Entries of the feed that are caught up with at a time.
const ENTRIES: u64 = 50;
/// The indexes of logs.
const INDEXES: [&str; 2] = ["logs:state", "logs:plain"];

/// A journal in Redis that is read as a whole.
///
/// While nodes write, it is read log by log. Then the logs and values are read again that were touched meanwhile, as the feed tells.
/// The last of these steps is one script that reaches the feed's end: so all is as it was at one entry of the feed.
pub struct RedisDump {
    desk: Desk,
    generation: String,
    is_beside_nodes: bool,
    stage: Stage,
    /// Logs that are to be read, and the one that is being read with its next record.
    names: VecDeque<String>,
    current: Option<(String, u64)>,
    /// Pieces that were read together.
    ready: VecDeque<Piece>,
    /// The logs that were begun: their epochs, and the next record of each.
    begun: BTreeMap<LogName, (String, u64)>,
    /// The entry of the feed up to which all is settled, and its origin.
    known: u64,
    origin: String,
}

/// The part of the journal that comes next.
enum Stage {
    /// The logs of an index behind this name; empty: from the first.
    Logs { index: usize, after: String },
    /// The values behind this key; `None`: from the first.
    Values { after: Option<String> },
    /// The changes made meanwhile.
    Touched,
    /// That was all.
    Over,
}

impl RedisDump {
    /// Takes a journal that no node uses, to copy it to another place. No node can start on it meanwhile.
    ///
    /// # Errors
    /// If there is none, or it can't be taken.
    pub fn open(options: &RedisOptions) -> Result<RedisDump, OpenError> {
        Desk::take(options, Purpose::Source).map(|taken| Self::of(taken, false))
    }

    /// Reads a journal for a backup, also while nodes use it.
    ///
    /// # Errors
    /// If there is none, or it can't be read.
    pub fn beside_nodes(options: &RedisOptions) -> Result<RedisDump, OpenError> {
        Desk::take(options, Purpose::Backup).map(|taken| Self::of(taken, true))
    }

    fn of(taken: Taken, is_beside_nodes: bool) -> RedisDump {
        RedisDump {
            desk: taken.desk,
            generation: taken.generation,
            is_beside_nodes,
            stage: Stage::Logs { index: 0, after: String::new() },
            names: VecDeque::new(),
            current: None,
            ready: VecDeque::new(),
            begun: BTreeMap::new(),
            known: taken.head,
            origin: taken.tip,
        }
    }

    fn read(&mut self) -> Result<Option<Piece>, String> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            if !self.is_beside_nodes {
                self.desk.renew()?;
            }
            if let Some((name, next)) = self.current.take() {
                self.log(name, Some(next)).map_err(|error| words(&error))?;
            } else if let Some(name) = self.names.pop_front() {
                self.log(name, None).map_err(|error| words(&error))?;
            } else if !self.stage()? {
                return Ok(None);
            }
        }
    }

    /// Goes on with the stage. Returns whether there is more.
    fn stage(&mut self) -> Result<bool, String> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Logs { index, after } => match INDEXES.get(index) {
                None => Stage::Values { after: None },
                Some(key) => {
                    self.names = self.names(key, &after).map_err(|error| words(&error))?.into();
                    match self.names.back() {
                        None => Stage::Logs { index: index + 1, after: String::new() },
                        Some(last) => Stage::Logs { index, after: last.clone() },
                    }
                }
            },
            Stage::Values { after } => match self.values(after.as_deref()).map_err(|error| words(&error))? {
                None => Stage::Touched,
                after => Stage::Values { after },
            },
            Stage::Touched => {
                if self.settle()? && self.names.is_empty() {
                    Stage::Over
                } else {
                    Stage::Touched
                }
            }
            Stage::Over => return Ok(false),
        };
        Ok(true)
    }

    fn names(&mut self, index: &str, after: &str) -> RedisResult<Vec<String>> {
        let from = if after.is_empty() { "-".to_owned() } else { format!("({after}") };
        let mut ask = redis::cmd("ZRANGEBYLEX");
        ask.arg(self.desk.key(index)).arg(from).arg("+").arg("LIMIT").arg(0).arg(NAMES);
        ask.query(&mut self.desk.connection)
    }

    /// Reads a log and some of its records, from a number on.
    fn log(&mut self, name: String, next: Option<u64>) -> RedisResult<()> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.log);
        call.arg(&name).arg(next.map(|next| next.to_string()).unwrap_or_default()).arg(ROWS).arg(BYTES);
        match answer::log(call.invoke(&mut self.desk.connection)?)? {
            Read::Gone(log) => self.gone(log),
            Read::Log(log, records) => {
                let head = log.head;
                let next = self.pass_on(log, records);
                self.current = (next <= head).then_some((name, next));
            }
        }
        Ok(())
    }

    fn gone(&mut self, log: LogName) {
        if self.begun.remove(&log).is_some() {
            self.ready.push_back(Piece::Gone { logs: vec![log], keys: Vec::new() });
        }
    }

    /// Passes a log on. Returns the number of the record that comes next.
    fn pass_on(&mut self, log: DumpedLog, records: Vec<DumpedRecord>) -> u64 {
        let before = self.begun.get(&log.log).filter(|(epoch, _)| *epoch == log.epoch).map_or(0, |(_, next)| *next);
        let next = records.last().map_or(log.first, |last| last.seq + 1).max(before);
        self.begun.insert(log.log.clone(), (log.epoch.clone(), next));
        self.ready.push_back(Piece::Log(log));
        if !records.is_empty() {
            self.ready.push_back(Piece::Records(records));
        }
        next
    }

    /// Reads values. Returns the key of the last one.
    fn values(&mut self, after: Option<&str>) -> RedisResult<Option<String>> {
        let from = after.map_or_else(|| "-".to_owned(), |after| format!("({after}"));
        let mut call = self.desk.scripts.call(&self.desk.scripts.values);
        call.arg(from).arg(ROWS).arg(BYTES);
        let (values, gone) = answer::values(call.invoke(&mut self.desk.connection)?)?;
        let last = values.iter().map(|value| &value.key).chain(&gone).max().cloned();
        if !values.is_empty() {
            self.ready.push_back(Piece::Values(values));
        }
        Ok(last)
    }

    /// Reads again what was touched since. Returns whether that was up to the feed's end.
    fn settle(&mut self) -> Result<bool, String> {
        let mut call = self.desk.scripts.call(&self.desk.scripts.settle);
        call.arg(self.known).arg(&self.origin).arg(ENTRIES);
        let answer: RedisResult<Value> = call.invoke(&mut self.desk.connection);
        let mut parts = answer.and_then(Parts::of).map_err(|error| words(&error))?;
        match &parts.text().map_err(|error| words(&error))?[..] {
            "OK" => self.settled(parts).map_err(|error| words(&error)),
            "BEHIND" => {
                Err("reading took so long that Redis has forgotten what was written meanwhile: try again".into())
            }
            _ => Err("Redis has lost events meanwhile: try again".into()),
        }
    }

    fn settled(&mut self, mut parts: Parts) -> RedisResult<bool> {
        let (head, reached) = (parts.number()?, parts.number()?);
        (self.known, self.origin) = (reached, parts.text()?);
        let mut logs = parts.list()?;
        while !logs.is_over() {
            match answer::log(logs.any()?)? {
                Read::Gone(log) => self.gone(log),
                // One that was in no index when that was read: it comes as a whole.
                Read::Log(log, records) if !self.is_whole(&log, &records) => {
                    self.names.push_back(log.log.as_str().to_owned());
                }
                Read::Log(log, records) => {
                    self.pass_on(log, records);
                }
            }
        }
        let (values, keys) = answer::values(parts.any()?)?;
        if !values.is_empty() {
            self.ready.push_back(Piece::Values(values));
        }
        if !keys.is_empty() {
            self.ready.push_back(Piece::Gone { logs: Vec::new(), keys });
        }
        Ok(reached == head)
    }

    /// Tells whether these records and those that were passed on are all that the log has.
    fn is_whole(&self, log: &DumpedLog, records: &[DumpedRecord]) -> bool {
        let next =
            self.begun.get(&log.log).filter(|(epoch, _)| *epoch == log.epoch).map_or(log.first, |(_, next)| *next);
        records.first().map_or(log.head + 1, |first| first.seq) <= next.max(log.first)
    }
}

impl DumpSource for RedisDump {
    fn piece(&mut self) -> Result<Option<Piece>, String> {
        self.read()
    }

    fn generation(&self) -> &str {
        &self.generation
    }

    fn retire(&mut self) -> Result<(), String> {
        if self.is_beside_nodes {
            return Ok(()); // a backup begins a generation of its own
        }
        let mut call = self.desk.scripts.call(&self.desk.scripts.retire);
        call.arg(&self.desk.token).arg(Desk::lease()).arg(random_word(8));
        tell(&mut self.desk.connection, &call)
    }
}
