//! `parlor export ROOM`

use std::io::{ErrorKind, Write};

use super::place::{InRedis, Place};
use crate::config::Config;
use crate::journal_error::sentence;
use parlor_core::Bytes;
use parlor_lounge::{RoomName, transfer};

/// A record with its number.
type Record = Result<(u64, Bytes), String>;

/// Writes the room's events to `out`, oldest first, one line of JSON each, as the members received them; also while servers use
/// the journal.
///
/// # Errors
/// The reason why it can't begin or go on, as a sentence for the operator. A closed `out` is no error.
pub fn export(config: &Config, room: &str, out: impl Write) -> Result<(), String> {
    let place = Place::of(&config.journal.journal)?;
    let room = RoomName::parse(room).map_err(|error| error.to_string())?;
    let log = transfer::log_name(&room);
    match place {
        Place::File(path) => {
            let events = parlor_sqlite::export(path, &log).map_err(|error| sentence(&error))?;
            let events = events.ok_or_else(|| format!("there is no room {} in {}", room.as_str(), path.display()))?;
            let record = |exported: Result<parlor_sqlite::Exported, _>| {
                exported.map(|exported| (exported.seq, exported.record)).map_err(|error| sentence(&error))
            };
            write_all(&room, events.map(record), out)
        }
        Place::Redis(location) => {
            let redis = InRedis::new(config, location)?;
            let events = parlor_redis::export(&redis.options, &log).map_err(|error| redis.trouble(error))?;
            let events = events.ok_or_else(|| format!("there is no room {} in {location}", room.as_str()))?;
            let record = |exported: Result<parlor_redis::Exported, String>| {
                exported.map(|exported| (exported.seq, exported.record)).map_err(|error| redis.trouble(error))
            };
            write_all(&room, events.map(record), out)
        }
    }
}

fn write_all(room: &RoomName, records: impl Iterator<Item = Record>, out: impl Write) -> Result<(), String> {
    let mut out = std::io::BufWriter::new(out);
    for record in records {
        let (seq, record) = record?;
        let event = transfer::event(room, seq, record).map_err(|error| format!("event {seq} of the room: {error}"))?;
        match out.write_all(&event.json()).and_then(|()| out.write_all(b"\n")) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()), // such as `| head`
            written => written.map_err(|error| format!("the events could not be written: {error}"))?,
        }
    }
    match out.flush() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        flushed => flushed.map_err(|error| format!("the events could not be written: {error}")),
    }
}
