//! `parlor copy FROM TO`

use std::io::Write;
use std::path::Path;

use super::place::{InRedis, Place};
use crate::config::{Config, JournalLocation};
use crate::journal_error::sentence;
use crate::{run, secret};
use parlor_core::journal::dump::{Copied, DumpSink, DumpSource, copy as copy_all};
use parlor_kit::wall_clock;
use parlor_redis::{RedisDump, RedisSink, RedisStore};
use parlor_sqlite::{SqliteDump, SqliteSink};

/// Copies a whole journal, with the secret that signs identities: clients come back to it as if it were the old one. The old one
/// begins a new generation if it is used again.
///
/// # Errors
/// The reason why there is no copy, as a sentence for the operator.
pub fn copy(config: &Config, from: &JournalLocation, to: &JournalLocation, mut out: impl Write) -> Result<(), String> {
    let mut source = Source::open(config, Place::of(from)?)?;
    let mut target = Target::open(config, Place::of(to)?)?;
    let has_secret = match source.secret()? {
        Some(secret) => target.keep(&secret).map(|()| true)?,
        None => false,
    };
    let Copied { logs, records, values } = copy_all(source.dump(), target.sink())?;
    let advice =
        if has_secret { "" } else { " There was no secret beside it: give servers the same --secret as before." };
    writeln!(out, "{logs} logs with {records} records, and {values} values, are copied to {}.{advice}", shown(to))
        .map_err(|error| format!("the journal is copied, but that could not be told: {error}"))
}

enum Source<'a> {
    File(&'a Path, Box<SqliteDump>),
    Redis(Box<InRedis<'a>>, Box<RedisDump>),
}

impl<'a> Source<'a> {
    fn open(config: &Config, place: Place<'a>) -> Result<Self, String> {
        match place {
            Place::File(path) => {
                let dump = SqliteDump::open(&run::sqlite(config, path)).map_err(|error| sentence(&error))?;
                Ok(Source::File(path, Box::new(dump)))
            }
            Place::Redis(location) => {
                let redis = InRedis::new(config, location)?;
                let dump = RedisDump::open(&redis.options).map_err(|error| redis.trouble(error))?;
                Ok(Source::Redis(Box::new(redis), Box::new(dump)))
            }
        }
    }

    fn secret(&self) -> Result<Option<Vec<u8>>, String> {
        match self {
            Source::File(path, _) => secret::existing(path),
            Source::Redis(redis, _) => {
                let mut store = RedisStore::connect(&redis.options).map_err(|error| redis.trouble(error))?;
                store.kept("secret").map_err(|error| redis.trouble(error))
            }
        }
    }

    fn dump(&mut self) -> &mut dyn DumpSource {
        match self {
            Source::File(_, dump) => &mut **dump,
            Source::Redis(_, dump) => &mut **dump,
        }
    }
}

enum Target<'a> {
    File(&'a Path, Box<SqliteSink>),
    Redis(Box<InRedis<'a>>, Box<RedisSink>),
}

impl<'a> Target<'a> {
    fn open(config: &Config, place: Place<'a>) -> Result<Self, String> {
        match place {
            Place::File(path) => {
                let sink = SqliteSink::create(path, wall_clock()).map_err(|error| sentence(&error))?;
                Ok(Target::File(path, Box::new(sink)))
            }
            Place::Redis(location) => {
                let redis = InRedis::new(config, location)?;
                let sink = RedisSink::create(&redis.options).map_err(|error| redis.trouble(error))?;
                Ok(Target::Redis(Box::new(redis), Box::new(sink)))
            }
        }
    }

    fn keep(&self, secret: &[u8]) -> Result<(), String> {
        match self {
            Target::File(path, _) => secret::put_beside(path, secret),
            Target::Redis(redis, _) => {
                let mut store = RedisStore::connect(&redis.options).map_err(|error| redis.trouble(error))?;
                let in_force = store.secret(secret).map_err(|error| redis.trouble(error))?;
                if in_force == secret {
                    return Ok(());
                }
                let prefix = &redis.options.prefix;
                Err(redis.trouble(format!(
                    "it has another secret, of a lounge that was there before: delete it with `redis-cli DEL '{prefix}secret' '{prefix}secret:mark'`"
                )))
            }
        }
    }

    fn sink(&mut self) -> &mut dyn DumpSink {
        match self {
            Target::File(_, sink) => &mut **sink,
            Target::Redis(_, sink) => &mut **sink,
        }
    }
}

fn shown(location: &JournalLocation) -> String {
    match location {
        JournalLocation::File(path) => path.display().to_string(),
        JournalLocation::Redis(location) => location.to_string(),
        JournalLocation::Memory => "memory".to_owned(),
    }
}
