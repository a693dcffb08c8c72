//! The reasons why a connection does not begin.

use std::fmt;

use actix_web::http::StatusCode;

/// The reason why a handshake is refused. Its `Display` names the fields of [`Limits`](crate::Limits); a product that has
/// settings of its own gives its own sentences with [`Server::explain_rejections`](crate::Server::explain_rejections).
///
/// ```
/// # use parlor_kit::Rejection;
/// let text = Rejection::Clients { limit: 10_000 }.to_string();
/// assert_eq!(text, "the server is full: it takes 10000 clients (Limits::clients)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// As many clients are connected as [`Limits::clients`](crate::Limits::clients) allows.
    Clients {
        /// The number allowed.
        limit: usize,
    },
    /// The client's address has as many connections as
    /// [`Limits::clients_per_address`](crate::Limits::clients_per_address) allows.
    Address {
        /// The number allowed.
        limit: usize,
    },
    /// The server is shutting down.
    Closing,
    /// The request has no `Origin` header, and [`Origins::Same`](crate::Origins::Same) requires one.
    OriginMissing,
    /// The request has more than one `Origin` header.
    OriginRepeated,
    /// Pages from the request's `Origin` may not connect (RFC 6455 §10.2).
    OriginForeign,
    /// As many connections wait for their handshake as [`Access::handshakes`](crate::Access::handshakes) allows.
    Handshakes {
        /// The number allowed.
        limit: usize,
    },
    /// As many connections of the peer's address wait for their handshake as
    /// [`Access::handshakes_per_address`](crate::Access::handshakes_per_address) allows.
    HandshakesOfAddress {
        /// The number allowed.
        limit: usize,
    },
    /// The request has no `Host` header, or more than one (RFC 9112 §3.2).
    HostMissing,
    /// The server does not answer to the request's `Host` name; see [`AllowedHosts`](crate::AllowedHosts).
    HostForeign,
}

impl Rejection {
    /// Returns the reason's label: the log has one line a second for each.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Rejection::Clients { .. } | Rejection::Address { .. } | Rejection::Closing => "full",
            Rejection::OriginMissing | Rejection::OriginRepeated | Rejection::OriginForeign => "origin",
            Rejection::HostMissing | Rejection::HostForeign => "host",
            Rejection::Handshakes { .. } => "handshakes",
            Rejection::HandshakesOfAddress { .. } => "handshakes of an address",
        }
    }

    /// The status of the HTTP answer.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Rejection::Clients { .. }
            | Rejection::Address { .. }
            | Rejection::Closing
            | Rejection::Handshakes { .. }
            | Rejection::HandshakesOfAddress { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Rejection::OriginMissing | Rejection::OriginRepeated | Rejection::OriginForeign => StatusCode::FORBIDDEN,
            Rejection::HostMissing => StatusCode::BAD_REQUEST,
            Rejection::HostForeign => StatusCode::MISDIRECTED_REQUEST,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Clients { limit } => write!(f, "the server is full: it takes {limit} clients (Limits::clients)"),
            Rejection::Address { limit } => {
                write!(f, "too many connections from this address: {limit} are allowed (Limits::clients_per_address)")
            }
            Rejection::Closing => f.write_str("the server is shutting down"),
            Rejection::OriginMissing => f.write_str("an Origin header is required (Limits::origins)"),
            Rejection::OriginRepeated => f.write_str("there is more than one Origin header"),
            Rejection::OriginForeign => f.write_str("pages from this Origin may not connect (Limits::origins)"),
            Rejection::Handshakes { limit } => {
                write!(f, "too many connections without a handshake: {limit} are allowed (Access::handshakes)")
            }
            Rejection::HandshakesOfAddress { limit } => write!(
                f,
                "too many connections without a handshake from this address: {limit} are allowed \
                 (Access::handshakes_per_address)"
            ),
            Rejection::HostMissing => f.write_str("there has to be one Host header"),
            Rejection::HostForeign => {
                f.write_str("this server does not answer to that Host name (Server::allowed_hosts)")
            }
        }
    }
}
