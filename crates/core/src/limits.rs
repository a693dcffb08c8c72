//! What an app allows its clients: every queue has a bound, and each bound a reason.

use std::time::Duration;

/// The bounds of one app. They hold for each client unless they say otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one message, all fragments together. A frame that declares more is refused by its header (1009).
    pub frame_bytes: usize,
    /// Fragments of one message: an endless message of empty fragments is refused (1009).
    pub fragments: usize,
    /// Requests taken but not yet answered; a client with that many is not read from until some are done.
    pub in_flight: u32,
    /// Bytes waiting for a client's socket. A frame that does not fit closes the client (4000).
    pub outbox_bytes: usize,
    /// How long a client's socket may take nothing while something waits for it (then 4000).
    pub outbox_stall: Duration,
    /// Requests a client may make; `None` for as many as it can.
    pub rate: Option<Rate>,
    /// Silence after which the server pings.
    pub heartbeat: Duration,
    /// Silence after which a client counts as gone (4001). Beyond `heartbeat`, with room for the answer.
    pub heartbeat_timeout: Duration,
    /// Pages that may connect.
    pub origins: Origins,
    /// Clients of this app at once; one more is refused (503).
    pub clients: usize,
    /// Clients from one address at once (IPv6: one /64); one more is refused (503).
    pub clients_per_address: usize,
    /// Tasks of the app ([`Hub::spawn`](crate::hub::Hub::spawn)) that run at once; as many again wait, one more is refused.
    pub tasks: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            frame_bytes: 64 * 1024,
            fragments: 1024,
            in_flight: 32,
            outbox_bytes: 1024 * 1024,
            outbox_stall: Duration::from_secs(10),
            rate: Some(Rate::default()),
            heartbeat: Duration::from_secs(25),
            heartbeat_timeout: Duration::from_secs(60),
            origins: Origins::default(),
            clients: 10_000,
            clients_per_address: 100,
            tasks: 1024,
        }
    }
}

impl Limits {
    /// Any page may connect and nobody is slowed down: for trusted networks and for apps that keep their own order.
    pub fn open() -> Self {
        Limits { rate: None, origins: Origins::Any, clients_per_address: usize::MAX, ..Limits::default() }
    }
}

/// A token bucket: `burst` requests at once, refilled by `per_second`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub per_second: f64,
    pub burst: f64,
    /// A client that is refused this often within `refusals_within` is closed (4003).
    pub refusals: u32,
    pub refusals_within: Duration,
}

impl Default for Rate {
    fn default() -> Self {
        Rate { per_second: 20.0, burst: 40.0, refusals: 500, refusals_within: Duration::from_secs(10) }
    }
}

/// Which `Origin` headers are let in (RFC 6455 §10.2); the others get 403 before the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Pages from anywhere.
    Any,
    /// Pages of this very server, and those in `also`.
    Same {
        /// Further origins, such as `https://example.org`; compared without case.
        also: Vec<String>,
        /// Whether a request without an Origin, which no browser sends, is refused too.
        required: bool,
    },
}

impl Default for Origins {
    fn default() -> Self {
        Origins::Same { also: Vec::new(), required: false }
    }
}
