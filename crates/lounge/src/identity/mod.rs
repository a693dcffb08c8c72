//! Identity: clients and users, names, tokens, `resume`, `rename`, idempotency keys, and how long a user is kept.

pub mod clients;
pub mod dedup;
pub mod name;
pub mod people;
mod rename;
pub mod resume;
pub mod retention;
pub mod token;
mod welcome;
