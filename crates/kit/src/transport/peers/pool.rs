//! A worker's connections to its peers that wait for the next request.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_http::h1::ClientCodec;
use actix_http::{ResponseHead, ServiceConfig};
use actix_rt::net::TcpStream;
use actix_rt::time::{sleep, timeout};

use crate::moment::steady_now;
use crate::transport::peers::connection::{Asked, Connection, PeerBody, PeerError};
use crate::transport::tcp;

/// Connections by the peers' addresses, each with the time since when it waits.
#[derive(Default)]
pub struct Pool {
    idle: RefCell<BTreeMap<String, Vec<(Instant, Connection)>>>,
    is_swept: Cell<bool>,
    /// Has the clock of the connections' codecs, so it is made on the worker's thread.
    config: OnceCell<ServiceConfig>,
}

/// A peer that is there answers at once.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Bytes that a peer does not acknowledge for so long end the connection.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(15);

/// Connections to one peer that wait; more are closed.
const IDLE_MAX: usize = 32;

/// How long one waits. A peer waits longer, so that no request meets the end of its connection.
const IDLE_FOR: Duration = Duration::from_secs(30);

/// How long a connection from a peer may be without a request.
pub const PEER_IDLE_FOR: Duration = Duration::from_secs(75);

impl Pool {
    /// Asks a peer. A request that may be done twice is sent again if a connection turns out to have ended while it waited.
    pub async fn ask(
        self: &Rc<Self>,
        to: &str,
        asked: Asked,
        is_repeatable: bool,
    ) -> Result<(ResponseHead, PeerBody), PeerError> {
        let keep = || {
            let (pool, to) = (Rc::clone(self), to.to_owned());
            move |connection| pool.put(&to, connection)
        };
        if let Some(connection) = self.take(to) {
            let again = is_repeatable.then(|| asked.clone());
            match (connection.ask(asked, keep()).await, again) {
                (Err(_), Some(again)) => return self.connect(to).await?.ask(again, keep()).await,
                (answered, _) => return answered,
            }
        }
        self.connect(to).await?.ask(asked, keep()).await
    }

    /// Takes a connection to a peer that waits, the one that was used last.
    fn take(&self, to: &str) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        let waiting = idle.get_mut(to)?;
        while let Some((_, connection)) = waiting.pop() {
            if connection.is_idle() {
                return Some(connection);
            }
        }
        None
    }

    /// Connects to a peer.
    async fn connect(&self, to: &str) -> Result<Connection, PeerError> {
        let tcp = match timeout(CONNECT_WITHIN, TcpStream::connect(to)).await {
            Ok(Ok(tcp)) => tcp,
            Ok(Err(error)) => return Err(PeerError::new(format!("can't connect: {error}"))),
            Err(_) => {
                return Err(PeerError::new(format!("can't connect within {} s", CONNECT_WITHIN.as_secs())));
            }
        };
        tcp::tune(&tcp, UNACKNOWLEDGED_MAX);
        let config = self.config.get_or_init(ServiceConfig::default).clone();
        Ok(Connection::new(tcp, ClientCodec::new(config)))
    }

    /// Keeps a connection for the next request.
    fn put(self: &Rc<Self>, to: &str, connection: Connection) {
        let mut idle = self.idle.borrow_mut();
        let waiting = idle.entry(to.to_owned()).or_default();
        if waiting.len() < IDLE_MAX {
            waiting.push((steady_now(), connection));
        }
        if !self.is_swept.replace(true) {
            actix_rt::spawn(sweep(Rc::clone(self)));
        }
    }

    /// Closes what has waited for too long. Returns whether anything waits still.
    fn close_old(&self, now: Instant) -> bool {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|_, waiting| {
            waiting.retain(|(since, _)| now.saturating_duration_since(*since) < IDLE_FOR);
            !waiting.is_empty()
        });
        !idle.is_empty()
    }
}

/// Runs for as long as connections wait.
async fn sweep(pool: Rc<Pool>) {
    loop {
        sleep(IDLE_FOR / 2).await;
        if !pool.close_old(steady_now()) {
            pool.is_swept.set(false);
            return;
        }
    }
}
