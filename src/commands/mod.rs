//! The subcommands. `export` and `backup` also work beside a running server; `import` does not. `dev-cert` needs none.

mod backup;
mod dev_cert;
mod export;
mod import;

use std::path::Path;

pub use backup::backup;
pub use dev_cert::dev_cert;
pub use export::export;
pub use import::import;

use crate::config::{Config, JournalLocation};

/// Returns the journal's file.
///
/// # Errors
/// If the journal is in memory.
fn journal(config: &Config) -> Result<&Path, String> {
    match &config.journal.journal {
        JournalLocation::File(path) => Ok(path),
        JournalLocation::Redis(location) => Err(format!("{location}: not yet")),
        JournalLocation::Memory => Err("a journal in memory ends with its server: name a file with --journal".into()),
    }
}
