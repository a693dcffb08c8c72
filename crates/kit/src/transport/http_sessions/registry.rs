//! The sessions of one app by their keys, for requests on any thread; and how ended ones have ended, for a while.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::moment::steady_now;
use crate::transport::http_connection::Seat;
use crate::transport::http_sessions::command::Command;
use crate::transport::http_sessions::secret::Key;
use parlor_core::Close;

/// The sessions of one app. Those that are alive are bounded by its admission.
#[derive(Default)]
pub struct Registry(Mutex<Sessions>);

#[derive(Default)]
struct Sessions {
    alive: HashMap<Key, Alive>,
    ended: HashMap<Key, Close>,
    /// Keys of the ended ones, the oldest first.
    order: VecDeque<(Key, Instant)>,
}

struct Alive {
    commands: UnboundedSender<Command>,
    /// The connection of its newest receiver.
    seat: Option<Arc<Seat>>,
}

/// The ended sessions whose close is remembered, and for how long.
const ENDED_MAX: usize = 4096;
const ENDED_FOR: Duration = Duration::from_secs(300);

/// A session, as a request finds it.
pub enum Found {
    Alive(UnboundedSender<Command>),
    /// It has ended like this.
    Ended(Close),
    /// Nothing is known of it.
    Unknown,
}

impl Registry {
    /// Adds a session, until the registration ends or is dropped.
    pub fn enter(self: &Arc<Self>, key: Key, commands: UnboundedSender<Command>) -> Registered {
        self.lock().alive.insert(key, Alive { commands, seat: None });
        Registered { registry: Arc::clone(self), key }
    }

    pub fn find(&self, key: Key) -> Found {
        let sessions = self.lock();
        if let Some(session) = sessions.alive.get(&key) {
            return Found::Alive(session.commands.clone());
        }
        sessions.ended.get(&key).cloned().map_or(Found::Unknown, Found::Ended)
    }

    /// Gives a session's seat to a connection; the one that had it goes without. Returns false if there is no such session.
    pub fn sit(&self, key: Key, seat: &Arc<Seat>) -> bool {
        let mut sessions = self.lock();
        let Some(session) = sessions.alive.get_mut(&key) else { return false };
        if session.seat.as_ref().is_none_or(|before| !Arc::ptr_eq(before, seat))
            && let Some(before) = session.seat.replace(Arc::clone(seat))
        {
            before.revoke();
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    fn remember(&mut self, key: Key, close: Close, now: Instant) {
        self.ended.insert(key, close);
        self.order.push_back((key, now));
        while let Some((oldest, at)) = self.order.front()
            && (self.order.len() > ENDED_MAX || now.saturating_duration_since(*at) > ENDED_FOR)
        {
            self.ended.remove(oldest);
            self.order.pop_front();
        }
    }
}

/// A session's place in the registry.
pub struct Registered {
    registry: Arc<Registry>,
    key: Key,
}

impl Registered {
    /// Removes the session, and remembers its close, if there is one.
    pub fn end(self, close: Option<Close>) {
        if let Some(close) = close {
            self.registry.lock().remember(self.key, close, steady_now());
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let session = self.registry.lock().alive.remove(&self.key);
        if let Some(seat) = session.and_then(|session| session.seat) {
            seat.revoke();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::transport::http_sessions::secret::Secret;

    fn key() -> Key {
        Secret::draw(None).unwrap().key()
    }

    #[test]
    fn an_ended_session_is_told_from_an_unknown_one() {
        let registry = Arc::new(Registry::default());
        let (one, other) = (key(), key());
        let registered = registry.enter(one, unbounded_channel().0);
        assert!(matches!(registry.find(one), Found::Alive(_)));
        assert!(matches!(registry.find(other), Found::Unknown));
        registered.end(Some(Close::new(Close::RESTART, "over")));
        assert!(matches!(registry.find(one), Found::Ended(close) if close.code == 1012));
        drop(registry.enter(other, unbounded_channel().0));
        assert!(matches!(registry.find(other), Found::Unknown), "one that panicked has no close");
    }

    #[test]
    fn only_so_many_closes_are_remembered_and_only_for_a_while() {
        let mut sessions = Sessions::default();
        let begin = steady_now();
        let keys: Vec<Key> = (0..ENDED_MAX + 1).map(|_| key()).collect();
        let close = || Close::new(Close::NORMAL, "over");
        keys.iter().for_each(|key| sessions.remember(*key, close(), begin));
        assert!(!sessions.ended.contains_key(&keys[0]) && sessions.ended.contains_key(&keys[1]));
        assert_eq!((sessions.ended.len(), sessions.order.len()), (ENDED_MAX, ENDED_MAX));
        sessions.remember(key(), close(), begin + ENDED_FOR + Duration::from_secs(1));
        assert_eq!((sessions.ended.len(), sessions.order.len()), (1, 1));
    }

    #[test]
    fn the_later_receiver_has_the_seat() {
        let registry = Arc::new(Registry::default());
        let registered = registry.enter(key(), unbounded_channel().0);
        let (first, second) = (Seat::new(registered.key), Seat::new(registered.key));
        assert!(registry.sit(registered.key, &first) && registry.sit(registered.key, &first));
        assert!(!first.is_revoked());
        assert!(registry.sit(registered.key, &second));
        assert!(first.is_revoked() && !second.is_revoked());
        let key = registered.key;
        drop(registered);
        assert!(second.is_revoked() && !registry.sit(key, &second));
    }
}
