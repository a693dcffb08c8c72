//! Whole command lines, variables and files, and their results.

mod given;
mod mistakes;
mod shown;

use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::*;

fn words(args: &str) -> Vec<OsString> {
    std::iter::once("parlor").chain(args.split_whitespace()).map(OsString::from).collect()
}

fn variables(vars: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    vars.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn load(args: &str, vars: &[(&str, &str)], file: Option<&str>) -> Result<Invocation, String> {
    load_words(&args.split_whitespace().collect::<Vec<_>>(), vars, file)
}

/// `file` is what stands in `./parlor.toml`; there are no other files.
fn load_words(args: &[&str], vars: &[(&str, &str)], file: Option<&str>) -> Result<Invocation, String> {
    let read = |path: &Path| match file {
        Some(text) if path == Path::new("./parlor.toml") => Ok(text.to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    };
    let args = std::iter::once("parlor").chain(args.iter().copied()).map(OsString::from);
    Config::load(args, variables(vars), read).map_err(|error| error.to_string())
}

fn refusal(args: &str, vars: &[(&str, &str)], file: Option<&str>) -> String {
    load(args, vars, file).unwrap_err()
}
