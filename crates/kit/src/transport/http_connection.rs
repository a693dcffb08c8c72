//! The state of an HTTP connection, shared by its socket, its guard and the requests on it.
//!
//! A connection counts as one that waits, until a session's receiver comes on it: then it is the session's, which has one seat
//! for it, and may stay without bytes for as long as nothing is stuck.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;
use std::time::{Duration, Instant};

use futures_util::task::AtomicWaker;

use crate::access::connections::Counted;
use crate::moment::steady_now;
use crate::transport::http_sessions::Key;

/// The state of a connection, on its worker's thread.
pub struct HttpConnection {
    /// The accept, the last bytes that were taken, or the first that had to wait.
    progress_at: Cell<Instant>,
    /// True while bytes wait for the socket.
    is_blocked: Cell<bool>,
    /// Requests of sessions that are not answered yet.
    busy: Cell<u32>,
    /// The longest stall that the session allows whose receiver is on it.
    receiving: Cell<Option<Duration>>,
    place: RefCell<Place>,
}

/// The place that a connection takes.
pub enum Place {
    Waiting {
        _counted: Counted,
    },
    Session(Arc<Seat>),
    /// There is no room for it: it is closed as soon as it is idle.
    Surplus,
}

/// The place of one connection that a session has.
pub struct Seat {
    key: Key,
    is_revoked: AtomicBool,
    connection: AtomicWaker,
    /// A session that lives elsewhere is counted here by its receiver.
    _counted: Option<Counted>,
}

impl Seat {
    pub fn new(key: Key) -> Arc<Self> {
        Self::with(key, None)
    }

    /// The seat of a receiver whose session lives on another server.
    pub fn elsewhere(key: Key, counted: Counted) -> Arc<Self> {
        Self::with(key, Some(counted))
    }

    fn with(key: Key, counted: Option<Counted>) -> Arc<Self> {
        let (is_revoked, connection) = (AtomicBool::new(false), AtomicWaker::new());
        Arc::new(Seat { key, is_revoked, connection, _counted: counted })
    }

    /// The session has another connection now, or is over.
    pub fn revoke(&self) {
        self.is_revoked.store(true, Ordering::SeqCst);
        self.connection.wake();
    }

    pub fn is_revoked(&self) -> bool {
        self.is_revoked.load(Ordering::SeqCst)
    }
}

impl HttpConnection {
    pub fn new(counted: Counted) -> Rc<Self> {
        Rc::new(HttpConnection {
            progress_at: Cell::new(steady_now()),
            is_blocked: Cell::new(false),
            busy: Cell::new(0),
            receiving: Cell::new(None),
            place: RefCell::new(Place::Waiting { _counted: counted }),
        })
    }

    /// The socket has taken bytes.
    pub fn progressed(&self) {
        self.progress_at.set(steady_now());
    }

    /// The socket takes no more for now.
    pub fn blocked(&self) {
        if !self.is_blocked.replace(true) {
            self.progress_at.set(steady_now());
        }
    }

    /// All that was to be written is taken.
    pub fn flushed(&self) {
        self.is_blocked.set(false);
    }

    /// Returns the time when the connection has made no progress for too long; `None` while it may wait. `within`: for a
    /// connection that is no session's.
    pub fn deadline(&self, within: Duration) -> Option<Instant> {
        match self.receiving.get() {
            Some(stall) if self.is_blocked.get() => Some(self.progress_at.get() + stall),
            Some(_) => None,
            None => Some(self.progress_at.get() + within),
        }
    }

    /// Settles what the connection counts as, and has `waker` woken when that changes. `enter` counts it as one that waits. Returns false if it has to be closed now.
    pub fn settle(&self, waker: &Waker, enter: impl FnOnce() -> Option<Counted>) -> bool {
        let mut place = self.place.borrow_mut();
        if let Place::Session(seat) = &*place {
            seat.connection.register(waker);
            if seat.is_revoked() {
                *place = enter().map_or(Place::Surplus, |counted| Place::Waiting { _counted: counted });
            }
        }
        let is_surplus = matches!(*place, Place::Surplus);
        !is_surplus || self.busy.get() > 0 || self.is_blocked.get()
    }

    /// Takes its place away: the connection is something else from now on.
    pub fn leave(&self) -> Place {
        self.place.replace(Place::Surplus)
    }

    /// Returns the seat that it has in this session, if it has one.
    pub fn seat(&self, key: Key) -> Option<Arc<Seat>> {
        match &*self.place.borrow() {
            Place::Session(seat) if seat.key == key && !seat.is_revoked() => Some(Arc::clone(seat)),
            Place::Session(_) | Place::Waiting { .. } | Place::Surplus => None,
        }
    }

    /// Gives it a seat.
    pub fn sit(&self, seat: Arc<Seat>) {
        *self.place.borrow_mut() = Place::Session(seat);
    }

    /// A request of a session is under way on it until the result is dropped. `stall`: its receiver waits for frames, and
    /// may not take nothing for longer than this.
    pub fn occupy(self: &Rc<Self>, stall: Option<Duration>) -> Occupied {
        self.busy.set(self.busy.get() + 1);
        if stall.is_some() {
            self.receiving.set(stall);
        }
        Occupied { connection: Rc::clone(self), receives: stall.is_some() }
    }
}

/// A request that is under way.
pub struct Occupied {
    connection: Rc<HttpConnection>,
    receives: bool,
}

impl Drop for Occupied {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection.busy.set(connection.busy.get() - 1);
        if self.receives {
            connection.receiving.set(None);
            connection.progressed();
        }
    }
}
