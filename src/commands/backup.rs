//! `parlor backup FILE`

use std::path::Path;

use super::place::{InRedis, Place};
use crate::config::Config;
use crate::journal_error::sentence;
use crate::secret;
use parlor_core::journal::dump::copy;
use parlor_kit::wall_clock;
use parlor_redis::{RedisDump, RedisStore};
use parlor_sqlite::SqliteSink;

/// Copies the journal to a new file, also while servers use it. The secret of one in Redis comes to stand beside the file.
///
/// # Errors
/// The reason why there is no copy, as a sentence for the operator.
pub fn backup(config: &Config, file: &Path) -> Result<(), String> {
    match Place::of(&config.journal.journal)? {
        Place::File(path) => parlor_sqlite::backup(path, file).map_err(|error| sentence(&error)),
        Place::Redis(location) => {
            let redis = InRedis::new(config, location)?;
            let mut source = RedisDump::beside_nodes(&redis.options).map_err(|error| redis.trouble(error))?;
            let mut store = RedisStore::connect(&redis.options).map_err(|error| redis.trouble(error))?;
            let mut sink = SqliteSink::create_backup(file, wall_clock()).map_err(|error| sentence(&error))?;
            let secret = store.kept("secret").map_err(|error| redis.trouble(error))?;
            secret.map(|secret| secret::put_beside(file, &secret)).transpose()?;
            copy(&mut source, &mut sink).map(drop)
        }
    }
}
