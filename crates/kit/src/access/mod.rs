//! Access rules of the whole server: who may connect, and whose address it is.

pub mod connections;
pub mod forwarded;
pub mod refused;
pub mod rejection;
pub mod rejection_log;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ipnet::IpNet;

use connections::{Connections, Total};
use forwarded::ForwardedHeader;
use refused::Refused;
use rejection::Rejection;
use rejection_log::RejectionLog;

/// The rules for all connections of a [`Server`](crate::Server), whatever app they want.
///
/// ```
/// # use parlor_kit::Access;
/// let access = Access::default().trusted_proxies(vec!["10.0.0.0/8".parse()?, "fd00::/8".parse()?]);
/// assert!(access.trusted_proxies[0].contains(&std::net::IpAddr::from([10, 1, 2, 3])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Access {
    /// Clients of all apps together; one more is refused (503).
    pub clients: usize,
    /// Connections that are not clients: before their handshake, or for plain HTTP. One more is closed.
    pub handshakes: usize,
    /// Of them, those from one address (IPv6: one /64). For [`trusted_proxies`](Access::trusted_proxies) only the total
    /// counts.
    pub handshakes_per_address: usize,
    /// A connection that is no client, and gets no bytes of an answer for this long, is closed: no request came, or the peer
    /// does not read.
    pub answer_within: Duration,
    /// Networks of proxies. Only they are believed about a client's address.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they say it. The others are ignored.
    pub forwarded_header: ForwardedHeader,
}

impl Default for Access {
    fn default() -> Self {
        Access {
            clients: usize::MAX,
            handshakes: 1024,
            handshakes_per_address: 100,
            answer_within: Duration::from_secs(15),
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::XForwardedFor,
        }
    }
}

impl Access {
    /// Sets [`clients`](#structfield.clients).
    #[must_use]
    pub fn clients(mut self, clients: usize) -> Self {
        self.clients = clients;
        self
    }

    /// Sets [`handshakes`](#structfield.handshakes).
    #[must_use]
    pub fn handshakes(mut self, handshakes: usize) -> Self {
        self.handshakes = handshakes;
        self
    }

    /// Sets [`handshakes_per_address`](#structfield.handshakes_per_address).
    #[must_use]
    pub fn handshakes_per_address(mut self, handshakes_per_address: usize) -> Self {
        self.handshakes_per_address = handshakes_per_address;
        self
    }

    /// Sets [`answer_within`](#structfield.answer_within).
    #[must_use]
    pub fn answer_within(mut self, answer_within: Duration) -> Self {
        self.answer_within = answer_within;
        self
    }

    /// Sets [`trusted_proxies`](#structfield.trusted_proxies).
    #[must_use]
    pub fn trusted_proxies(mut self, trusted_proxies: Vec<IpNet>) -> Self {
        self.trusted_proxies = trusted_proxies;
        self
    }

    /// Sets [`forwarded_header`](#structfield.forwarded_header).
    #[must_use]
    pub fn forwarded_header(mut self, forwarded_header: ForwardedHeader) -> Self {
        self.forwarded_header = forwarded_header;
        self
    }

    /// Returns whether `address` is a proxy's.
    pub(crate) fn is_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }
}

/// Gives the product's own sentence for a rejection; `None` for the kit's.
pub type Explain = Arc<dyn Fn(&Rejection) -> Option<String> + Send + Sync>;

/// The access rules of a running server, and what they count.
pub struct Gate {
    pub rules: Access,
    /// Clients of all apps.
    pub clients: Arc<Total>,
    /// Connections that are not clients.
    pub handshakes: Connections,
    pub rejections: RejectionLog,
    stops: AtomicBool,
    refused: Arc<Refused>,
    explain: Explain,
}

impl Gate {
    pub fn new(rules: Access, explain: Explain, refused: Arc<Refused>) -> Arc<Self> {
        Arc::new(Gate {
            clients: Total::new(rules.clients),
            handshakes: Connections::new(rules.handshakes, rules.handshakes_per_address),
            rejections: RejectionLog::default(),
            stops: AtomicBool::new(false),
            refused,
            rules,
            explain,
        })
    }

    /// The rules for connections of other servers, and their count. Any address may have as many as all clients here and there
    /// can make it need: each session may have its receiver there, and beside them come requests. One without requests is
    /// closed after `idle_for`.
    pub fn for_peers(&self, idle_for: Duration) -> Arc<Self> {
        let connections = self.rules.clients.saturating_add(self.rules.handshakes);
        let rules =
            self.rules.clone().handshakes(connections).handshakes_per_address(connections).answer_within(idle_for);
        Gate::new(rules, Arc::clone(&self.explain), Arc::clone(&self.refused))
    }

    /// The server is to stop.
    pub fn stop(&self) {
        self.stops.store(true, Ordering::SeqCst);
    }

    /// Returns whether the server is to stop: then no HTTP connection is kept for another request.
    pub fn is_stopping(&self) -> bool {
        self.stops.load(Ordering::SeqCst)
    }

    /// Counts and logs that a client is refused, and returns the message for it.
    pub fn refuse(&self, rejection: Rejection) -> String {
        self.refused.count(rejection);
        let message = (self.explain)(&rejection).unwrap_or_else(|| rejection.to_string());
        self.rejections.refused(rejection.label(), &message);
        message
    }
}
