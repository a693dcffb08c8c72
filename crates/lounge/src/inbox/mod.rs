//! Private messages: a log for each user.

pub mod state;
pub mod tell;
