//! The proof that a request comes from a server with the common key.
//!
//! It is the same for every request to one server, so it needs no clock that all servers agree on. It says to whom it is
//! said, so that a server which is mistaken for another one learns nothing that is good elsewhere.

use actix_http::header::HeaderName;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::peers::NodeName;

/// The header that has it.
pub const HEADER: HeaderName = HeaderName::from_static("parlor-peer");

/// Nothing else that is signed with the same key passes for a token.
const PURPOSE: &[u8] = b"parlor: requests among peers, 1\0";

/// Returns the proof for requests to a server: HMAC-SHA256 (RFC 2104), as unpadded URL-safe base64 (RFC 4648 §5).
pub fn token(key: &[u8; 32], to: &NodeName) -> String {
    URL_SAFE_NO_PAD.encode(mac(key, to).finalize().into_bytes())
}

/// Returns whether `told` is the proof for this server; in constant time.
pub fn is_token(told: &[u8], key: &[u8; 32], me: &NodeName) -> bool {
    URL_SAFE_NO_PAD.decode(told).is_ok_and(|told| mac(key, me).verify_slice(&told).is_ok())
}

fn mac(key: &[u8; 32], to: &NodeName) -> Hmac<Sha256> {
    // A key of the hash's block size needs no other step (RFC 2104 §2), so this can't fail.
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    Hmac::<Sha256>::new(&block.into()).chain_update(PURPOSE).chain_update(to.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_one_key_and_one_server() {
        let (one, other): (NodeName, NodeName) = ("n1".parse().unwrap(), "n2".parse().unwrap());
        let told = token(&[7; 32], &one);
        assert!(is_token(told.as_bytes(), &[7; 32], &one));
        assert!(!is_token(told.as_bytes(), &[7; 32], &other));
        assert!(!is_token(told.as_bytes(), &[8; 32], &one));
        for junk in [&b""[..], b"junk", &told.as_bytes()[1..], b"\xff"] {
            assert!(!is_token(junk, &[7; 32], &one));
        }
    }
}
