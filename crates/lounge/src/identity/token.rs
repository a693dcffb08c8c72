//! Resume tokens: who somebody is, signed by the server, so that it need not remember guests.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::identity::name::Name;
use crate::secret::Secret;
use parlor_core::{AddressBlock, Time};

/// The claims of a token about its bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub user: Uuid,
    /// The name at the time of issue; it may be somebody else's by now.
    pub name: Name,
    pub issued_at: Time,
    /// The number of times that the user had signed out everywhere at the time of issue.
    pub sign_outs: u32,
}

/// Signs tokens and knows its own again: HMAC-SHA256 (RFC 2104) under a key that is derived from the server's secret, so
/// that nothing else signed with that secret passes for a token. All servers that share a secret take each other's tokens.
///
/// A token is the unpadded URL-safe base64 (RFC 4648 §5) of
/// version (1 byte) ‖ user (16) ‖ issued at, in ms (8, big-endian) ‖ name (UTF-8) ‖ signature of all that (32).
/// That is version 1. In version 2, for users who have signed out everywhere, the number of times (4, big-endian) stands
/// before the name.
#[derive(Clone)]
pub struct Signer {
    keyed: Hmac<Sha256>,
}

impl Signer {
    /// `secret` may be of any length; 32 random bytes are as good as it gets.
    pub fn new(secret: &[u8]) -> Self {
        let derived = mac(PURPOSE).chain_update(secret).finalize().into_bytes(); // HKDF-Extract, RFC 5869 §2.2
        Signer { keyed: mac(&derived) }
    }

    /// Signs a token. `sign_outs`: how often the user has signed out everywhere.
    pub fn sign(&self, user: Uuid, name: &Name, sign_outs: u32, now: Time) -> Secret {
        let mut bytes = vec![if sign_outs == 0 { VERSION } else { VERSION_SIGNED_OUT }];
        bytes.extend_from_slice(user.as_bytes());
        bytes.extend_from_slice(&now.as_millis().to_be_bytes());
        if sign_outs > 0 {
            bytes.extend_from_slice(&sign_outs.to_be_bytes());
        }
        bytes.extend_from_slice(name.as_str().as_bytes());
        let signature = self.keyed.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature);
        Secret::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Returns a number for an address: always the same for the same address, and without the secret nobody can tell the
    /// address from it.
    pub(crate) fn tag(&self, address: AddressBlock) -> u64 {
        let tag = self.keyed.clone().chain_update(format!("address {address:?}")).finalize().into_bytes();
        tag.iter().take(8).fold(0, |tag, byte| tag << 8 | u64::from(*byte))
    }

    /// Returns what `token` says. Takes whatever a client sends; compares signatures in constant time.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenError::Malformed)?;
        let (&version, _) = bytes.split_first().ok_or(TokenError::Malformed)?;
        if ![VERSION, VERSION_SIGNED_OUT].contains(&version) {
            return Err(TokenError::OtherVersion);
        }
        let (signed, signature) = bytes.split_last_chunk::<SIGNATURE_BYTES>().ok_or(TokenError::Malformed)?;
        self.keyed.clone().chain_update(signed).verify_slice(signature).map_err(|_| TokenError::BadSignature)?;
        parse(signed).ok_or(TokenError::Malformed)
    }
}

/// It is not shown what it signs with.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// Why a token says nothing. The client hears `forbidden`, whatever it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    Malformed,
    /// Of a Parlor that writes its tokens in another way.
    OtherVersion,
    /// Changed on the way, or signed with another secret.
    BadSignature,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenError::Malformed => "that is not a token",
            TokenError::OtherVersion => "the token is of another version of the server",
            TokenError::BadSignature => "the token was not signed by this server",
        })
    }
}

impl std::error::Error for TokenError {}

const VERSION: u8 = 1;
const VERSION_SIGNED_OUT: u8 = 2;
const PURPOSE: &[u8] = b"parlor resume token, version 1";
const SIGNATURE_BYTES: usize = 32;
/// The length of the longest token: a name of 32 characters of 4 bytes each.
const TOKEN_BYTES_MAX: usize = (1 + 16 + 8 + 4 + 4 * Name::CHARS_MAX + SIGNATURE_BYTES).div_ceil(3) * 4;

fn mac(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of every length (RFC 2104 §3), so the second arm is never taken; it is no less a MAC.
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

fn parse(signed: &[u8]) -> Option<Claims> {
    let (version, rest) = signed.split_first()?;
    let (user, rest) = rest.split_first_chunk::<16>()?;
    let (issued_at, rest) = rest.split_first_chunk::<8>()?;
    let (sign_outs, name) = match *version {
        VERSION_SIGNED_OUT => rest.split_first_chunk::<4>().map(|(count, name)| (u32::from_be_bytes(*count), name))?,
        _ => (0, rest),
    };
    Some(Claims {
        user: Uuid::from_bytes(*user),
        name: Name::parse(std::str::from_utf8(name).ok()?).ok()?,
        issued_at: Time(u64::from_be_bytes(*issued_at)),
        sign_outs,
    })
}

#[cfg(test)]
mod tests;
