//! The negotiation of permessage-deflate (RFC 7692 §5, §7.1).

use std::fmt;

use super::extensions::{Malformed, Offer, offers};
use super::window::WindowBits;

const NAME: &str = "permessage-deflate";

/// The parameters of a connection with compressed messages. `Display` gives the value of `Sec-WebSocket-Extensions` in the
/// answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The window that messages to this client are compressed with.
    pub window: WindowBits,
    /// The client has asked for a window, and is to be told it.
    has_asked: bool,
    /// The window that the client says it will have; it is repeated. The server can inflate any.
    client_window_bits: Option<u8>,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}; server_no_context_takeover; client_no_context_takeover")?;
        if self.has_asked {
            write!(f, "; server_max_window_bits={}", self.window.bits())?;
        }
        if let Some(bits) = self.client_window_bits {
            write!(f, "; client_max_window_bits={bits}")?;
        }
        Ok(())
    }
}

/// Takes the first offer of a client that can be accepted; `headers` are the values of its `Sec-WebSocket-Extensions`, in
/// order. Offers that are unknown or invalid are declined: the connection goes on without compression (RFC 7692 §7.1).
///
/// ```
/// # use parlor_core::wire::deflate::negotiate;
/// let agreement = negotiate(["permessage-deflate; client_max_window_bits"])?.ok_or("declined")?;
/// assert_eq!(agreement.to_string(), "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
/// assert_eq!(negotiate(["permessage-deflate; server_max_window_bits=16"])?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a header is no list of extensions: the handshake fails (RFC 6455 §9.1).
pub fn negotiate<'a>(headers: impl IntoIterator<Item = &'a str>) -> Result<Option<Agreement>, Malformed> {
    let mut accepted = None;
    for header in headers {
        for offer in offers(header)? {
            accepted = accepted.or_else(|| accept(&offer));
        }
    }
    Ok(accepted)
}

fn accept(offer: &Offer<'_>) -> Option<Agreement> {
    if offer.name != NAME {
        return None;
    }
    let mut agreement = Agreement { window: WindowBits::default(), has_asked: false, client_window_bits: None };
    for (at, (name, value)) in offer.params.iter().enumerate() {
        if offer.params[..at].iter().any(|(earlier, _)| earlier == name) {
            return None;
        }
        match (*name, value) {
            // Both hold whether they are asked for or not. A client may use its window again only if the answer lets it
            // (§7.1.1.2), and need not care whether the server does (§7.1.1.1).
            ("server_no_context_takeover" | "client_no_context_takeover", None) => {}
            ("server_max_window_bits", Some(value)) => {
                agreement.window = WindowBits::new(bits(value)?)?;
                agreement.has_asked = true;
            }
            ("client_max_window_bits", None) => {}
            ("client_max_window_bits", Some(value)) => agreement.client_window_bits = Some(bits(value)?),
            _ => return None,
        }
    }
    Some(agreement)
}

/// 8 to 15, without leading zeros (§7.1.2).
fn bits(value: &str) -> Option<u8> {
    value.parse().ok().filter(|bits| (8..=15).contains(bits) && !value.starts_with(['0', '+']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    fn answer(headers: &[&str]) -> Option<String> {
        negotiate(headers.iter().copied()).unwrap().map(|agreement| agreement.to_string())
    }

    #[test]
    fn all_four_parameters_are_negotiated() {
        for (offer, answered) in [
            ("", ""),
            ("; server_no_context_takeover", ""),
            ("; client_no_context_takeover", ""),
            ("; client_max_window_bits", ""),
            ("; server_max_window_bits=8", "; server_max_window_bits=8"),
            ("; server_max_window_bits=9", "; server_max_window_bits=9"),
            ("; server_max_window_bits=\"10\"", "; server_max_window_bits=10"),
            ("; server_max_window_bits=15", "; server_max_window_bits=15"),
            ("; client_max_window_bits=8", "; client_max_window_bits=8"),
            (
                "; client_max_window_bits=12; client_no_context_takeover; server_max_window_bits=11",
                "; server_max_window_bits=11; client_max_window_bits=12",
            ),
        ] {
            assert_eq!(answer(&[&format!("permessage-deflate{offer}")]), Some(format!("{BOTH}{answered}")), "{offer}");
        }
    }

    #[test]
    fn invalid_offers_are_declined() {
        for offer in [
            "; server_max_window_bits",
            "; server_max_window_bits=7",
            "; server_max_window_bits=16",
            "; server_max_window_bits=010",
            "; server_max_window_bits=+10",
            "; server_max_window_bits=ten",
            "; client_max_window_bits=7",
            "; client_max_window_bits=16",
            "; client_max_window_bits=256",
            "; client_max_window_bits=09",
            "; server_no_context_takeover=1",
            "; client_no_context_takeover=true",
            "; client_no_context_takeover; client_no_context_takeover",
            "; server_max_window_bits=10; server_max_window_bits=10",
            "; unknown",
            "; Server_No_Context_Takeover",
        ] {
            assert_eq!(answer(&[&format!("permessage-deflate{offer}")]), None, "{offer}");
        }
        assert_eq!(answer(&["permessage-bzip2, x-webkit-deflate-frame"]), None);
        assert_eq!(answer(&[]), None);
    }

    #[test]
    fn the_first_acceptable_offer_is_taken() {
        let wide = "permessage-deflate; server_max_window_bits=16";
        let small = "permessage-deflate; server_max_window_bits=10";
        let offers = format!("mux, {wide}, {small}, permessage-deflate");
        let taken = format!("{BOTH}; server_max_window_bits=10");
        assert_eq!(answer(&[&offers]), Some(taken.clone()));
        assert_eq!(
            answer(&["mux", wide, small, "permessage-deflate"]),
            Some(taken),
            "headers are one list (RFC 9110 §5.3)"
        );
    }

    #[test]
    fn a_malformed_header_is_refused_wherever_it_is_wrong() {
        assert_eq!(negotiate(["permessage-deflate", "foo;"]), Err(Malformed));
        assert_eq!(negotiate(["permessage-deflate, foo bar"]), Err(Malformed));
    }
}
