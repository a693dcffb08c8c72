//! Reading what an app begins with: states in pages, brought to one entry of the feed.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use redis::RedisResult;

use crate::entry::Position;
use crate::feed::{Fault, Session};
use crate::link::{Failure, Link};
use crate::options::{RedisOptions, TimeSource};
use crate::reply::Parts;
use crate::scripts::{Scripts, run};
use parlor_core::Time;
use parlor_core::journal::{LogName, LogState, WriterName};

/// Logs that one request reads: about a millisecond of Redis's time.
const PAGE: usize = 500;
/// Entries of the feed that one request unpacks in Redis.
const ENTRIES: usize = 32;

/// The states of all logs that have one, and the ephemerals of other writers, at one entry of the feed.
pub(crate) struct States {
    pub logs: Vec<LogState>,
    pub ephemerals: Vec<(WriterName, String, Bytes)>,
    pub tail: Position,
}

/// The reason why states could not be read.
pub(crate) enum ReadError {
    Failed(Failure),
    /// So much was written meanwhile, or something happened to Redis, that the writer has to begin anew.
    Behind(Fault),
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        ReadError::Failed(failure)
    }
}

/// A log with the running time of its last append; `None`: it has no state.
type Read = (LogName, Option<(LogState, u64)>);

type Found = BTreeMap<LogName, (LogState, u64)>;

/// Reads the states for a writer that has just begun. `seen`: the newest entry that was there when something was read. Redis
/// may lose it before all is read: then it is the evidence.
pub(crate) fn states(
    link: &mut Link,
    scripts: &Scripts,
    options: &RedisOptions,
    session: &Session,
    seen: &mut Position,
) -> Result<States, ReadError> {
    let mut found = Found::new();
    let mut from = "-".to_owned();
    loop {
        let mut call = scripts.call(&scripts.states);
        call.arg(&from).arg(PAGE).arg(options.retain).arg(seen.number).arg(&*seen.origin);
        let page = link.persist(link.health().deadline(options.patience), |connection| {
            let mut parts = run(&call, connection)?;
            if let Some(fault) = Fault::of(&parts.text()?) {
                return Ok(Err(fault));
            }
            Ok(Ok((position(&mut parts)?, read_all(&mut parts.list()?)?)))
        })?;
        let (newest, page) = page.map_err(ReadError::Behind)?;
        *seen = newest;
        let Some((last, _)) = page.last() else { break };
        from = format!("({last}");
        let is_last = page.len() < PAGE;
        put_all(&mut found, page);
        if is_last {
            break;
        }
    }
    settle(link, scripts, options, session, seen, found)
}

fn position(parts: &mut Parts) -> RedisResult<Position> {
    let (number, origin) = (parts.number()?, parts.text()?);
    Ok(Position { number, origin: origin.into() })
}

/// Reads again what was touched since the writer began, until that is the newest.
fn settle(
    link: &mut Link,
    scripts: &Scripts,
    options: &RedisOptions,
    session: &Session,
    seen: &mut Position,
    mut found: Found,
) -> Result<States, ReadError> {
    let mut tail = session.tail.clone();
    loop {
        let mut call = scripts.call(&scripts.settle);
        call.arg(&*session.writer).arg(tail.number).arg(&*tail.origin).arg(ENTRIES).arg(options.retain);
        call.arg(match options.time {
            TimeSource::Redis => "",
            TimeSource::Caller => "0",
        });
        call.arg(seen.number).arg(&*seen.origin);
        let step = link.persist(link.health().deadline(options.patience), |connection| {
            let mut parts = run(&call, connection)?;
            if let Some(fault) = Fault::of(&parts.text()?) {
                return Ok(Err(fault));
            }
            let (newest, reached) = (position(&mut parts)?, position(&mut parts)?);
            let touched = read_all(&mut parts.list()?)?;
            let end = if parts.is_over() { None } else { Some((parts.number()?, ephemerals(&mut parts.list()?)?)) };
            Ok(Ok((newest, reached, touched, end)))
        })?;
        let (newest, reached, touched, end) = step.map_err(ReadError::Behind)?;
        (*seen, tail) = (newest, reached);
        put_all(&mut found, touched);
        if let Some((running_ms, ephemerals)) = end {
            let log = |(log, used_ms): (LogState, u64)| {
                let idle = Duration::from_millis(running_ms.saturating_sub(used_ms));
                LogState { idle, ..log }
            };
            return Ok(States { logs: found.into_values().map(log).collect(), ephemerals, tail });
        }
    }
}

fn put_all(found: &mut Found, page: Vec<Read>) {
    for (log, state) in page {
        match state {
            Some(state) => found.insert(log, state),
            None => found.remove(&log),
        };
    }
}

fn read_all(states: &mut Parts) -> RedisResult<Vec<Read>> {
    let mut all = Vec::new();
    while !states.is_over() {
        let mut state = states.list()?;
        let log = LogName::new(&state.text()?);
        let state = if state.is_over() { None } else { Some(read_state(log.clone(), &mut state)?) };
        all.push((log, state));
    }
    Ok(all)
}

fn read_state(log: LogName, from: &mut Parts) -> RedisResult<(LogState, u64)> {
    let (epoch, first, head, version) = (from.text()?, from.number()?, from.number()?, from.number()?);
    let (at, used_ms, state) = (Time(from.number()?), from.number()?, Bytes::from(from.bytes()?));
    Ok((LogState { log, epoch, first, head, version, at, idle: Duration::ZERO, state }, used_ms))
}

fn ephemerals(from: &mut Parts) -> RedisResult<Vec<(WriterName, String, Bytes)>> {
    let mut all = Vec::new();
    while !from.is_over() {
        all.push((from.text()?.into(), from.text()?, Bytes::from(from.bytes()?)));
    }
    Ok(all)
}
