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
    let invocation = match Config::load(env::args_os(), env::vars_os(), |path| fs::read_to_string(path)) {
        Ok(invocation) => invocation,
        Err(error) => return error.report(),
    };
    if invocation.config.log.log.init().is_err() {
        return ExitCode::FAILURE;
    }
    for warning in &invocation.warnings {
        log::warn!("{warning}");
    }
    let done = match &invocation.command {
        Command::Run => {
            log::info!("Parlor {} starts", env!("CARGO_PKG_VERSION"));
            log::info!("settings: {}", invocation.sources());
            run::run(&invocation.config)
        }
        Command::Config => io::stdout().write_all(invocation.to_toml().as_bytes()).map_err(|error| error.to_string()),
        Command::Export { room } => commands::export(&invocation.config, room, io::stdout().lock()),
        Command::Import => commands::import(&invocation.config, io::stdin().lock(), io::stdout().lock()),
        Command::DevCert { out, names } => commands::dev_cert(out.as_ref(), names, io::stdout().lock()),
        Command::Copy { from, to } => commands::copy(&invocation.config, from, to, io::stdout().lock()),
        Command::Backup { file } => commands::backup(&invocation.config, file.as_ref()),
    };
    let Err(words) = done else { return ExitCode::SUCCESS };
    let _ = writeln!(io::stderr(), "parlor: {words}"); // the exit code tells it if standard error is closed
    ExitCode::FAILURE
}
