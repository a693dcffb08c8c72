//! `transfer`: a token for another device.

use super::directory::Identity;
use super::token::Claims;
use super::transfers::GOOD_FOR;
use crate::context::Context;
use crate::protocol::server::replies;
use crate::refusals;
use crate::waiters::Asker;

impl Identity {
    /// Gives the user a token for another device.
    pub fn transfer(&mut self, asker: Asker, cx: &mut Context<'_, '_>) {
        let now = cx.now();
        let Some(user) = self.user_of(asker.client()) else { return cx.refuse(asker, &refusals::no_such_user()) };
        let claims =
            Claims { user: user.person.id, name: user.name.clone(), issued_at: now, sign_outs: user.sign_outs };
        let token = self.transfers.give(cx.hub.random_bytes(), claims, cx.steady());
        cx.ok(asker, &replies::Transferred { token: &token, expires_at: (now + GOOD_FOR).into() });
    }
}
