//! Keys that are made of the secret that signs identities: it is the one thing that all nodes have and nobody else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Returns the key by which nodes know each other (RFC 2104, with a purpose of its own: it opens no identity).
pub fn of_nodes(secret: &[u8]) -> [u8; 32] {
    mac(secret, b"parlor: requests between nodes")
}

/// Returns a text by which nodes see whether they have the same secret. It does not tell the secret.
pub fn mark(secret: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&mac(secret, b"parlor: the secret of all nodes")[..16])
}

fn mac(secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    // A key of any length will do (RFC 2104, section 3).
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(purpose);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_and_each_secret_has_its_key() {
        let (one, other) = (b"a secret of sixteen bytes", b"another secret of sixteen bytes");
        assert_eq!(mark(one), mark(one));
        assert_ne!(mark(one), mark(other));
        assert_ne!(of_nodes(one), of_nodes(other));
        assert_ne!(mark(one), URL_SAFE_NO_PAD.encode(&of_nodes(one)[..16]));
    }
}
