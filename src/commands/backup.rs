//! `parlor backup FILE`

use std::path::Path;

use crate::config::Config;
use crate::journal_error::sentence;

/// Copies the journal to a new file, also while a server uses it.
///
/// # Errors
/// The reason why there is no copy, as a sentence for the operator.
pub fn backup(config: &Config, file: &Path) -> Result<(), String> {
    parlor_sqlite::backup(super::journal(config)?, file).map_err(|error| sentence(&error))
}
