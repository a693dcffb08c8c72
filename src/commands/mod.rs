//! The subcommands that work on the journal. They need no server, and `export` and `backup` don't mind one.

mod backup;
mod export;
mod import;

use std::path::Path;

pub use backup::backup;
pub use export::export;
pub use import::import;

use crate::config::{Config, Place};

/// # Errors
/// If there is no file to work on.
fn journal(config: &Config) -> Result<&Path, String> {
    match &config.journal.journal {
        Place::File(path) => Ok(path),
        Place::Memory => Err("a journal in memory is gone with its server: name a file with --journal".into()),
    }
}
