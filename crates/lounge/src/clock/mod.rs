//! The clock: ticks for clients that watch the time.

pub mod interval;
pub mod watch;
