//! The `welcome`, and `users`: the lists of who is online.

use uuid::Uuid;

use super::directory::Identity;
use super::user::User;
use crate::context::Context;
use crate::protocol::server::{self, List, replies, welcome};
use crate::refusals;
use crate::waiters::Asker;
use parlor_core::ClientId;

impl Identity {
    /// Sends a client its first frame.
    pub(super) fn welcome(&self, client: ClientId, cx: &mut Context<'_, '_>) {
        let Some(user) = self.user_of(client) else { return };
        let settings = cx.settings;
        let kit = &settings.kit;
        let welcome = welcome::Welcome {
            protocol: welcome::PROTOCOL,
            session: cx.hub.uuid(),
            user: &user.person,
            token: &settings.signer.sign(user.person.id, &user.name, user.sign_outs, cx.now()),
            server_time: cx.now().into(),
            limits: &welcome::ClientLimits {
                frame_bytes: kit.frame_bytes,
                body_chars: settings.body_chars,
                presence_room: settings.presence_room,
                recover_events: settings.recover_events,
                rooms: settings.rooms_per_client,
                rate_per_second: kit.rate.map(|rate| rate.per_second),
                rate_burst: kit.rate.map(|rate| rate.burst),
            },
            heartbeat_ms: u64::try_from(kit.heartbeat.as_millis()).unwrap_or(u64::MAX),
        };
        cx.hub.send(client, server::event(&welcome));
    }

    /// Answers with a page of all users who are online.
    pub fn list_users(&self, asker: Asker, after: Option<&str>, cx: &mut Context<'_, '_>) {
        match after.map(Uuid::try_parse).transpose() {
            Ok(after) => answer_users(asker, self.people.online_after(after), self.people.online(), cx),
            Err(_) => cx.refuse(asker, &refusals::bad_cursor()),
        }
    }
}

/// Answers with a page of users, by id: those who came first stand first. The cursor is the last id of a page.
pub fn answer_users<'a>(asker: Asker, users: impl Iterator<Item = &'a User>, count: usize, cx: &mut Context<'_, '_>) {
    let mut list = List::new();
    let (mut last, mut next) = (None, None);
    for user in users {
        let online_since = user.online_since.into();
        if !list.try_push(&replies::UserEntry { id: user.person.id, name: &user.person.name, online_since }) {
            next = last;
            break;
        }
        last = Some(user.person.id);
    }
    let next = next.map(|id: Uuid| id.to_string());
    cx.ok_frame(asker, |re| replies::Users { users: &list, count, next: next.as_deref() }.frame(re));
}
