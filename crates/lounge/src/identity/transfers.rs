//! Tokens for another device, each good for one `resume` within a short time.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::token::Claims;
use crate::secret::Secret;
use parlor_core::Steady;

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
        let token = URL_SAFE_NO_PAD.encode([&user.as_bytes()[..], &random].concat());
        self.0.insert(user, Transfer { proof: Sha256::digest(&token).into(), claims, expires_at });
        Secret::new(token)
    }

    /// Returns who a token makes its bearer, and voids it.
    pub fn take(&mut self, token: &Secret, now: Steady) -> Option<Claims> {
        let bytes = URL_SAFE_NO_PAD.decode(token.as_bytes()).ok()?;
        let (user, _) = bytes.split_first_chunk::<16>()?;
        let user = Uuid::from_bytes(*user);
        let proof: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let is_it = self.0.get(&user).is_some_and(|transfer| bool::from(transfer.proof.ct_eq(&proof)));
        let transfer = if is_it { self.0.remove(&user) } else { None };
        transfer.filter(|transfer| transfer.expires_at > now).map(|transfer| transfer.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::name::Name;
    use parlor_core::Time;

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
}
