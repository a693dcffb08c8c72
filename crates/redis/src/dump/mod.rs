//! A whole journal, read and written: see [`parlor_core::journal::dump`].

mod answer;
mod desk;
mod export;
mod import;
mod scripts;
mod sink;
mod source;

pub use export::{Export, Exported, export};
pub use import::RedisImport;
pub use sink::RedisSink;
pub use source::RedisDump;
