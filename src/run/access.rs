//! Settings, as the access rules of the server.

use super::descriptors;
use crate::config::{self, Config};
use parlor_kit::{Access, ForwardedHeader};

/// Returns the access rules, after raising the limit on file descriptors to what they need.
pub fn rules(config: &Config) -> Access {
    let (listen, limits) = (&config.listen, &config.limits);
    let (clients, handshakes) = descriptors::share(limits.max_clients, limits.max_handshakes);
    Access::default()
        .clients(clients)
        .handshakes(handshakes)
        // A client without WebSocket receives on one connection and sends on another.
        .handshakes_per_address(limits.max_clients_per_address.saturating_mul(2))
        .trusted_proxies(listen.trusted_proxy.as_slice().to_vec())
        .forwarded_header(match listen.forwarded_header {
            config::ForwardedHeader::XForwardedFor => ForwardedHeader::XForwardedFor,
            config::ForwardedHeader::Forwarded => ForwardedHeader::Forwarded,
        })
}
