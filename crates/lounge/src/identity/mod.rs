//! Identity: clients and users, names, tokens, `resume`, `rename`, idempotency keys, and how long a user is kept.

pub mod clients;
pub mod continuation;
pub mod dedup;
pub mod directory;
mod elsewhere;
mod follow;
mod guests;
pub mod keys;
mod lease;
pub mod list;
pub mod name;
mod people;
pub mod record;
mod rename;
mod renewal;
mod resume;
mod retention;
pub mod token;
mod transfer;
mod transfers;
pub mod user;
