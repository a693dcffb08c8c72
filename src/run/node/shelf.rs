//! The files whose names change with their content, where all nodes find them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use log::warn;

use crate::web::{Shelf, kept_for_ever, pack};
use parlor_redis::{RedisOptions, RedisStore};

/// The time for which a node's files are found after it has gone: a page may have been open for long before it asks for more.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The time between two writes: a Redis that lost its data has them again then.
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// The time after a write that failed.
const RETRY: Duration = Duration::from_secs(60);

/// A connection to the shelf, made anew when it fails.
pub struct RedisShelf {
    options: RedisOptions,
    store: Mutex<Option<RedisStore>>,
}

/// Puts the files of this version on the shelf, now and from time to time.
///
/// # Errors
/// If they can't be put there: without them, the pages of this version may not load while nodes of another one run.
pub fn share(store: RedisStore, options: &RedisOptions) -> Result<RedisShelf, String> {
    let writing = RedisShelf { options: options.clone(), store: Mutex::new(Some(store)) };
    writing.put_all()?;
    spawn(writing).map_err(|error| format!("there is no thread for the files of other nodes: {error}"))?;
    Ok(RedisShelf { options: options.clone(), store: Mutex::new(None) })
}

fn spawn(shelf: RedisShelf) -> io::Result<()> {
    let run = move || {
        let mut pause = AGAIN;
        loop {
            wait(pause);
            pause = match shelf.put_all() {
                Ok(()) => AGAIN,
                Err(error) => {
                    warn!("the files of this version can't be put where other nodes find them: {error}");
                    RETRY
                }
            };
        }
    };
    thread::Builder::new().name("shelf".into()).spawn(run).map(drop)
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own, with nothing else to do")]
fn wait(pause: Duration) {
    thread::sleep(pause);
}

impl RedisShelf {
    fn put_all(&self) -> Result<(), String> {
        self.with(|store| {
            kept_for_ever()
                .try_for_each(|(path, asset)| store.put_asset(path, &pack(&asset), KEPT))
                .map_err(|error| error.to_string())
        })
    }

    fn with<T>(&self, mut ask: impl FnMut(&mut RedisStore) -> Result<T, String>) -> Result<T, String> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        // A connection that broke while it was idle shows that at the first use.
        if let Some(mut connected) = store.take()
            && let Ok(answer) = ask(&mut connected)
        {
            *store = Some(connected);
            return Ok(answer);
        }
        let mut connected = RedisStore::connect(&self.options).map_err(|error| error.to_string())?;
        let answer = ask(&mut connected)?;
        *store = Some(connected);
        Ok(answer)
    }
}

impl Shelf for RedisShelf {
    fn find(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.with(|store| store.asset(name).map_err(|error| error.to_string()))
    }
}
