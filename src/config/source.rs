//! The place where a value was given.

use std::fmt;

/// The place where a value was given, so that a person finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Flag(String),
    Variable(String),
    File { path: String, key: String },
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag(flag) => write!(f, "flag {flag}"),
            Source::Variable(name) => write!(f, "variable {name}"),
            Source::File { path, key } => write!(f, "file {path}, key {key}"),
            Source::Default => f.write_str("default"),
        }
    }
}
