//! The beginning of a writer, and the generation.
//!
//! A client comes back with an epoch and a sequence number. If that number was assigned twice, it would take the second event
//! for one that it has seen. So a part of every epoch, the *generation*, changes when Redis may have lost entries:
//! - **a node sees it**: the newest entry that it knows is not there any more, or is another. Each entry names a hash of all
//!   before it, so one comparison tells of all.
//! - **nobody can tell**: this run of Redis (its `run_id`) is not the one that was last used, each write did not wait for the
//!   disk, and no node that lived through the change finds the newest entry that it knows.
//!
//! A loss stays unseen only if every node that had received the lost entries ended with it, and another one lived that had
//! not: entries reach all nodes within a round trip.

use std::time::Duration;

use crate::clock::{now, pause, random_word};
use crate::entry::Position;
use crate::error::OpenError;
use crate::feed::Session;
use crate::link::{Failure, Link};
use crate::options::{RedisOptions, TimeSource};
use crate::scripts::{SCHEMA, Scripts, run};
use crate::server::Server;
use parlor_core::journal::WriterName;

/// The time between two looks whether another node has vouched for Redis.
const PAUSE: Duration = Duration::from_millis(100);

/// The reason why a writer can't begin.
#[derive(Clone, Debug)]
pub(crate) enum BeginError {
    Failed(Failure),
    Newer(String),
    Closed(OpenError),
}

impl From<BeginError> for OpenError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Failed(failure) => OpenError::Failed(failure.words),
            BeginError::Newer(found) => OpenError::NewerSchema { found },
            BeginError::Closed(error) => error,
        }
    }
}

impl BeginError {
    pub fn words(self) -> String {
        match self {
            BeginError::Failed(failure) => failure.words,
            BeginError::Newer(found) => OpenError::NewerSchema { found }.to_string(),
            BeginError::Closed(error) => error.to_string(),
        }
    }
}

/// Begins a writer, with a new name, and ends the one before it in this journal. That one's tail tells whether Redis has lost
/// entries.
pub(crate) fn begin(
    link: &mut Link,
    scripts: &Scripts,
    options: &RedisOptions,
    past: Option<&Session>,
) -> Result<Session, BeginError> {
    let writer = WriterName::from(format!("{}:{}", options.node, random_word(4)));
    // A live node vouches with its next renewal.
    let until = now() + options.lease / 3 + Duration::from_secs(1);
    let has_sentinels = link.connector().has_sentinels();
    loop {
        let deadline = link.health().deadline(options.patience);
        let answer = link.persist(deadline, |connection| {
            let server = Server::read(connection, has_sentinels)?;
            let mut call = scripts.call(&scripts.begin);
            call.arg(&*writer).arg(past.map_or("", |past| &*past.writer));
            call.arg(&options.node).arg(options.address.as_deref().unwrap_or_default());
            call.arg(millis(options.lease));
            call.arg(match options.time {
                TimeSource::Redis => "",
                TimeSource::Caller => "0",
            });
            call.arg(millis(options.grace)).arg(&server.run).arg(server.synced_flag());
            match past {
                Some(past) => call.arg(past.tail.number).arg(&*past.tail.origin).arg(&*past.generation),
                None => call.arg("").arg("").arg(""),
            };
            call.arg(random_word(6));
            call.arg(if now() < until { "1" } else { "" }).arg(SCHEMA);
            let mut parts = run(&call, connection)?;
            let status = parts.text()?;
            Ok(match &status[..] {
                "OK" => {
                    let (generation, number, origin) = (parts.text()?, parts.number()?, parts.text()?);
                    let tail = Position { number, origin: origin.into() };
                    Answer::Begun(Session { writer: writer.clone(), generation: generation.into(), tail })
                }
                "NEWER" => Answer::Newer(parts.text()?),
                "HALF" => Answer::Closed(OpenError::HalfCopied),
                "CLOSED" => Answer::Closed(OpenError::Taken),
                _ => Answer::Wait,
            })
        });
        match answer.map_err(BeginError::Failed)? {
            Answer::Begun(session) => return Ok(session),
            Answer::Newer(found) => return Err(BeginError::Newer(found)),
            Answer::Closed(error) => return Err(BeginError::Closed(error)),
            Answer::Wait => pause(PAUSE),
        }
    }
}

enum Answer {
    Begun(Session),
    Newer(String),
    Closed(OpenError),
    Wait,
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
