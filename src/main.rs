//! The `parlor` binary: arguments → config → run.

use std::io::{self, Write};
use std::process::ExitCode;
use std::{env, fs};

use parlor::config::{Command, Config};

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
    match &loaded.command {
        Command::Config => match io::stdout().write_all(loaded.to_toml().as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Command::Run | Command::Export { .. } | Command::Import | Command::Backup { .. } => {
            log::error!("this command is not wired yet");
            ExitCode::FAILURE
        }
    }
}
