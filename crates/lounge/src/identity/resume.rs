//! `resume`: an earlier identity comes back.

use super::continuation::{IdentityLoad, Resuming};
use super::dedup::Dedup;
use super::directory::Identity;
use super::record::UserRecord;
use super::token::Claims;
use crate::context::Context;
use crate::refusals;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::journal::{Load, Loaded};

impl Identity {
    /// Only before anything else that matters: what a guest has done stays the guest's, and nobody is two people at once.
    pub fn resume(&mut self, mut asker: Asker, token: &Secret, cx: &mut Context<'_, '_>) {
        let Ok(claims) = cx.settings.signer.verify(token) else {
            return cx.refuse(asker, &refusals::forbidden("that token is not one of this server's"));
        };
        let client = asker.client();
        let Some(user) = self.user_of(client) else { return cx.refuse(asker, &refusals::no_such_user()) };
        if user.person.id == claims.user {
            return self.identify(asker, claims.user, cx);
        }
        let is_in_a_room = self.clients.get(&client).is_some_and(|client| !client.rooms.is_empty());
        if user.is_lasting() || is_in_a_room {
            let words = "\"type\" resume must come first: this session has begun as somebody else";
            return cx.refuse(asker, &refusals::bad_request(words));
        }
        if self.people.get(claims.user).is_some() {
            self.leave_guest(client, cx);
            return self.come_back(asker, &claims, cx);
        }
        cx.block(&mut asker);
        let load = Load::Values(vec![UserRecord::key(claims.user)]);
        cx.load(load, IdentityLoad::Resume(Box::new(Resuming { asker, claims, record: None })));
    }

    /// The journal has said whether it keeps the user, or which idempotency keys it keeps of them.
    pub fn resume_loaded(&mut self, resuming: Resuming, loaded: Loaded, cx: &mut Context<'_, '_>) {
        let Resuming { asker, claims, record } = resuming;
        let client = asker.client();
        let Loaded::Values(values) = loaded else { return cx.refuse(asker, &refusals::unavailable()) };
        if !self.clients.contains_key(&client) {
            return cx.refuse(asker, &refusals::unavailable()); // nobody hears it
        }
        let user = claims.user;
        let is_here_by_now = self.people.get(user).is_some();
        match record {
            None if !is_here_by_now => {
                let record = values.first().and_then(|(_, value)| UserRecord::read(value));
                if record.is_some() {
                    let load = Load::Scan { prefix: Dedup::prefix(user), limit: Dedup::KEYS as usize };
                    return cx.load(load, IdentityLoad::Resume(Box::new(Resuming { asker, claims, record })));
                }
                self.leave_guest(client, cx);
                // A guest who was forgotten: the token says all there is to know.
                self.people.add_back(user, claims.name.clone(), None, Dedup::default());
            }
            Some(record) if !is_here_by_now => {
                self.leave_guest(client, cx);
                let dedup = Dedup::restore(values.iter().map(|(_, value)| value.as_ref()));
                self.people.add_back(user, record.name, Some(record.until), dedup);
            }
            Some(_) | None => self.leave_guest(client, cx),
        }
        self.come_back(asker, &claims, cx);
    }

    fn come_back(&mut self, asker: Asker, claims: &Claims, cx: &mut Context<'_, '_>) {
        let client = asker.client();
        if let Some(client) = self.clients.get_mut(&client) {
            client.user = claims.user;
        }
        self.people.attach(claims.user, client, cx.now());
        if self.people.get(claims.user).is_some_and(|user| user.kept_until.is_some()) {
            self.keep_now(claims.user, cx);
        }
        self.identify(asker, claims.user, cx);
    }
}
