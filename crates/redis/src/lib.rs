//! A journal in Redis, for apps on [`parlor_core`] that run on several nodes.

#![deny(missing_docs)]

mod begin;
mod clock;
mod commit_body;
mod connector;
mod dump;
mod entry;
mod error;
mod feed;
mod figures;
mod follower;
mod health;
mod housekeeping;
mod journal;
mod lease;
mod link;
mod msgpack;
mod nodes;
mod options;
mod read;
mod reply;
mod restore;
mod scripts;
mod secret;
mod server;
mod store;
mod url;
mod writer;

pub use dump::{Export, Exported, RedisDump, RedisImport, RedisSink, export};
pub use error::OpenError;
pub use figures::Figures;
pub use journal::RedisJournal;
pub use nodes::{NodeInfo, Nodes};
pub use options::{RedisOptions, TimeSource};
pub use secret::Secret;
pub use store::RedisStore;
pub use url::{RedisUrl, UrlError};
