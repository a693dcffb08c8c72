//! A journal in Redis, for apps on [`parlor_core`] that run on several nodes.
//!
//! A [journal](parlor_core::journal) keeps an app's logs and values beyond the process. [`RedisJournal`] keeps them where other
//! nodes reach them, and tells each node of the commits of all, in one order.
//!
//! ```no_run
//! use parlor_core::Time;
//! use parlor_core::journal::{Append, Commit, Expect, Journal, LogName, Outcome};
//! use parlor_redis::{RedisJournal, RedisOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let options = RedisOptions::new("redis://localhost:6379".parse()?);
//! let (mut here, mut there) = (RedisJournal::open(&options)?, RedisJournal::open(&options)?);
//! there.restore()?; // what there is so far
//!
//! let hello = Append {
//!     log: LogName::new("room/tea"),
//!     expect: Expect::Anything,
//!     epoch: "first".into(),
//!     at: Time::from_millis(1_795_224_660_000),
//!     records: vec!["hello".into()],
//!     state: None,
//!     expires_at: None,
//! };
//! let outcomes = here.commit_all(vec![Commit { appends: vec![hello], ..Commit::default() }]);
//! assert!(matches!(outcomes[..], [Outcome::Committed(_)]));
//!
//! // A commit without anything in it: everything that was acknowledged before it is heard of after it.
//! there.commit_all(vec![Commit::default()]);
//! let followed = there.follow().map_err(|_| "fell behind")?;
//! assert_eq!(followed[0].appends[0].records, ["hello"]);
//! # Ok(())
//! # }
//! ```
//!
//! # Keys
//!
//! All of them begin with [`RedisOptions::prefix`], whose hash tag puts them into one slot. Redis expires none of them but
//! `probe` and `asset:…`.
//!
//! | key | type | |
//! |---|---|---|
//! | `state` | hash | generation, head and tip of the feed, run of Redis, running clock, housekeeping |
//! | `feed` | stream | a batch each: `w` writer, `b` its number, `o` origin, `p` origin of the entry before, `n` places, `c` commits; or `e` a writer that ended; or `g` a generation. Its ids are `n-0`, without gaps |
//! | `marks` | list | when the head was where, to trim the feed by its age |
//! | `m:LOG` | hash | epoch, head, version, first record, state, times, expiry |
//! | `l:LOG` | hash | records by number: six bytes of running time, then the body |
//! | `logs:state`, `logs:plain` | sorted set | logs by name: those with a state, and the others |
//! | `v:KEY`, `keys` | string, sorted set | values, and their keys in order |
//! | `due` | sorted set | logs and values, by when to look whether they have expired |
//! | `nodes` | sorted set | writers, by when their leases are over |
//! | `w:WRITER` | hash | node, address, start; number, answer and entry of the last batch |
//! | `here:WRITER` | hash | ephemerals |
//! | `secret`, `asset:NAME` | string | what [`RedisStore`] keeps |
//!
//! # Inside
//!
//! | part | job |
//! |---|---|
//! | `scripts/*.lua` | all that must be atomic; each file says what it takes and gives |
//! | `writer.rs` | a batch: asks until there is an answer, takes in what stands before it, makes the outcomes |
//! | `follower.rs`, `feed.rs`, `entry.rs` | the thread that waits for entries; those that wait for the app, in order and without a gap |
//! | `lease.rs` | the thread that renews this node's lease and ends writers that are silent |
//! | `begin.rs`, `restore.rs` | the beginning of a writer and the generation; the states of all logs at one entry of the feed |
//! | `link.rs`, `connector.rs`, `health.rs` | a connection that comes back; Sentinels and TLS; since when Redis is gone |
//! | `commit_body.rs`, `msgpack.rs`, `reply.rs` | commits and answers as bytes |
//! | `read.rs`, `housekeeping.rs`, `server.rs`, `store.rs` | pages and values; trimming and expiry; checks at the start; small things beside the journal |
//! | `dump/` | a whole journal, piece by piece |
//!
//! Nothing waits for longer than [`RedisOptions::patience`] and the time of one attempt, at most 3 s. Memory is bounded by what
//! logs retain, by the feed ([`RedisOptions::feed_entries`]), and by what apps put.

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
