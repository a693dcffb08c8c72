//! The thread that waits for entries of the feed.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use redis::Value;

use crate::clock::pause;
use crate::entry::{Entry, Position, entries};
use crate::feed::{Fault, Feed, Session};
use crate::link::{Failure, Link};
use crate::reply::Parts;
use crate::scripts::{Scripts, run};
use parlor_core::journal::WriterName;

/// The time that Redis holds a request for entries when there are none.
const BLOCK: Duration = Duration::from_secs(1);
/// Entries that one request brings at most. Each holds a batch.
const PAGE: usize = 100;
/// The time between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Follower {
    link: Link,
    scripts: Arc<Scripts>,
    feed: Arc<Feed>,
    /// The writer for which the connection was tried.
    checked_for: Option<WriterName>,
}

impl Follower {
    /// Follows on a thread of its own, with a connection of its own, until the feed is over.
    pub fn start(link: Link, scripts: Arc<Scripts>, feed: Arc<Feed>) -> std::io::Result<()> {
        let mut follower = Follower { link: link.wait_longer(BLOCK), scripts, feed, checked_for: None };
        thread::Builder::new().name("redis follower".into()).spawn(move || follower.run()).map(drop)
    }

    fn run(&mut self) {
        while let Some(session) = self.feed.wait_for_room() {
            if self.follow(&session).is_err() {
                self.checked_for = None;
                pause(PAUSE);
            }
        }
    }

    /// One request. A connection that is new may lead to a Redis with another past: it is asked about that first.
    fn follow(&mut self, session: &Session) -> Result<(), Failure> {
        let Session { writer, tail, .. } = session;
        if !self.link.is_connected() || self.checked_for.as_ref() != Some(writer) {
            match page(&mut self.link, &self.scripts, tail)? {
                Ok(entries) => drop(self.feed.push(writer, entries)),
                Err(fault) => self.feed.fail(writer, fault),
            }
            self.checked_for = Some(writer.clone());
            return Ok(());
        }
        let key = self.scripts.key("feed");
        let found = self.link.attempt(|connection| {
            let mut read = redis::cmd("XREAD");
            read.arg("COUNT").arg(PAGE).arg("BLOCK").arg(BLOCK.as_millis() as u64);
            read.arg("STREAMS").arg(key).arg(format!("{}-0", tail.number));
            of_one_stream(read.query(connection)?)
        })?;
        // The entries between may be trimmed, or just not there for this request.
        if found.first().is_some_and(|entry| entry.at.number > tail.number + 1) {
            self.checked_for = None;
            return Ok(());
        }
        self.feed.push(writer, found);
        Ok(())
    }
}

fn of_one_stream(value: Value) -> redis::RedisResult<Vec<Entry>> {
    let mut streams = Parts::of(value)?;
    if streams.is_over() {
        return Ok(Vec::new());
    }
    let mut stream = streams.list()?;
    stream.any()?; // its key
    entries(stream.any()?)
}

/// Reads a page of entries behind one that is known, or why there is none.
pub(crate) fn page(link: &mut Link, scripts: &Scripts, tail: &Position) -> Result<Result<Vec<Entry>, Fault>, Failure> {
    let mut call = scripts.call(&scripts.follow);
    call.arg(tail.number).arg(&*tail.origin).arg(PAGE);
    link.read(|connection| {
        let mut parts = run(&call, connection)?;
        if let Some(fault) = Fault::of(&parts.text()?) {
            return Ok(Err(fault));
        }
        parts.any()?; // the head
        Ok(Ok(entries(parts.any()?)?))
    })
}
