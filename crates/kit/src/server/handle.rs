//! What transports need of a running app.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use actix::Recipient;

use crate::server::admission::Admission;
use crate::server::messages::{AttachWorker, Inbound};
use crate::server::metrics::Metrics;
use crate::server::rejection::Rejection;
use parlor_core::{App, Limits};

/// A running app, as its transports see it: the way to its `ChatServer`, its limits, its admission and its counts. For any
/// thread; a clone costs a reference count.
pub struct AppHandle<A: App>(Arc<Inner<A>>);

struct Inner<A: App> {
    id: AppId,
    inbound: Recipient<Inbound<A::Request>>,
    workers: Recipient<AttachWorker>,
    next_worker: AtomicU16,
    limits: Arc<Limits>,
    admission: Arc<Admission>,
    metrics: Arc<Metrics>,
    explain: Explain,
}

/// Gives the product's own sentence for a rejection; `None` for the kit's.
pub type Explain = Arc<dyn Fn(&Rejection) -> Option<String> + Send + Sync>;

/// Tells the apps of one process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppId(u64);

impl<A: App> AppHandle<A> {
    /// `inbound` and `workers` are the same actor, so that a [`AttachWorker`] is known before its first client.
    pub fn new(
        inbound: Recipient<Inbound<A::Request>>,
        workers: Recipient<AttachWorker>,
        limits: Limits,
        explain: Explain,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        AppHandle(Arc::new(Inner {
            id: AppId(NEXT.fetch_add(1, Ordering::Relaxed)),
            inbound,
            workers,
            next_worker: AtomicU16::new(0),
            admission: Admission::new(&limits),
            limits: Arc::new(limits),
            metrics: Arc::default(),
            explain,
        }))
    }

    pub fn id(&self) -> AppId {
        self.0.id
    }

    /// Tells the `ChatServer`. Mailboxes take everything: what bounds this link is `limits.in_flight` of each session.
    pub fn tell(&self, inbound: Inbound<A::Request>) {
        self.0.inbound.do_send(inbound);
    }

    /// Whether there is still a `ChatServer`.
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

    /// Returns the message for a client whose handshake is refused.
    pub fn explain(&self, rejection: &Rejection) -> String {
        (self.0.explain)(rejection).unwrap_or_else(|| rejection.to_string())
    }

    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.0.metrics
    }
}

impl<A: App> Clone for AppHandle<A> {
    fn clone(&self) -> Self {
        AppHandle(Arc::clone(&self.0))
    }
}

impl<A: App> fmt::Debug for AppHandle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppHandle")
            .field("id", &self.0.id)
            .field("clients", &self.0.admission.count())
            .finish_non_exhaustive()
    }
}
