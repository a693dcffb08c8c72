//! `parlor export ROOM`

use std::io::{ErrorKind, Write};

use crate::config::Config;
use crate::journal_error::sentence;
use parlor_lounge::{RoomName, transfer};
use parlor_sqlite::Export;

/// Writes the room's events to `out`, oldest first, one line of JSON each, as the members received them; also while a server
/// uses the journal.
///
/// # Errors
/// The reason why it can't begin or go on, as a sentence for the operator. A closed `out` is no error.
pub fn export(config: &Config, room: &str, out: impl Write) -> Result<(), String> {
    let path = super::journal(config)?;
    let room = RoomName::parse(room).map_err(|error| error.to_string())?;
    let log = transfer::log_name(&room);
    let events = parlor_sqlite::export(path, &log).map_err(|error| sentence(&error))?;
    let events = events.ok_or_else(|| format!("there is no room {} in {}", room.as_str(), path.display()))?;
    write_all(&room, events, out)
}

fn write_all(room: &RoomName, events: Export, out: impl Write) -> Result<(), String> {
    let mut out = std::io::BufWriter::new(out);
    for exported in events {
        let exported = exported.map_err(|error| sentence(&error))?;
        let event = transfer::event(room, exported.seq, exported.record)
            .map_err(|error| format!("event {} of the room: {error}", exported.seq))?;
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
