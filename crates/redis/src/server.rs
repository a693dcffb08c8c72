//! What a Redis says of itself.

use redis::{Connection, RedisResult, Value};

use crate::error::OpenError;
use crate::link::{Failure, Link};
use crate::reply::Parts;

/// The oldest version that has all that the scripts use.
const VERSION_MIN: (u32, u32) = (6, 2);

/// A run of a Redis, from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its name; empty if Redis hides it.
    pub run: String,
    /// Each write waits for the disk, and there is no other Redis that could take its place: a restart loses nothing.
    pub is_synced: bool,
}

impl Server {
    pub fn ask(link: &mut Link, has_sentinels: bool) -> Result<Self, Failure> {
        link.attempt(|connection| Self::read(connection, has_sentinels))
    }

    pub fn read(connection: &mut Connection, has_sentinels: bool) -> RedisResult<Self> {
        let run = info(connection, "server", "run_id")?.unwrap_or_default();
        let has_no_replicas = info(connection, "replication", "connected_slaves")?.as_deref() == Some("0");
        let appends = info(connection, "persistence", "aof_enabled")?.as_deref() == Some("1");
        let waits = setting(connection, "appendfsync")?.as_deref() == Some("always")
            && setting(connection, "no-appendfsync-on-rewrite")?.as_deref() == Some("no");
        Ok(Server { run, is_synced: !has_sentinels && has_no_replicas && appends && waits })
    }

    /// For scripts.
    pub fn synced_flag(&self) -> &'static str {
        if self.is_synced { "1" } else { "" }
    }
}

/// Checks that a Redis keeps what the journal promises.
pub(crate) fn check(connection: &mut Connection, volatile: bool) -> Result<(), OpenError> {
    let found = info(connection, "server", "redis_version")?.unwrap_or_default();
    let mut numbers = found.split('.').map_while(|number| number.parse::<u32>().ok());
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < VERSION_MIN {
        return Err(OpenError::WrongVersion { found });
    }
    if info(connection, "replication", "role")?.is_some_and(|role| role != "master") {
        return Err(OpenError::ReadOnly);
    }
    let policy = info(connection, "memory", "maxmemory_policy")?.unwrap_or_default();
    if !policy.is_empty() && policy != "noeviction" {
        return Err(OpenError::EvictionPolicy { found: policy });
    }
    if !volatile && info(connection, "persistence", "aof_enabled")?.is_some_and(|is_on| is_on == "0") {
        return Err(OpenError::NotPersistent);
    }
    Ok(())
}

/// A field of `INFO`.
fn info(connection: &mut Connection, section: &str, field: &str) -> RedisResult<Option<String>> {
    let info: String = redis::cmd("INFO").arg(section).query(connection)?;
    let found = info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    Ok(found.map(|value| value.trim_end().to_owned()))
}

/// A setting; `None` if Redis does not tell, as managed ones do not.
fn setting(connection: &mut Connection, name: &str) -> RedisResult<Option<String>> {
    match redis::cmd("CONFIG").arg("GET").arg(name).query::<Value>(connection) {
        Ok(value) => {
            let mut parts = Parts::of(value)?;
            if parts.is_over() {
                return Ok(None);
            }
            parts.any()?;
            parts.text().map(Some)
        }
        Err(error) if error.is_io_error() => Err(error),
        Err(_) => Ok(None),
    }
}
