//! A whole journal, read from a file and written to a new one: see [`parlor_core::journal::dump`].

mod sink;
mod source;
#[cfg(test)]
mod tests;

pub use sink::SqliteSink;
pub use source::SqliteDump;
