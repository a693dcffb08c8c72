//! `resume`: an earlier identity comes back.

use super::continuation::{IdentityLoad, Resuming};
use super::dedup::Dedup;
use super::directory::Identity;
use super::record::UserRecord;
use super::token::Claims;
use super::transfers;
use super::user::User;
use crate::context::Context;
use crate::nodes::announcements::AfterAnnounced;
use crate::protocol::error::Refused;
use crate::refusals;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::journal::{Load, Loaded};
use uuid::Uuid;

impl Identity {
    /// Only before anything else that matters: what a guest has done stays the guest's, and nobody is two people at once.
    pub fn resume(&mut self, mut asker: Asker, token: &Secret, cx: &mut Context<'_, '_>) {
        if let Ok(claims) = cx.settings.signer.verify(token) {
            return self.resume_as(asker, claims, cx);
        }
        if let (true, Some(key)) = (cx.is_shared(), transfers::key_of(token)) {
            cx.block(&mut asker);
            return cx.load(Load::Values(vec![key]), IdentityLoad::Transfer(asker, token.clone()));
        }
        match self.transfers.take(token, cx.steady()) {
            Some(claims) => self.resume_as(asker, claims, cx),
            None => cx.refuse(asker, &foreign()),
        }
    }

    /// The token is one of this server's.
    pub(super) fn resume_as(&mut self, mut asker: Asker, claims: Claims, cx: &mut Context<'_, '_>) {
        let client = asker.client();
        let Some(user) = self.user_of(client) else { return cx.refuse(asker, &refusals::no_such_user()) };
        if user.person.id == claims.user {
            return if user.sign_outs == claims.sign_outs {
                self.identify(asker, claims.user, cx)
            } else {
                cx.refuse(asker, &void())
            };
        }
        let is_in_a_room = self.clients.get(&client).is_some_and(|client| !client.rooms.is_empty());
        if user.is_lasting() || is_in_a_room {
            let words = "\"type\" resume must come first: this session has begun as somebody else";
            return cx.refuse(asker, &refusals::bad_request(words).about("type"));
        }
        if self.is_known(claims.user) {
            return self.come_back(asker, &claims, cx);
        }
        cx.block(&mut asker);
        let load = Load::Values(vec![UserRecord::key(claims.user)]);
        cx.load(load, IdentityLoad::Resume(Box::new(Resuming { asker, claims, record: None })));
    }

    /// The journal has said whether it keeps the user, or which idempotency keys it keeps of them.
    pub fn resume_loaded(&mut self, resuming: Resuming, loaded: Loaded, cx: &mut Context<'_, '_>) {
        let Resuming { asker, claims, record } = resuming;
        let Loaded::Values(values) = loaded else { return cx.refuse(asker, &refusals::unavailable()) };
        if !self.clients.contains_key(&asker.client()) {
            return cx.refuse(asker, &refusals::unavailable()); // nobody hears it
        }
        if self.is_known(claims.user) {
            return self.come_back(asker, &claims, cx);
        }
        match record {
            None => {
                let value = values.into_iter().next();
                let record = value.and_then(|(_, value)| Some((UserRecord::read(&value)?, value)));
                if record.is_some() {
                    let load = Load::Scan { prefix: Dedup::prefix(claims.user), limit: Dedup::SCANNED };
                    return cx.load(load, IdentityLoad::Resume(Box::new(Resuming { asker, claims, record })));
                }
                // A guest who was forgotten: the token says all there is to know. But the record of a user who signed out
                // is kept for the retention: an older token may be one of those that are void.
                if claims.issued_at + cx.settings.user_retention <= cx.now() {
                    return cx.refuse(asker, &void());
                }
                let user = User { sign_outs: claims.sign_outs, ..User::new(claims.user, claims.name.clone()) };
                self.return_as(asker, &claims, user, cx);
            }
            Some((record, value)) => {
                let dedup = Dedup::restore(values.iter().map(|(_, value)| value.as_ref()));
                let (kept_until, kept, sign_outs) = (Some(record.until), Some(value), record.sign_outs);
                let user = User { kept_until, kept, sign_outs, dedup, ..User::new(claims.user, record.name) };
                self.return_as(asker, &claims, user, cx);
            }
        }
    }

    /// A user who is not in memory comes back.
    fn return_as(&mut self, asker: Asker, claims: &Claims, user: User, cx: &mut Context<'_, '_>) {
        if user.sign_outs != claims.sign_outs {
            return cx.refuse(asker, &void());
        }
        self.leave_guest(asker.client(), cx); // its name may be the very one that comes back
        self.people.add_back(user);
        self.attach(asker, claims, cx);
        self.take_lease(claims.user, cx);
    }

    /// A user who is in memory comes back, or has one session more.
    fn come_back(&mut self, asker: Asker, claims: &Claims, cx: &mut Context<'_, '_>) {
        if self.people.get(claims.user).is_none_or(|user| user.sign_outs != claims.sign_outs) {
            return cx.refuse(asker, &void());
        }
        self.leave_guest(asker.client(), cx);
        self.attach(asker, claims, cx);
    }

    /// Returns whether a user is in memory, with what the journal keeps of them.
    fn is_known(&self, user: Uuid) -> bool {
        self.people.get(user).is_some_and(|user| user.is_read)
    }

    fn attach(&mut self, mut asker: Asker, claims: &Claims, cx: &mut Context<'_, '_>) {
        let client = asker.client();
        if let Some(client) = self.clients.get_mut(&client) {
            (client.user, client.since) = (claims.user, cx.now());
        }
        self.people.attach(claims.user, client, cx.now());
        if self.people.get(claims.user).is_some_and(|user| user.kept_until.is_some()) {
            self.keep(claims.user, cx);
        }
        if cx.is_shared() {
            cx.block(&mut asker);
            cx.announcements.touch(client);
            return cx.announcements.then(AfterAnnounced::Identified(asker, claims.user));
        }
        self.identify(asker, claims.user, cx);
    }
}

pub(super) fn foreign() -> Refused {
    refusals::forbidden("that token is not one of this server's").about("token")
}

fn void() -> Refused {
    refusals::forbidden("that token is not valid any more").about("token")
}
