//! Options of a journal in Redis.

use std::path::PathBuf;
use std::time::Duration;

use parlor_core::journal::RunningClock;

use crate::clock::random_word;
use crate::secret::Secret;
use crate::url::RedisUrl;

/// Options of [`RedisJournal::open`](crate::RedisJournal::open). All nodes of a lounge should have the same, but for `node` and
/// `address`.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    /// The address.
    pub url: RedisUrl,
    /// The password, in the place of the one in the address.
    pub password: Option<Secret>,
    /// The beginning of all keys. It holds one hash tag, so that all of them are in one slot of a Redis Cluster.
    pub prefix: String,
    /// Records that each log keeps, at least 1.
    pub retain: u64,
    /// Records older than this are deleted; `None`: age does not matter.
    pub retain_age: Option<Duration>,
    /// The time after a start before which no node ran, in which nothing expires: so that clients can come back first.
    pub grace: Duration,
    /// The time for which a commit waits for a Redis that does not answer.
    pub patience: Duration,
    /// The time after which a node that is not heard of counts as dead. Its lease is renewed in each third of it. At least 300 ms.
    pub lease: Duration,
    /// Losing acknowledged events is all right: Redis need not write them to a disk.
    pub volatile: bool,
    /// Replicas that must have a batch before it is answered.
    pub wait_replicas: u32,
    /// This node's name, for people.
    pub node: String,
    /// Where other nodes reach this one's HTTP: `HOST:PORT`.
    pub address: Option<String>,
    /// Entries of the feed that are kept for nodes that were not heard of for a while; a few hundred more may be.
    pub feed_entries: u64,
    /// The age beyond which entries of the feed are not kept.
    pub feed_age: Duration,
    /// A file with the certificates (PEM) that Redis's certificate is to be signed by, in the place of the system's.
    pub root_certificate: Option<PathBuf>,
    /// The clock by which time passes.
    pub time: TimeSource,
}

/// The clock by which things expire and grow old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeSource {
    /// That of Redis: one for all nodes.
    #[default]
    Redis,
    /// The time that is handed to [`tidy`](parlor_core::journal::Journal::tidy): for tests.
    Caller,
}

impl RedisOptions {
    /// The Redis at `url`: all keys begin with `{parlor}:`; 1000 records for each log, of any age; a grace of
    /// [`RunningClock::GRACE`], 10 s of patience, leases of 15 s, a random node name of 8 digits; 100,000 entries or
    /// 10 minutes of the feed.
    pub fn new(url: RedisUrl) -> Self {
        RedisOptions {
            url,
            password: None,
            prefix: "{parlor}:".into(),
            retain: 1000,
            retain_age: None,
            grace: RunningClock::GRACE,
            patience: Duration::from_secs(10),
            lease: Duration::from_secs(15),
            volatile: false,
            wait_replicas: 0,
            node: random_word(4),
            address: None,
            feed_entries: 100_000,
            feed_age: Duration::from_secs(600),
            root_certificate: None,
            time: TimeSource::Redis,
        }
    }
}
