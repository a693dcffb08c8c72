//! The thread that keeps this writer's lease, and ends writers whose leases are over.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::{now, pause};
use crate::feed::{Fault, Feed, Session};
use crate::link::{Failure, Link};
use crate::nodes::{NodeInfo, Nodes};
use crate::scripts::{Scripts, run};
use crate::server::Server;
use parlor_core::Time;

/// The time between two attempts when Redis does not answer.
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) struct Lease {
    link: Link,
    scripts: Arc<Scripts>,
    feed: Arc<Feed>,
    nodes: Nodes,
    lease: Duration,
    /// The renewals without a failure so far.
    healthy: Option<Healthy>,
}

/// A time in which every renewal came through.
#[derive(Clone, Copy, Debug)]
struct Healthy {
    since: Instant,
    /// The last renewal, by the steady clock and by that of Redis.
    last: (Instant, u64),
}

impl Lease {
    /// Renews on a thread of its own, with a connection of its own, until the feed is over.
    pub fn start(
        link: Link,
        scripts: Arc<Scripts>,
        feed: Arc<Feed>,
        nodes: Nodes,
        lease: Duration,
    ) -> std::io::Result<()> {
        let link = link.wait_at_most(lease / 3); // one that takes longer has failed anyway
        let mut lease = Lease { link, scripts, feed, nodes, lease, healthy: None };
        thread::Builder::new().name("redis lease".into()).spawn(move || lease.run()).map(drop)
    }

    fn run(&mut self) {
        while let Some(session) = self.feed.wait_for_session() {
            match self.renew(&session) {
                Ok(()) => self.feed.wait(&session.writer, self.lease / 3),
                Err(_) => {
                    self.healthy = None;
                    pause(PAUSE);
                }
            }
        }
    }

    fn renew(&mut self, session: &Session) -> Result<(), Failure> {
        if !self.link.is_connected() {
            self.healthy = None;
        }
        let began = now();
        // A stop of this process, or a jump of Redis's clock, is no silence of the others.
        self.healthy = self.healthy.filter(|healthy| began.duration_since(healthy.last.0) < self.lease);
        let has_sentinels = self.link.connector().has_sentinels();
        let server = Server::ask(&mut self.link, has_sentinels)?;
        let expected = self.healthy.filter(|healthy| began.duration_since(healthy.since) >= self.lease);
        let expected = expected.map(|healthy| {
            let passed = now().duration_since(healthy.last.0);
            healthy.last.1 + u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
        });
        let mut call = self.scripts.call(&self.scripts.renew);
        call.arg(&*session.writer).arg(millis(self.lease)).arg(&*session.generation);
        call.arg(&server.run).arg(server.synced_flag()).arg(session.tail.number).arg(&*session.tail.origin);
        call.arg(expected.map(|at| at.to_string()).unwrap_or_default()).arg(millis(self.lease / 3));
        let answer = self.link.attempt(|connection| {
            let mut parts = run(&call, connection)?;
            if let Some(fault) = Fault::of(&parts.text()?) {
                return Ok(Err(fault));
            }
            let (time, head, mut writers) = (parts.number()?, parts.number()?, parts.list()?);
            let mut list = Vec::new();
            while !writers.is_over() {
                let mut writer = writers.list()?;
                writer.any()?; // its name as a writer
                let (name, address) = (writer.text()?, writer.text()?);
                let (since, expires) = (Time(writer.number()?), Time(writer.number()?));
                list.push(NodeInfo { name, address: Some(address).filter(|it| !it.is_empty()), since, expires });
            }
            Ok(Ok((time, head, list)))
        })?;
        match answer {
            Ok((time, head, list)) => {
                self.link.counters().renewals.add(1);
                self.link.counters().feed_head.raise_to(head);
                self.nodes.update(list);
                let ended = now();
                let since = self.healthy.map_or(ended, |healthy| healthy.since);
                self.healthy = Some(Healthy { since, last: (ended, time) });
            }
            Err(fault) => self.feed.fail(&session.writer, fault),
        }
        Ok(())
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
