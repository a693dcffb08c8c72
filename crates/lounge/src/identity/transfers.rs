//! Tokens for another device, each good for one `resume` within a short time.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::token::{Claims, Signer};
use crate::secret::Secret;
use parlor_core::{Bytes, Steady, Time};

/// Time for which a token is good.
pub const GOOD_FOR: Duration = Duration::from_secs(5 * 60);

/// How many users may have a token at once. Beyond it, the one that expires first is void.
const USERS_MAX: usize = 4096;

/// Tokens given out and not used yet: the newest of each user. A restart voids them.
#[derive(Default)]
pub struct Transfers(BTreeMap<Uuid, Transfer>);

struct Transfer {
    /// SHA-256 of the token.
    proof: [u8; 32],
    claims: Claims,
    /// Counts steady time, so that a system clock that is set changes nothing.
    expires_at: Steady,
}

impl Transfers {
    pub fn give(&mut self, random: [u8; 24], claims: Claims, now: Steady) -> Secret {
        self.0.retain(|_, transfer| transfer.expires_at > now);
        if self.0.len() >= USERS_MAX
            && let Some(first) = self.0.iter().min_by_key(|(_, transfer)| transfer.expires_at).map(|(user, _)| *user)
        {
            self.0.remove(&first);
        }
        let (user, expires_at) = (claims.user, now + GOOD_FOR);
        let token = token(user, random);
        self.0.insert(user, Transfer { proof: proof(&token), claims, expires_at });
        token
    }

    /// Returns who a token makes its bearer, and voids it.
    pub fn take(&mut self, token: &Secret, now: Steady) -> Option<Claims> {
        let user = user_of(token)?;
        let is_it = self.0.get(&user).is_some_and(|transfer| bool::from(transfer.proof.ct_eq(&proof(token))));
        let transfer = if is_it { self.0.remove(&user) } else { None };
        transfer.filter(|transfer| transfer.expires_at > now).map(|transfer| transfer.claims)
    }
}

/// Returns a fresh token of a user.
pub fn token(user: Uuid, random: [u8; 24]) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode([&user.as_bytes()[..], &random].concat()))
}

/// Returns the user that a token says it is of.
fn user_of(token: &Secret) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(token.as_bytes()).ok()?;
    let (user, random) = bytes.split_first_chunk::<16>()?;
    (random.len() == 24).then(|| Uuid::from_bytes(*user))
}

fn proof(token: &Secret) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Returns the journal's key of a user's newest token.
pub fn key(user: Uuid) -> String {
    format!("transfer/{user}")
}

/// Returns the journal's key of what looks like a token.
pub fn key_of(token: &Secret) -> Option<String> {
    user_of(token).map(key)
}

/// A token as the journal keeps it: not itself, but what it is compared with.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// SHA-256 of the token, in Base64.
    proof: String,
    expires_at: Time,
    /// A resume token for the same user.
    claims: String,
}

impl Kept {
    pub fn new(token: &Secret, claims: &Claims, expires_at: Time, signer: &Signer) -> Self {
        let proof = URL_SAFE_NO_PAD.encode(proof(token));
        let signed = signer.sign(claims.user, &claims.name, claims.sign_outs, claims.issued_at);
        Kept { proof, expires_at, claims: signed.as_str().to_owned() }
    }

    pub fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    pub fn value(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    /// Returns who the token makes its bearer, if it is the one that is kept, and is still good.
    pub fn claims(&self, token: &Secret, now: Time, signer: &Signer) -> Option<Claims> {
        let is_it = bool::from(URL_SAFE_NO_PAD.encode(proof(token)).as_bytes().ct_eq(self.proof.as_bytes()));
        let claims = signer.verify(&Secret::new(self.claims.clone())).ok();
        claims.filter(|_| is_it && now < self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::name::Name;

    fn claims(user: u128) -> Claims {
        Claims { user: Uuid::from_u128(user), name: Name::parse("Ann").unwrap(), issued_at: Time(0), sign_outs: 0 }
    }

    #[test]
    fn a_token_is_good_once_and_for_a_while() {
        let mut transfers = Transfers::default();
        let token = transfers.give([1; 24], claims(7), Steady(0));
        assert_eq!(transfers.take(&Secret::new("x"), Steady(1)), None);
        assert_eq!(transfers.take(&token, Steady(1)), Some(claims(7)));
        assert_eq!(transfers.take(&token, Steady(1)), None);
        let token = transfers.give([2; 24], claims(7), Steady(0));
        assert_eq!(transfers.take(&token, Steady(0) + GOOD_FOR), None);
    }

    #[test]
    fn a_newer_token_voids_the_one_before_and_there_are_so_many() {
        let mut transfers = Transfers::default();
        let first = transfers.give([1; 24], claims(7), Steady(0));
        let second = transfers.give([2; 24], claims(7), Steady(1));
        assert_eq!(transfers.take(&first, Steady(2)), None);
        for user in 8..9000 {
            transfers.give([3; 24], claims(user), Steady(2));
        }
        assert_eq!(transfers.0.len(), USERS_MAX);
        assert_eq!(transfers.take(&second, Steady(3)), None, "it was to expire first");
    }

    #[test]
    fn a_token_that_the_journal_keeps_is_good_for_a_while() {
        let signer = Signer::new(b"a secret of the test");
        let (right, wrong) = (token(Uuid::from_u128(7), [1; 24]), token(Uuid::from_u128(7), [2; 24]));
        let kept = Kept::read(&Kept::new(&right, &claims(7), Time(10), &signer).value()).unwrap();
        assert_eq!(key_of(&right), Some(key(Uuid::from_u128(7))));
        assert_eq!(kept.claims(&right, Time(9), &signer), Some(claims(7)));
        assert_eq!(kept.claims(&right, Time(10), &signer), None);
        assert_eq!(kept.claims(&wrong, Time(9), &signer), None);
        assert_eq!(key_of(&Secret::new("x")), None);
    }
}
