//! Small things beside the journal, for commands and wiring.

use std::sync::Arc;
use std::time::Duration;

use crate::error::OpenError;
use crate::journal::connect;
use crate::link::Link;
use crate::options::RedisOptions;
use crate::scripts::Scripts;

/// A connection for what all nodes share beside the journal: the secret that signs, and files of the page.
pub struct RedisStore {
    link: Link,
    scripts: Arc<Scripts>,
}

impl RedisStore {
    /// Connects to a Redis that fits, as [`RedisJournal::open`](crate::RedisJournal::open) does.
    ///
    /// # Errors
    /// If Redis can't be reached, or does not fit.
    pub fn connect(options: &RedisOptions) -> Result<Self, OpenError> {
        let (link, scripts) = connect(options)?;
        Ok(RedisStore { link, scripts })
    }

    /// Returns the secret that all nodes share: `fresh`, if there is none yet.
    ///
    /// # Errors
    /// If Redis can't be reached, in words for the operator.
    pub fn secret(&mut self, fresh: &[u8]) -> Result<Vec<u8>, String> {
        let key = self.scripts.key("secret");
        let read = self.link.read(|connection| {
            redis::cmd("SET").arg(&key).arg(fresh).arg("NX").query::<redis::Value>(connection)?;
            redis::cmd("GET").arg(&key).query(connection)
        });
        read.map_err(|failure| failure.words)
    }

    /// Returns the value of a name that the nodes agree on: `proposed`, if there is none yet, or if no node has a lease any
    /// more. One that was killed has it for [`lease`](RedisOptions::lease).
    ///
    /// # Errors
    /// If Redis can't be reached, in words for the operator.
    pub fn agree(&mut self, name: &str, proposed: &[u8]) -> Result<Vec<u8>, String> {
        let (key, scripts) = (self.scripts.key(name), Arc::clone(&self.scripts));
        let agreed =
            self.link.read(|connection| scripts.call(&scripts.agree).arg(&key).arg(proposed).invoke(connection));
        agreed.map_err(|failure| failure.words)
    }

    /// Returns the value of a name that nodes have agreed on, if there is one.
    ///
    /// # Errors
    /// If Redis can't be reached, in words for the operator.
    pub fn kept(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let key = self.scripts.key(name);
        self.link.read(|connection| redis::cmd("GET").arg(&key).query(connection)).map_err(|failure| failure.words)
    }

    /// Keeps a file of the page for `ttl`, at least a second, from now on.
    ///
    /// # Errors
    /// If Redis can't be reached or takes no writes, in words for the operator.
    pub fn put_asset(&mut self, name: &str, value: &[u8], ttl: Duration) -> Result<(), String> {
        let key = self.scripts.key(&format!("asset:{name}"));
        let put = self.link.read(|connection| {
            redis::cmd("SET").arg(&key).arg(value).arg("EX").arg(ttl.as_secs().max(1)).query(connection)
        });
        put.map_err(|failure| failure.words)
    }

    /// Returns a file of the page, if it is kept.
    ///
    /// # Errors
    /// If Redis can't be reached, in words for the operator.
    pub fn asset(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let key = self.scripts.key(&format!("asset:{name}"));
        self.link.read(|connection| redis::cmd("GET").arg(&key).query(connection)).map_err(|failure| failure.words)
    }
}
