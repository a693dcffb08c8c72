//! The sentences for refused handshakes: each names the setting that decides.

use parlor_kit::Rejection;

pub fn sentence(rejection: &Rejection) -> Option<String> {
    Some(match rejection {
        Rejection::Clients { limit } => format!("the server is full: it takes {limit} clients (setting: max-clients)"),
        Rejection::Address { limit } => {
            format!("too many connections from this address: it may have {limit} (setting: max-clients-per-address)")
        }
        Rejection::OriginMissing => "an Origin header is required (setting: require-origin)".to_owned(),
        Rejection::OriginForeign => "pages from this Origin may not connect (setting: origin)".to_owned(),
        _ => return None,
    })
}
