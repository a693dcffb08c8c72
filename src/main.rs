//! The `parlor` binary: arguments → config → run.

use std::io::{self, Write};
use std::process::ExitCode;
use std::{env, fs};

use mimalloc::MiMalloc;

mod commands;
mod config;
mod journal_error;
mod run;
mod secret;
mod web;

use config::{Command, Config};

/// Takes less time and memory for each connection than the system's allocator (measured).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let loaded = match Config::load(env::args_os(), env::vars_os(), |path| fs::read_to_string(path)) {
        Ok(loaded) => loaded,
        Err(error) => return error.report(),
    };
    if loaded.config.log.log.init().is_err() {
        return ExitCode::FAILURE;
    }
    for warning in &loaded.warnings {
        log::warn!("{warning}");
    }
    let done = match &loaded.command {
        Command::Run => {
            log::info!("Parlor {} starts", env!("CARGO_PKG_VERSION"));
            log::info!("settings: {}", loaded.sources());
            run::run(&loaded.config)
        }
        Command::Config => io::stdout().write_all(loaded.to_toml().as_bytes()).map_err(|error| error.to_string()),
        Command::Export { room } => commands::export(&loaded.config, room, io::stdout().lock()),
        Command::Import => commands::import(&loaded.config, io::stdin().lock(), io::stdout().lock()),
        Command::Backup { file } => commands::backup(&loaded.config, file.as_ref()),
    };
    let Err(words) = done else { return ExitCode::SUCCESS };
    let _ = writeln!(io::stderr(), "parlor: {words}"); // the exit code tells it if standard error is closed
    ExitCode::FAILURE
}
