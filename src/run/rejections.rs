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
        Rejection::HostForeign => {
            "this server does not answer to that Host name; --allowed-host NAME adds it (setting: allowed-host)"
                .to_owned()
        }
        Rejection::Handshakes { limit } => {
            format!("too many connections without a handshake: {limit} are allowed (setting: max-handshakes)")
        }
        Rejection::HandshakesOfAddress { limit } => format!(
            "too many connections without a handshake from this address: it may have {limit} (setting: \
             max-clients-per-address)"
        ),
        Rejection::Closing | Rejection::OriginRepeated | Rejection::HostMissing => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_the_setting_that_decides() {
        let sentence = |rejection| sentence(&rejection).unwrap();
        assert!(sentence(Rejection::Clients { limit: 7 }).contains("7 clients (setting: max-clients)"));
        assert!(sentence(Rejection::Address { limit: 7 }).contains("7 (setting: max-clients-per-address)"));
        assert!(sentence(Rejection::Handshakes { limit: 7 }).contains("7 are allowed (setting: max-handshakes)"));
        let of_address = sentence(Rejection::HandshakesOfAddress { limit: 7 });
        assert!(of_address.contains("7 (setting: max-clients-per-address)"));
        assert!(sentence(Rejection::OriginForeign).contains("(setting: origin)"));
        assert!(sentence(Rejection::OriginMissing).contains("(setting: require-origin)"));
        assert!(sentence(Rejection::HostForeign).contains("(setting: allowed-host)"));
        assert_eq!(super::sentence(&Rejection::Closing), None, "the kit's sentence will do");
    }
}
