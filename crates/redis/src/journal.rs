//! The journal: a connection that writes, and threads that follow and keep the lease.

use std::sync::Arc;
use std::time::Duration;

use parlor_core::Time;
use parlor_core::journal::{
    Commit, FellBehind, Followed, Journal, Load, Loaded, Outcome, Reader, Restored, SharedWith,
};

use crate::begin::begin;
use crate::clock;
use crate::connector::Connector;
use crate::error::OpenError;
use crate::feed::{Feed, Session};
use crate::figures::Counters;
use crate::follower::Follower;
use crate::health::Health;
use crate::housekeeping::tidy;
use crate::lease::Lease;
use crate::link::Link;
use crate::nodes::Nodes;
use crate::options::{RedisOptions, TimeSource};
use crate::read::{self, RedisReader};
use crate::restore::{ReadError, States, states};
use crate::scripts::Scripts;
use crate::server;
use crate::writer::Writer;

/// Times that the states are read, if so much is written meanwhile that the feed does not reach back.
const RESTORES_MAX: usize = 3;
/// The shortest lease: its renewals take their time.
const LEASE_MIN: Duration = Duration::from_millis(300);

/// A [`Journal`] in Redis, which other nodes may share.
///
/// It has a thread that follows the others, and one that keeps this node's lease, each with a connection of its own. Dropping
/// it ends the writer at once: the others hear of it.
pub struct RedisJournal {
    link: Link,
    scripts: Arc<Scripts>,
    options: RedisOptions,
    feed: Arc<Feed>,
    writer: Writer,
    session: Session,
    nodes: Nodes,
    /// The time that was handed to the last [`tidy`](Journal::tidy).
    wall: Time,
}

impl RedisJournal {
    /// Connects, checks that Redis keeps what the journal promises, and begins a writer.
    ///
    /// # Errors
    /// If Redis can't be reached within a few seconds, or does not fit: [`OpenError`] says why, and what mends it.
    pub fn open(options: &RedisOptions) -> Result<Self, OpenError> {
        let mut options = options.clone();
        options.retain = options.retain.clamp(1, crate::msgpack::LUA_MAX);
        options.lease = options.lease.max(LEASE_MIN);
        let (mut link, scripts) = connect(&options)?;
        let session = begin(&mut link, &scripts, &options, None)?;
        let feed = Arc::new(Feed::new(link.counters().clone()));
        let nodes = Nodes::new(options.node.clone(), feed.clone(), link.health().clone(), link.counters().clone());
        let writer = Writer::new(scripts.clone(), feed.clone(), &options);
        feed.begin(session.clone());
        let failed = |error: std::io::Error| OpenError::Failed(error.to_string());
        let wall = Time::default();
        let journal = RedisJournal { link, scripts, options, feed, writer, session, nodes, wall };
        let RedisJournal { link, scripts, feed, nodes, options, .. } = &journal;
        Follower::start(link.another(), scripts.clone(), feed.clone()).map_err(failed)?;
        Lease::start(link.another(), scripts.clone(), feed.clone(), nodes.clone(), options.lease).map_err(failed)?;
        Ok(journal)
    }

    /// Returns the picture of the nodes, which goes on for as long as the journal is open.
    pub fn nodes(&self) -> Nodes {
        self.nodes.clone()
    }

    /// The time of a commit that does not say its own.
    fn now(&self) -> Time {
        match self.options.time {
            TimeSource::Redis => clock::wall(),
            TimeSource::Caller => self.wall,
        }
    }

    fn try_restore(&mut self) -> Result<Restored, ReadError> {
        let begun = self.session.clone();
        let seen = &mut self.session.tail;
        let States { logs, ephemerals, tail } = states(&mut self.link, &self.scripts, &self.options, &begun, seen)?;
        let session = Session { tail, ..self.session.clone() };
        let writer = session.writer.clone();
        let generation = session.generation.to_string();
        self.feed.begin(session);
        Ok(Restored { generation, logs, shared: Some(SharedWith { writer, ephemerals }) })
    }
}

/// Connects to a Redis that fits.
pub(crate) fn connect(options: &RedisOptions) -> Result<(Link, Arc<Scripts>), OpenError> {
    if !has_hash_tag(&options.prefix) {
        return Err(OpenError::Prefix);
    }
    let connector = Arc::new(Connector::new(options)?);
    let counters = Arc::new(Counters::default());
    let mut link = Link::new(connector, Arc::new(Health::default()), counters, options.patience);
    link.open()?;
    link.check(|connection| server::check(connection, options.volatile))?;
    Ok((link, Arc::new(Scripts::new(&options.prefix))))
}

fn has_hash_tag(prefix: &str) -> bool {
    prefix.split_once('{').and_then(|(_, rest)| rest.split_once('}')).is_some_and(|(tag, _)| !tag.is_empty())
}

impl Journal for RedisJournal {
    fn restore(&mut self) -> Result<Restored, String> {
        if let Some(tail) = self.feed.tail() {
            self.session.tail = tail;
        }
        self.feed.pause();
        let mut last = "";
        for _ in 0..RESTORES_MAX {
            let begun = begin(&mut self.link, &self.scripts, &self.options, Some(&self.session));
            let session = begun.map_err(|error| error.words())?;
            if session.generation != self.session.generation {
                self.link.counters().generations.add(1);
            }
            self.session = session;
            self.writer.begin();
            match self.try_restore() {
                Ok(restored) => return Ok(restored),
                Err(ReadError::Failed(failure)) => return Err(failure.words),
                Err(ReadError::Behind(fault)) => last = fault.0,
            }
        }
        Err(last.to_owned())
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        let now = self.now();
        self.writer.write(&mut self.link, &batch, now)
    }

    fn follow(&mut self) -> Result<Vec<Followed>, FellBehind> {
        let until = self.writer.boundary.take();
        let followed = self.feed.take(until).map_err(|_| FellBehind)?;
        if let Some(batch) = self.writer.fence.take_if(|_| until.is_some()) {
            self.feed.fence(batch);
        }
        Ok(followed)
    }

    fn on_placed(&mut self, wake: Box<dyn Fn() + Send + Sync>) {
        self.feed.on_news(wake);
    }

    fn load(&mut self, load: Load) -> Loaded {
        read::load(&mut self.link, &self.scripts, self.options.retain, &load)
    }

    fn probe(&mut self) -> Result<(), String> {
        let key = self.scripts.key("probe");
        let tried = self
            .link
            .attempt(|connection| redis::cmd("SET").arg(&key).arg("").arg("EX").arg(60).query::<()>(connection));
        tried.map_err(|failure| failure.words)
    }

    fn fault(&self) -> Option<String> {
        self.link.health().fault().or_else(|| self.feed.fault().map(|fault| fault.0.to_owned()))
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(RedisReader::new(self.link.another(), self.scripts.clone(), self.options.retain)))
    }

    fn tidy(&mut self, now: Time) -> bool {
        self.wall = now;
        if self.link.health().fault().is_some() || self.feed.session().is_none() {
            return false;
        }
        if self.writer.owes() {
            self.writer.write(&mut self.link, &[], now);
        }
        tidy(&mut self.link, &self.scripts, &self.options, now)
    }
}

impl Drop for RedisJournal {
    fn drop(&mut self) {
        self.feed.end();
        let mut call = self.scripts.call(&self.scripts.leave);
        call.arg(&*self.session.writer);
        if self.link.health().fault().is_none()
            && let Err(failure) = self.link.attempt(|connection| call.invoke::<u64>(connection))
        {
            log::warn!("the others hear of this node's end later: {}", failure.words);
        }
    }
}
