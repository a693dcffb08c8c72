//! Private messages: a log for each user.

pub mod continuation;
mod follow;
mod inbox_log;
pub mod inboxes;
mod join;
mod quota;
mod tell;
