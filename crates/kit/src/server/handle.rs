//! A running app, for its transports.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use actix::Recipient;

use crate::access::Gate;
use crate::server::admission::Admission;
use crate::server::messages::{AttachWorker, Inbound};
use crate::server::metrics::Metrics;
use crate::server::protocol::Protocol;
use crate::server::rates::Rates;
use futures_util::future::LocalBoxFuture;
use parlor_core::{Admitted, Close, Denied, Handshake, Limits};

/// A running app, as its transports see it: the way to its `ChatServer`, its limits, its admission and its counts. For any
/// thread; a clone costs a reference count.
pub struct AppHandle<P: Protocol>(Arc<Inner<P>>);

struct Inner<P: Protocol> {
    id: AppId,
    inbound: Recipient<Inbound<P::Request>>,
    workers: Recipient<AttachWorker>,
    next_worker: AtomicU16,
    limits: Arc<Limits>,
    admission: Arc<Admission>,
    rates: Arc<Rates>,
    metrics: Arc<Metrics>,
    gate: Arc<Gate>,
    admit: Option<Admit>,
    denied: Denial,
}

/// Gives the close for new clients, while they are denied.
pub type Denial = Arc<dyn Fn() -> Option<Close> + Send + Sync>;

/// Decides asynchronously whether a client may connect. Runs on the session's own thread.
pub type Admit = Arc<dyn Fn(Handshake) -> LocalBoxFuture<'static, Result<Admitted, Denied>> + Send + Sync>;

/// Tells the apps of one process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppId(u64);

impl<P: Protocol> AppHandle<P> {
    /// `inbound` and `workers` are the same actor, so that a [`AttachWorker`] is known before its first client.
    pub fn new(
        inbound: Recipient<Inbound<P::Request>>,
        workers: Recipient<AttachWorker>,
        limits: Limits,
        gate: Arc<Gate>,
        admit: Option<Admit>,
        denied: Denial,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        AppHandle(Arc::new(Inner {
            id: AppId(NEXT.fetch_add(1, Ordering::Relaxed)),
            inbound,
            workers,
            next_worker: AtomicU16::new(0),
            admission: Admission::new(&limits, Arc::clone(&gate.clients)),
            rates: Rates::new(&limits),
            limits: Arc::new(limits),
            metrics: Arc::default(),
            gate,
            admit,
            denied,
        }))
    }

    /// Returns the close for new clients, while they are denied.
    pub fn denied(&self) -> Option<Close> {
        (self.0.denied)()
    }

    /// The asynchronous half of the admission, if there is one.
    pub fn admit(&self) -> Option<&Admit> {
        self.0.admit.as_ref()
    }

    pub fn id(&self) -> AppId {
        self.0.id
    }

    /// Tells the `ChatServer`. Mailboxes take everything: what bounds this link is `limits.in_flight` of each session.
    pub fn tell(&self, inbound: Inbound<P::Request>) {
        self.0.inbound.do_send(inbound);
    }

    /// Returns whether the `ChatServer` still runs.
    pub fn is_alive(&self) -> bool {
        self.0.inbound.connected()
    }

    /// Announces a worker thread.
    pub fn attach(&self, worker: AttachWorker) {
        self.0.workers.do_send(worker);
    }

    /// An index that no worker of this app has had.
    pub fn next_worker(&self) -> u16 {
        self.0.next_worker.fetch_add(1, Ordering::Relaxed)
    }

    pub fn limits(&self) -> &Arc<Limits> {
        &self.0.limits
    }

    pub fn admission(&self) -> &Arc<Admission> {
        &self.0.admission
    }

    /// Returns the access rules of the whole server.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.0.gate
    }

    /// Returns the rates of the app's clients.
    pub fn rates(&self) -> &Arc<Rates> {
        &self.0.rates
    }

    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.0.metrics
    }
}

impl<P: Protocol> Clone for AppHandle<P> {
    fn clone(&self) -> Self {
        AppHandle(Arc::clone(&self.0))
    }
}

impl<P: Protocol> fmt::Debug for AppHandle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppHandle")
            .field("id", &self.0.id)
            .field("clients", &self.0.admission.count())
            .finish_non_exhaustive()
    }
}
