//! Log levels, and the format of a line.
//!
//! - `error`: the server can't do its work, and an operator has to act.
//! - `warn`: something is wrong, and the server goes on.
//! - `info`: start, stop, and changes for everybody.
//! - `debug`: the beginning and end of each session.
//! - `trace`: each frame, by type and size.
//!
//! No level logs a message's text, a token, a secret or a key.

use env_logger::TimestampPrecision;
use log::SetLoggerError;

use super::define::settings;
use super::setting::{Bounds, Shape};
use super::value::Value;

settings! {
    /// The log on standard error, with times in UTC.
    pub struct LogSettings, "Logging" {
        /// Level (off, error, warn, info, debug, trace), or levels by module: info,parlor_kit=debug.
        ///
        /// The variable `RUST_LOG` works too; `PARLOR_LOG` goes before it. The default leaves out lines of the socket library
        /// about its threads.
        log: Filter = "info,actix_server=warn", also "RUST_LOG";
    }
}

/// Directives of `env_logger` that were parsed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(String);

impl Filter {
    /// Sends the log of this process to standard error.
    ///
    /// # Errors
    /// There is a logger already.
    pub fn init(&self) -> Result<(), SetLoggerError> {
        env_logger::Builder::new().parse_filters(&self.0).format_timestamp(Some(TimestampPrecision::Millis)).try_init()
    }
}

impl Value for Filter {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "FILTER";

    fn allowed(_: Bounds) -> String {
        "off, error, warn, info, debug or trace, or MODULE=LEVEL, with commas between several".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        env_filter::Builder::new().try_parse(text).ok().map(|_| Filter(text.to_owned()))
    }

    fn print(&self) -> String {
        self.0.clone()
    }
}
