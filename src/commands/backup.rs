//! `parlor backup FILE`

use std::path::Path;

use crate::config::Config;

/// Copies the journal to a new file, also while a server is at work on it.
///
/// # Errors
/// Why there is no copy, in words for the operator.
pub fn backup(config: &Config, file: &Path) -> Result<(), String> {
    parlor_sqlite::backup(super::journal(config)?, file).map_err(|error| error.to_string())
}
