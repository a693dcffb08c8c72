//! The reason why a certificate or its key can't be used.

use std::error::Error;
use std::fmt;

/// The reason why a certificate or its key can't be used, in words for the operator. It names the file, and never shows
/// anything of a key.
#[derive(Debug)]
pub struct TlsError(String);

impl TlsError {
    pub(crate) fn new(words: impl Into<String>) -> Self {
        TlsError(words.into())
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for TlsError {}
