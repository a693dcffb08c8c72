//! The scripts' answers: logs, records and values.

use std::time::Duration;

use redis::{RedisResult, Value};

use crate::clock::wall;
use crate::reply::{Parts, unexpected};
use parlor_core::Time;
use parlor_core::journal::LogName;
use parlor_core::journal::dump::{DumpedLog, DumpedRecord, DumpedValue};

/// A log as the script's `log_of` answers it.
pub(super) enum Read {
    Gone(LogName),
    Log(DumpedLog, Vec<DumpedRecord>),
}

pub(super) fn log(answer: Value) -> RedisResult<Read> {
    let mut parts = Parts::of(answer)?;
    let name = LogName::new(&parts.text()?);
    if parts.is_over() {
        return Ok(Read::Gone(name));
    }
    let (epoch, version, first, head) = (parts.text()?, parts.number()?, parts.number()?, parts.number()?);
    let (at, idle, expires_in) = (Time(parts.number()?), Duration::from_millis(parts.number()?), left(&mut parts)?);
    let (state, has_state) = (parts.bytes()?, parts.number()? == 1);
    let state = has_state.then(|| state.into());
    let (mut rows, mut records, now) = (parts.list()?, Vec::new(), wall());
    while !rows.is_over() {
        let (seq, age, record) = (rows.number()?, rows.number()?, rows.bytes()?.into());
        let at = Time(now.as_millis().saturating_sub(age));
        records.push(DumpedRecord { seq, at, age: Duration::from_millis(age), record });
    }
    Ok(Read::Log(DumpedLog { log: name, epoch, version, first, head, at, idle, expires_in, state }, records))
}

/// Values, and keys that have none: what `value_of` answers of several keys.
pub(super) fn values(answer: Value) -> RedisResult<(Vec<DumpedValue>, Vec<String>)> {
    let mut parts = Parts::of(answer)?;
    let (mut values, mut gone) = (Vec::new(), Vec::new());
    while !parts.is_over() {
        let mut value = parts.list()?;
        let key = value.text()?;
        if value.is_over() {
            gone.push(key);
        } else {
            let (value, expires_in) = (value.bytes()?.into(), left(&mut value)?);
            values.push(DumpedValue { key, value, expires_in });
        }
    }
    Ok((values, gone))
}

/// Milliseconds that are left; `None`: it never ends.
fn left(parts: &mut Parts) -> RedisResult<Option<Duration>> {
    let text = parts.text()?;
    let millis = (!text.is_empty()).then(|| text.parse().map_err(|_| unexpected())).transpose()?;
    Ok(millis.map(Duration::from_millis))
}
