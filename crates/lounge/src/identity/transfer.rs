//! `transfer`: a token for another device. With one server it is kept in memory; several servers keep it in the journal.

use super::continuation::{IdentityCommit, Transferring};
use super::directory::Identity;
use super::resume::foreign;
use super::token::Claims;
use super::transfers::{self, GOOD_FOR, Kept};
use crate::context::Context;
use crate::protocol::server::replies;
use crate::refusals;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::journal::{Commit, ExpectValue, Loaded, Outcome, Put};

impl Identity {
    /// Gives the user a token for another device.
    pub fn transfer(&mut self, mut asker: Asker, cx: &mut Context<'_, '_>) {
        let now = cx.now();
        let Some(user) = self.user_of(asker.client()) else { return cx.refuse(asker, &refusals::no_such_user()) };
        let claims =
            Claims { user: user.person.id, name: user.name.clone(), issued_at: now, sign_outs: user.sign_outs };
        let expires_at = now + GOOD_FOR;
        if !cx.is_shared() {
            let token = self.transfers.give(cx.hub.random_bytes(), claims, cx.steady());
            return cx.ok(asker, &replies::Transferred { token: &token, expires_at: expires_at.into() });
        }
        let token = transfers::token(claims.user, cx.hub.random_bytes());
        let kept = Kept::new(&token, &claims, expires_at, &cx.settings.signer);
        let puts = vec![Put::new(transfers::key(claims.user), kept.value()).expires_at(expires_at)];
        cx.block(&mut asker);
        let transferring = Box::new(Transferring { asker, token, expires_at });
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Transfer(transferring));
    }

    /// The journal keeps a token, or not.
    pub(super) fn transfer_kept(transferring: Transferring, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        let Transferring { asker, token, expires_at } = transferring;
        match outcome {
            Outcome::Committed(_) => {
                cx.ok(asker, &replies::Transferred { token: &token, expires_at: expires_at.into() });
            }
            Outcome::Conflict | Outcome::Unavailable(_) => cx.refuse(asker, &refusals::unavailable()),
            Outcome::Unknown(_) => cx.lose(asker),
        }
    }

    /// The journal has brought the newest token of a user, or not: a right one is used up by this.
    pub(super) fn transfer_loaded(&mut self, asker: Asker, token: &Secret, loaded: &Loaded, cx: &mut Context<'_, '_>) {
        let Loaded::Values(values) = loaded else { return cx.refuse(asker, &refusals::unavailable()) };
        let found = values.first().and_then(|(key, value)| {
            let claims = Kept::read(value)?.claims(token, cx.now(), &cx.settings.signer)?;
            Some((claims, Put::delete(key.clone()).expect(ExpectValue::Is(value.clone()))))
        });
        match found {
            Some((claims, delete)) => {
                cx.commit(
                    Commit { puts: vec![delete], ..Commit::default() },
                    IdentityCommit::Transferred(asker, claims),
                );
            }
            None => cx.refuse(asker, &foreign()),
        }
    }

    /// A token is used up, by this request or by another.
    pub(super) fn transfer_used(&mut self, asker: Asker, claims: Claims, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        match outcome {
            Outcome::Committed(_) => self.resume_as(asker, claims, cx),
            Outcome::Conflict => cx.refuse(asker, &foreign()),
            Outcome::Unavailable(_) => cx.refuse(asker, &refusals::unavailable()),
            Outcome::Unknown(_) => cx.lose(asker),
        }
    }
}
