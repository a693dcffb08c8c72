//! `resume`: an earlier identity comes back.

use crate::Lounge;
use crate::identity::dedup::Dedup;
use crate::identity::retention::Kept;
use crate::identity::token::Identity;
use crate::pending::Pending;
use crate::refusals;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;
use parlor_core::journal::{Commit, Load, Loaded};

/// Somebody whom the journal is asked about.
pub struct Resuming {
    asker: Asker,
    identity: Identity,
    /// What it said first: the user is kept. Then it is asked for their dedup keys.
    kept: Option<Kept>,
}

impl Lounge {
    /// Only before anything else that matters: what a guest has done stays the guest's, and nobody is two people at once.
    pub(crate) fn resume(&mut self, asker: Asker, token: &Secret, hub: &mut Hub<'_>) {
        let Ok(identity) = self.settings.signer.verify(token) else {
            return self.refuse(&asker, &refusals::forbidden("that token is not one of this server's"), hub);
        };
        let Some(user) = self.user_of(asker.client) else { return };
        if user.person.id == identity.user {
            return self.identify(&asker, identity.user, hub);
        }
        let is_in_a_room = self.sessions.get(&asker.client).is_some_and(|session| !session.rooms.is_empty());
        if user.is_lasting() || is_in_a_room {
            let words = "\"type\" resume must come first: this session has begun as somebody else";
            return self.refuse(&asker, &refusals::bad_request(words), hub);
        }
        if self.people.get(identity.user).is_some() {
            self.leave_guest(asker.client, hub);
            return self.come_back(&asker, &identity, hub);
        }
        self.wait(asker.client);
        let ticket = hub.load(Load::Values(vec![Kept::key(identity.user)]));
        self.pending.insert(ticket, Pending::Resume(Box::new(Resuming { asker, identity, kept: None })));
    }

    pub(crate) fn resume_loaded(&mut self, mut resuming: Resuming, loaded: Loaded, hub: &mut Hub<'_>) {
        let client = resuming.asker.client;
        if !self.sessions.contains_key(&client) {
            return;
        }
        let Loaded::Values(values) = loaded else {
            self.refuse(&resuming.asker, &refusals::unavailable(), hub);
            return self.go_on(client, hub);
        };
        let user = resuming.identity.user;
        let is_here_by_now = self.people.get(user).is_some();
        match &resuming.kept {
            None if !is_here_by_now => {
                resuming.kept = values.first().and_then(|(_, value)| Kept::read(value));
                if resuming.kept.is_some() {
                    let prefix = Dedup::prefix(user);
                    let ticket = hub.load(Load::Scan { prefix, limit: Dedup::KEYS as usize });
                    self.pending.insert(ticket, Pending::Resume(Box::new(resuming)));
                    return;
                }
                self.leave_guest(client, hub);
                // A guest who was forgotten: the token says all there is to know.
                self.people.add_back(user, resuming.identity.name.clone(), None, Dedup::default());
            }
            Some(kept) if !is_here_by_now => {
                self.leave_guest(client, hub);
                let dedup = Dedup::restore(values.iter().map(|(_, value)| value.as_ref()));
                self.people.add_back(user, kept.name.clone(), Some(kept.until), dedup);
            }
            Some(_) | None => self.leave_guest(client, hub),
        }
        self.come_back(&resuming.asker, &resuming.identity, hub);
        self.go_on(client, hub);
    }

    /// The guest that a session began as vanishes, and its name is free: it may be the very one that is to come back.
    fn leave_guest(&mut self, client: ClientId, hub: &Hub<'_>) {
        let Some(guest) = self.sessions.get(&client).map(|session| session.user) else { return };
        self.people.detach(guest, client, hub.now());
        if self.people.get(guest).is_some_and(|guest| !guest.is_online()) {
            self.people.forget(guest);
            self.rest_inbox(guest);
        }
    }

    fn come_back(&mut self, asker: &Asker, identity: &Identity, hub: &mut Hub<'_>) {
        let client = asker.client;
        if let Some(session) = self.sessions.get_mut(&client) {
            session.user = identity.user;
        }
        self.people.attach(identity.user, client, hub.now());
        let mut puts = Vec::new();
        let is_kept = self.people.get(identity.user).is_some_and(|user| user.kept_until.is_some());
        if is_kept && let Some(keep) = self.keep(identity.user, hub.now(), &mut puts) {
            let ticket = hub.commit_detached(Commit { puts, ..Commit::default() });
            self.pending.insert(ticket, Pending::Keep(keep));
        }
        self.identify(asker, identity.user, hub);
    }
}
