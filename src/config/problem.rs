//! Problems with given values, in sentences for the person who gave them.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use super::redis_location::hidden;
use super::setting::{Setting, Shape};
use super::source::Source;

/// Wrong usage, or help asked for.
#[derive(Debug)]
pub enum ConfigError {
    /// The command line can't be read; also `--help` and `--version`, which end the program just as early.
    Usage(clap::Error),
    /// Values, keys or files that can't be used: all that were found, not only the first.
    Problems(Vec<Problem>),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(String);

impl ConfigError {
    /// 2 for wrong usage, 0 for help and version.
    pub fn exit_code(&self) -> u8 {
        const WRONG_USAGE: u8 = 2;
        match self {
            ConfigError::Usage(error) if !error.use_stderr() => 0,
            ConfigError::Usage(_) | ConfigError::Problems(_) => WRONG_USAGE,
        }
    }

    /// Says what is wrong on standard error (help and version go to standard output), and gives the exit code.
    pub fn report(&self) -> ExitCode {
        // There is nowhere left to tell that standard error is gone.
        let _ = match self {
            ConfigError::Usage(error) => error.print(),
            ConfigError::Problems(_) => writeln!(io::stderr(), "{self}"),
        };
        ExitCode::from(self.exit_code())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Usage(error) => error.fmt(f),
            ConfigError::Problems(problems) => {
                for (at, problem) in problems.iter().enumerate() {
                    let line_end = if at == 0 { "" } else { "\n" };
                    write!(f, "{line_end}error: {problem}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Problem {
    pub(super) fn refused(setting: &Setting, text: &str, source: Source) -> Self {
        let shown = if setting.shape == Shape::Secret {
            "what was given, which is not shown".to_owned()
        } else {
            format!("{:?}", hidden(text))
        };
        Problem(format!("{} cannot be {shown} ({source}); allowed: {}", setting.key, setting.allowed()))
    }

    pub(super) fn no_place(name: &str, text: &str, allowed: &str) -> Self {
        let shown = hidden(text);
        Problem(format!("{name} cannot be {shown:?}; allowed: {allowed}"))
    }

    pub(super) fn not_utf8(setting: &str, source: Source) -> Self {
        Problem(format!("{setting} is not valid UTF-8 ({source})"))
    }

    pub(super) fn given_twice(flag: &str) -> Self {
        Problem(format!("flag {flag} is given twice, before and after the subcommand"))
    }

    pub(super) fn unknown_key(path: &str, key: &str, nearest: Option<&str>) -> Self {
        let hint = nearest.map_or_else(
            || "`parlor config` lists all keys".to_owned(),
            |nearest| format!("the nearest is {nearest:?}"),
        );
        Problem(format!("file {path} has an unknown key {key:?}; {hint}"))
    }

    pub(super) fn no_tables(path: &str, key: &str) -> Self {
        Problem(format!("file {path} has a table {key:?}; all settings stand at the top level, without tables"))
    }

    pub(super) fn unreadable(path: &str, named_by: &str, error: &io::Error) -> Self {
        Problem(format!("file {path} ({named_by}) cannot be read: {error}"))
    }

    pub(super) fn no_toml(path: &str, line: usize, column: usize, message: &str) -> Self {
        Problem(format!("file {path} is not valid TOML at line {line}, column {column}: {message}"))
    }

    pub(super) fn misfit(sentence: String) -> Self {
        Problem(sentence)
    }
}
