//! The bounds of an app's clients: every queue has one.

use std::time::Duration;

/// The bounds of one app. They hold for each client unless they say otherwise.
///
/// ```
/// use std::time::Duration;
/// use parlor_core::{Limits, Rate};
///
/// let limits = Limits::default().clients(500).rate(Rate::default()).heartbeat(Duration::from_secs(10));
/// assert_eq!(limits.clients, 500);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
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
    /// Rate of a client's requests; `None`, the default, for as many as it can make. A client that reconnects goes on with
    /// what it had left.
    pub rate: Option<Rate>,
    /// Rate of the requests of all clients of one address together (IPv6: one /64); `None`, the default, for as many as
    /// they can make. It is to be no less than [`rate`](#structfield.rate) for every one of
    /// [`clients_per_address`](#structfield.clients_per_address).
    pub address_rate: Option<Rate>,
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
    /// Compression of messages with clients that offer it (permessage-deflate, RFC 7692); `None` for plain messages only.
    pub compression: Option<Compression>,
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
            rate: None,
            address_rate: None,
            heartbeat: Duration::from_secs(25),
            heartbeat_timeout: Duration::from_secs(60),
            origins: Origins::default(),
            clients: 10_000,
            clients_per_address: 100,
            compression: Some(Compression::default()),
            tasks: 1024,
        }
    }
}

impl Limits {
    /// The defaults, but pages from anywhere may connect, also those opened from a file, and an address may have as many
    /// clients as the app: for trying out, and for trusted networks.
    ///
    /// ```
    /// # use parlor_core::{Limits, Origins};
    /// assert_eq!(Limits::open().origins, Origins::Any);
    /// assert_eq!(Limits::open().clients, Limits::default().clients);
    /// ```
    pub fn open() -> Self {
        Limits { origins: Origins::Any, clients_per_address: usize::MAX, ..Limits::default() }
    }

    /// Sets [`frame_bytes`](#structfield.frame_bytes).
    #[must_use]
    pub fn frame_bytes(mut self, frame_bytes: usize) -> Self {
        self.frame_bytes = frame_bytes;
        self
    }

    /// Sets [`fragments`](#structfield.fragments).
    #[must_use]
    pub fn fragments(mut self, fragments: usize) -> Self {
        self.fragments = fragments;
        self
    }

    /// Sets [`in_flight`](#structfield.in_flight).
    #[must_use]
    pub fn in_flight(mut self, in_flight: u32) -> Self {
        self.in_flight = in_flight;
        self
    }

    /// Sets [`outbox_bytes`](#structfield.outbox_bytes).
    #[must_use]
    pub fn outbox_bytes(mut self, outbox_bytes: usize) -> Self {
        self.outbox_bytes = outbox_bytes;
        self
    }

    /// Sets [`outbox_stall`](#structfield.outbox_stall).
    #[must_use]
    pub fn outbox_stall(mut self, outbox_stall: Duration) -> Self {
        self.outbox_stall = outbox_stall;
        self
    }

    /// Sets [`rate`](#structfield.rate).
    #[must_use]
    pub fn rate(mut self, rate: impl Into<Option<Rate>>) -> Self {
        self.rate = rate.into();
        self
    }

    /// Sets [`address_rate`](#structfield.address_rate).
    #[must_use]
    pub fn address_rate(mut self, rate: impl Into<Option<Rate>>) -> Self {
        self.address_rate = rate.into();
        self
    }

    /// Sets [`heartbeat`](#structfield.heartbeat).
    #[must_use]
    pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
        self.heartbeat = heartbeat;
        self
    }

    /// Sets [`heartbeat_timeout`](#structfield.heartbeat_timeout).
    #[must_use]
    pub fn heartbeat_timeout(mut self, heartbeat_timeout: Duration) -> Self {
        self.heartbeat_timeout = heartbeat_timeout;
        self
    }

    /// Sets [`origins`](#structfield.origins).
    #[must_use]
    pub fn origins(mut self, origins: Origins) -> Self {
        self.origins = origins;
        self
    }

    /// Sets [`clients`](#structfield.clients).
    #[must_use]
    pub fn clients(mut self, clients: usize) -> Self {
        self.clients = clients;
        self
    }

    /// Sets [`clients_per_address`](#structfield.clients_per_address).
    #[must_use]
    pub fn clients_per_address(mut self, clients_per_address: usize) -> Self {
        self.clients_per_address = clients_per_address;
        self
    }

    /// Sets [`compression`](#structfield.compression).
    #[must_use]
    pub fn compression(mut self, compression: impl Into<Option<Compression>>) -> Self {
        self.compression = compression.into();
        self
    }

    /// Sets [`tasks`](#structfield.tasks).
    #[must_use]
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.tasks = tasks;
        self
    }
}

/// A token bucket: `burst` requests at once, refilled by `per_second`.
///
/// ```
/// # use parlor_core::{Limits, Rate};
/// let rate = Rate { per_second: 5.0, burst: 10.0, ..Rate::default() };
/// assert_eq!(Limits::default().rate(rate).rate, Some(rate));
/// assert_eq!(Limits::default().rate, None, "without a rate, nothing is refused");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests per second that the bucket is refilled by.
    pub per_second: f64,
    /// Requests that can be made at once, after a pause.
    pub burst: f64,
    /// A client that is refused this often within `refusals_within` is closed (4003).
    pub refusals: u32,
    /// The time for which refusals are counted.
    pub refusals_within: Duration,
}

impl Default for Rate {
    fn default() -> Self {
        Rate { per_second: 20.0, burst: 40.0, refusals: 500, refusals_within: Duration::from_secs(10) }
    }
}

/// Compression of messages to clients that offer permessage-deflate (RFC 7692), as browsers do. Messages from them may be
/// compressed, too; [`Limits::frame_bytes`] holds for what they are when inflated.
///
/// Each message is compressed by itself, once for all its receivers that have agreed on the same window. A compressed
/// connection needs no more memory than another one; each thread keeps one inflater, and up to seven compressors of 0.3 MiB.
///
/// A message is sent plain if it is not shorter compressed. Do not put a secret into one message with text that somebody else
/// chooses, if others can see the lengths of messages: that text tells what of it is in the secret.
///
/// ```
/// # use parlor_core::{Compression, Limits};
/// let limits = Limits::default().compression(Compression { min_bytes: 1024 });
/// assert_eq!(limits.compression, Some(Compression { min_bytes: 1024 }));
/// assert_eq!(Limits::default().compression(None).compression, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// Messages with fewer bytes are sent plain: it costs more than it saves.
    pub min_bytes: usize,
}

impl Default for Compression {
    fn default() -> Self {
        Compression { min_bytes: 256 }
    }
}

/// The `Origin` headers that are let in (RFC 6455 §10.2); the others get 403 before the handshake.
///
/// ```
/// # use parlor_core::{Limits, Origins};
/// let page = "https://chat.example.org".to_owned();
/// let limits = Limits::default().origins(Origins::Same { also: vec![page], required: false });
/// assert_ne!(limits.origins, Origins::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Pages from anywhere.
    Any,
    /// Pages of this very server, and those in `also`.
    Same {
        /// Further origins, such as `https://example.org`; compared without case.
        also: Vec<String>,
        /// Refuses a request without an Origin, which no browser sends, too.
        required: bool,
    },
}

impl Default for Origins {
    fn default() -> Self {
        Origins::Same { also: Vec::new(), required: false }
    }
}
