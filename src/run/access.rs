//! Settings, as the access rules of the server.

use crate::config::{self, Config};
use parlor_kit::{Access, ForwardedHeader};

pub fn rules(config: &Config) -> Access {
    let (listen, limits) = (&config.listen, &config.limits);
    Access {
        clients: limits.max_clients,
        handshakes: limits.max_handshakes,
        handshakes_per_address: limits.max_clients_per_address,
        trusted_proxies: listen.trusted_proxy.as_slice().to_vec(),
        forwarded_header: match listen.forwarded_header {
            config::ForwardedHeader::XForwardedFor => ForwardedHeader::XForwardedFor,
            config::ForwardedHeader::Forwarded => ForwardedHeader::Forwarded,
        },
        ..Access::default()
    }
}
