//! A connection that is opened again when it broke.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::{Connection, RedisResult};

use crate::clock::{now, pause};
use crate::connector::Connector;
use crate::error::{OpenError, Trouble, words};
use crate::figures::Counters;
use crate::health::Health;

/// The shortest and the longest time that one attempt waits for Redis.
const ATTEMPT_MIN: Duration = Duration::from_millis(50);
const ATTEMPT_MAX: Duration = Duration::from_secs(3);

/// The time between two attempts, twice as long each time.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// A way to Redis for one thread.
pub(crate) struct Link {
    connector: Arc<Connector>,
    health: Arc<Health>,
    counters: Arc<Counters>,
    timeout: Duration,
    connection: Option<Connection>,
    /// The limit that the connection has to each answer.
    limit: Duration,
    has_connected: bool,
}

/// A failed attempt.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub trouble: Trouble,
    /// The command may have reached Redis.
    pub was_sent: bool,
    /// The reason, for the operator.
    pub words: String,
}

impl Link {
    /// `patience`: of the journal; one attempt takes a third of it at most.
    pub fn new(connector: Arc<Connector>, health: Arc<Health>, counters: Arc<Counters>, patience: Duration) -> Self {
        let timeout = (patience / 3).clamp(ATTEMPT_MIN, ATTEMPT_MAX);
        Link { connector, health, counters, timeout, connection: None, limit: timeout, has_connected: false }
    }

    /// Another link to the same Redis.
    pub fn another(&self) -> Self {
        let (connector, health, counters) = (self.connector.clone(), self.health.clone(), self.counters.clone());
        Link {
            connector,
            health,
            counters,
            timeout: self.timeout,
            connection: None,
            limit: self.timeout,
            has_connected: false,
        }
    }

    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// The longest time of one attempt, twice: connecting and asking.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Waits so much longer for answers: for commands that block.
    pub fn wait_longer(self, by: Duration) -> Self {
        Link { timeout: self.timeout + by, ..self }
    }

    /// Waits no longer than this for an answer.
    pub fn wait_at_most(self, time: Duration) -> Self {
        Link { timeout: self.timeout.min(time).max(ATTEMPT_MIN), ..self }
    }

    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// Connects, for the first time.
    pub fn open(&mut self) -> Result<(), OpenError> {
        self.connection_within(self.timeout).map(drop).map_err(OpenError::from)
    }

    /// Looks at the Redis that it is connected to.
    pub fn check(&mut self, check: impl FnOnce(&mut Connection) -> Result<(), OpenError>) -> Result<(), OpenError> {
        check(self.connection_within(self.timeout)?)
    }

    /// The connection, or a new one, with a limit to each of its answers.
    fn connection_within(&mut self, limit: Duration) -> RedisResult<&mut Connection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect(limit)?,
        };
        if self.limit != limit {
            connection.set_read_timeout(Some(limit))?;
            connection.set_write_timeout(Some(limit))?;
            self.limit = limit;
        }
        Ok(self.connection.insert(connection))
    }

    fn connect(&mut self, limit: Duration) -> RedisResult<Connection> {
        let connection = self.connector.connect(limit)?;
        connection.set_read_timeout(Some(limit))?;
        connection.set_write_timeout(Some(limit))?;
        self.limit = limit;
        if self.has_connected {
            self.counters.reconnects.add(1);
        }
        self.has_connected = true;
        Ok(connection)
    }

    /// Asks once, over a new connection if there is none.
    pub fn attempt<T>(&mut self, ask: impl FnOnce(&mut Connection) -> RedisResult<T>) -> Result<T, Failure> {
        self.attempt_within(self.timeout, ask)
    }

    fn attempt_within<T>(
        &mut self,
        limit: Duration,
        ask: impl FnOnce(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, Failure> {
        let mut was_sent = false;
        let asked = self.connection_within(limit).and_then(|connection| {
            was_sent = true;
            ask(connection)
        });
        match asked {
            Ok(answer) => {
                self.health.succeeded();
                Ok(answer)
            }
            Err(error) => {
                let (trouble, words) = (Trouble::of(&error), words(&error));
                let words = if words.starts_with("Redis") { words } else { format!("Redis fails: {words}") };
                match trouble {
                    // A demoted primary answers, and its sentinels name another.
                    Trouble::Broken | Trouble::Busy => {
                        self.connection = None;
                        self.health.failed(&words);
                        self.counters.failures.add(1);
                    }
                    Trouble::Refused => {}
                }
                Err(Failure { trouble, was_sent, words })
            }
        }
    }

    /// Asks again and again until Redis answers or refuses, up to the deadline; once at least, if only for a moment.
    /// `was_sent` of the failure: any of the attempts may have reached Redis.
    pub fn persist<T>(
        &mut self,
        deadline: Instant,
        mut ask: impl FnMut(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, Failure> {
        let (mut was_sent, mut wait) = (false, PAUSE_MIN);
        loop {
            let limit = deadline.saturating_duration_since(now()).clamp(ATTEMPT_MIN, self.timeout);
            let failure = match self.attempt_within(limit, &mut ask) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            was_sent |= failure.was_sent && failure.trouble == Trouble::Broken;
            if failure.trouble == Trouble::Refused || now() + wait >= deadline {
                return Err(Failure { was_sent, ..failure });
            }
            pause(wait);
            wait = (wait * 2).min(PAUSE_MAX);
            self.counters.retries.add(1);
        }
    }

    /// Asks twice, if the first connection turns out to be broken: for reads.
    pub fn read<T>(&mut self, mut ask: impl FnMut(&mut Connection) -> RedisResult<T>) -> Result<T, Failure> {
        let had_connection = self.is_connected();
        match self.attempt(&mut ask) {
            Err(failure) if had_connection && failure.trouble == Trouble::Broken => self.attempt(ask),
            result => result,
        }
    }
}
