//! A program's hold of a whole journal.

use std::time::{Duration, Instant};

use redis::{Connection, RedisResult, ScriptInvocation, Value};

use super::scripts::DumpScripts;
use crate::clock::{now, random_word};
use crate::connector::Connector;
use crate::error::{OpenError, words};
use crate::options::RedisOptions;
use crate::reply::{Parts, unexpected};
use crate::scripts::SCHEMA;
use crate::server;

/// The time after which a program that is not heard of has ended. Each of its steps renews it.
const LEASE: Duration = Duration::from_secs(60);
/// The longest time of a step.
const STEP: Duration = Duration::from_secs(60);
/// The longest time of connecting.
const CONNECT: Duration = Duration::from_secs(5);

/// The reason that is told when another program has taken the journal meanwhile.
pub(super) const LATE: &str = "another program has taken the journal meanwhile: this one was not heard of for a minute";

/// The use that a program makes of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To read it as a whole, and to give it up. No node may use it.
    Source,
    /// To make it. Nothing may be there.
    Target,
    /// To add logs. No node may use it.
    Import,
    /// To read it beside the nodes.
    Backup,
}

/// A connection to the journal, with a hold on it if the purpose asks for one.
pub(super) struct Desk {
    pub connection: Connection,
    pub scripts: DumpScripts,
    pub token: String,
    /// Begins every key.
    pub prefix: String,
    pub has_sentinels: bool,
    renew_at: Instant,
}

/// The journal at the moment when it was taken.
pub(super) struct Taken {
    pub desk: Desk,
    /// Empty if there is no journal yet.
    pub generation: String,
    pub head: u64,
    pub tip: String,
    /// The time of the running clock, in milliseconds.
    pub running_ms: u64,
}

impl Desk {
    pub fn take(options: &RedisOptions, purpose: Purpose) -> Result<Taken, OpenError> {
        let connector = Connector::new(options)?;
        let mut connection = connector.connect(CONNECT)?;
        connection.set_read_timeout(Some(STEP))?;
        connection.set_write_timeout(Some(STEP))?;
        let word = match purpose {
            Purpose::Source => "source",
            Purpose::Target => "target",
            Purpose::Import => "import",
            Purpose::Backup => "backup",
        };
        if matches!(purpose, Purpose::Target | Purpose::Import) {
            server::check(&mut connection, options.volatile)?;
        }
        let scripts = DumpScripts::new(&options.prefix);
        let token = random_word(16);
        let answer = scripts
            .call(&scripts.take)
            .arg(word)
            .arg(&token)
            .arg(millis(LEASE))
            .arg(SCHEMA)
            .arg(random_word(8))
            .invoke::<Value>(&mut connection)?;
        let (prefix, has_sentinels) = (options.prefix.clone(), connector.has_sentinels());
        let desk = Desk { connection, scripts, token, prefix, has_sentinels, renew_at: now() };
        desk.taken(answer)
    }

    fn taken(self, answer: Value) -> Result<Taken, OpenError> {
        let mut parts = Parts::of(answer)?;
        Err(match &parts.text()?[..] {
            "OK" => {
                let (generation, head) = (parts.text()?, parts.number()?);
                return Ok(Taken { desk: self, generation, head, tip: parts.text()?, running_ms: parts.number()? });
            }
            "BUSY" => {
                let mut nodes = Vec::new();
                while !parts.is_over() {
                    nodes.push(parts.text()?);
                }
                OpenError::NodesAtWork { nodes }
            }
            "CLOSED" => OpenError::Taken,
            "HALF" => OpenError::HalfCopied,
            "TAKEN" => OpenError::NotEmpty,
            "EMPTY" => OpenError::Missing { prefix: self.prefix.clone() },
            "NEWER" => OpenError::NewerSchema { found: parts.text()? },
            _ => return Err(unexpected().into()),
        })
    }

    /// The lease, for scripts.
    pub fn lease() -> u64 {
        millis(LEASE)
    }

    /// The name of a key.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Keeps the hold of a program that only reads, from time to time.
    ///
    /// # Errors
    /// The reason, for the operator.
    pub fn renew(&mut self) -> Result<(), String> {
        if now() < self.renew_at {
            return Ok(());
        }
        self.renew_at = now() + LEASE / 6;
        let mut call = self.scripts.call(&self.scripts.hold);
        call.arg(&self.token).arg(Self::lease());
        tell(&mut self.connection, &call)
    }
}

/// Runs a script that writes while the journal is this program's.
///
/// # Errors
/// The reason, for the operator.
pub(super) fn tell(connection: &mut Connection, call: &ScriptInvocation<'_>) -> Result<(), String> {
    let word: String = call.invoke(connection).map_err(|error| words(&error))?;
    if word == "OK" { Ok(()) } else { Err(LATE.into()) }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let left: RedisResult<String> =
            self.scripts.call(&self.scripts.leave).arg(&self.token).invoke(&mut self.connection);
        if let Err(error) = left {
            log::debug!("the journal is given back in a minute: {}", words(&error));
        }
    }
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
