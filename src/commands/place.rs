//! The journal that a command works on.

use std::path::Path;

use crate::config::{Config, JournalLocation, RedisLocation};
use crate::run::node;
use parlor_redis::RedisOptions;

/// A journal that outlives its server.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    File(&'a Path),
    Redis(&'a RedisLocation),
}

impl<'a> Place<'a> {
    /// # Errors
    /// If the journal is in memory.
    pub fn of(location: &'a JournalLocation) -> Result<Self, String> {
        match location {
            JournalLocation::File(path) => Ok(Place::File(path)),
            JournalLocation::Redis(location) => Ok(Place::Redis(location)),
            JournalLocation::Memory => {
                Err("a journal in memory ends with its server: name a file or a Redis (--journal)".into())
            }
        }
    }
}

/// A journal in Redis as commands reach it.
pub struct InRedis<'a> {
    pub location: &'a RedisLocation,
    pub options: RedisOptions,
}

impl<'a> InRedis<'a> {
    /// # Errors
    /// If the settings can't be used.
    pub fn new(config: &Config, location: &'a RedisLocation) -> Result<Self, String> {
        Ok(InRedis { location, options: node::options(config, location)? })
    }

    /// The sentence for what went wrong.
    pub fn trouble(&self, error: impl std::fmt::Display) -> String {
        node::trouble(self.location, &error)
    }
}
