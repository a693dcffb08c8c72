//! `parlor import`

use std::io::{BufRead, Write};
use std::time::Duration;

use rand::TryRng;
use rand::rngs::SysRng;

use super::place::{InRedis, Place};
use crate::config::Config;
use crate::journal_error::sentence;
use crate::run;
use parlor_core::Time;
use parlor_core::journal::dump::{DumpedLog, DumpedRecord};
use parlor_lounge::games::GameList;
use parlor_lounge::transfer::{Arriving, Line};
use parlor_redis::RedisImport;
use parlor_sqlite::{Imported, SqliteJournal};

/// Creates rooms from events that [`export`](super::export()) wrote, several rooms one after the other; each is written
/// completely or not at all. For each room, one line of JSON goes to `out`: its name, kind and number of events, and for a
/// game its new keys and secrets. No server may use the journal meanwhile.
///
/// # Errors
/// The reason why it can't go on, and the line, as a sentence for the operator. Rooms that were written to `out` are in the
/// journal.
pub fn import(config: &Config, input: impl BufRead, out: impl Write) -> Result<(), String> {
    let journal = Target::open(config)?;
    let mut import = Import { journal, out, room: None };
    for (number, line) in (1..).zip(input.lines()) {
        let at = |error: String| format!("line {number}: {error}");
        let line = line.map_err(|error| at(error.to_string()))?;
        if !line.trim().is_empty() {
            import.take(Line::parse(&line).map_err(at)?).map_err(at)?;
        }
    }
    import.settle()
}

/// The journal that gets the rooms.
enum Target<'a> {
    File(Box<SqliteJournal>),
    Redis(Box<InRedis<'a>>, Box<RedisImport>),
}

impl<'a> Target<'a> {
    fn open(config: &'a Config) -> Result<Self, String> {
        match Place::of(&config.journal.journal)? {
            Place::File(path) => {
                let journal = SqliteJournal::open(&run::sqlite(config, path)).map_err(|error| sentence(&error))?;
                Ok(Target::File(Box::new(journal)))
            }
            Place::Redis(location) => {
                let redis = InRedis::new(config, location)?;
                let import = RedisImport::open(&redis.options).map_err(|error| redis.trouble(error))?;
                Ok(Target::Redis(Box::new(redis), Box::new(import)))
            }
        }
    }

    /// Creates a log. `false`: there is one of that name.
    fn import(&mut self, imported: Imported) -> Result<bool, String> {
        match self {
            Target::File(journal) => journal.import(&imported).map_err(|error| sentence(&error)),
            Target::Redis(redis, import) => {
                let (log, records) = dumped(imported);
                import.import(&log, &records).map_err(|error| redis.trouble(error))
            }
        }
    }
}

fn dumped(Imported { log, epoch, first, records, state, .. }: Imported) -> (DumpedLog, Vec<DumpedRecord>) {
    let head = first.saturating_add(records.len() as u64).saturating_sub(1);
    let at = records.last().map_or(Time(0), |(at, _)| *at);
    let (version, idle, expires_in) = (1, Duration::ZERO, None);
    let record = |(seq, (at, record))| DumpedRecord { seq, at, age: Duration::ZERO, record };
    let records = (first..).zip(records).map(record).collect();
    (DumpedLog { log, epoch, version, first, head, at, idle, expires_in, state }, records)
}

struct Import<'a, W> {
    journal: Target<'a>,
    out: W,
    /// The room whose lines are being read.
    room: Option<Arriving>,
}

impl<W: Write> Import<'_, W> {
    fn take(&mut self, line: Line) -> Result<(), String> {
        if self.room.as_ref().is_some_and(|room| !room.is_of(&line)) {
            self.settle()?;
        }
        with_randomness(|random| {
            self.room.get_or_insert_with(|| Arriving::at(&line, GameList::default())).add(line, random)
        })
    }

    /// Writes the room that is complete.
    fn settle(&mut self) -> Result<(), String> {
        let Some(room) = self.room.take() else { return Ok(()) };
        let arrived = with_randomness(|random| room.finish(random))?;
        let told = arrived.told;
        let name = told.room.as_str();
        let imported = Imported {
            log: arrived.log,
            epoch: with_randomness(|random| Ok(epoch(random)))?,
            first: arrived.first,
            records: arrived.records,
            state: Some(arrived.state),
            expires_at: None,
        };
        if !self.journal.import(imported)? {
            return Err(format!("there is a room {name} already: it stays as it is"));
        }
        let line = serde_json::to_string(&told).map_err(|error| error.to_string())?;
        writeln!(self.out, "{line}").map_err(|error| format!("the room {name} is in, but could not be told: {error}"))
    }
}

fn epoch(random: &mut dyn FnMut(&mut [u8])) -> String {
    let mut bytes = [0; 8];
    random(&mut bytes);
    format!("{:016x}", u64::from_le_bytes(bytes))
}

/// Calls `make` with the system's randomness. If that fails, the result is not used.
fn with_randomness<T>(make: impl FnOnce(&mut dyn FnMut(&mut [u8])) -> Result<T, String>) -> Result<T, String> {
    let mut failed = None;
    let made = make(&mut |bytes: &mut [u8]| failed = SysRng.try_fill_bytes(bytes).err().or(failed.take()));
    match failed {
        None => made,
        Some(error) => Err(format!("the system gives no randomness: {error}")),
    }
}
