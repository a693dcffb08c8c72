//! `rooms`, and `users` of a room: pages of what there is.

use uuid::Uuid;

use super::index::Rooms;
use super::name::RoomName;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::identity::list::answer_users;
use crate::protocol::server::{List, replies};
use crate::refusals;
use crate::waiters::Asker;

impl Rooms {
    /// Answers with a page of the listed rooms, by name. The cursor is the last name of a page.
    /// `identity` is given if how games stand is wanted too.
    pub fn list(&mut self, asker: Asker, after: Option<&str>, identity: Option<&Identity>, cx: &mut Context<'_, '_>) {
        let Ok(after) = after.map(RoomName::parse).transpose() else {
            return cx.refuse(asker, &refusals::bad_cursor());
        };
        let mut rooms = List::new();
        let (mut last, mut next) = (None, None);
        self.each_listed_after(after.as_ref(), |room| {
            let with_game = identity.and_then(|identity| room.entry_with_game(identity));
            let fits = match with_game {
                Some(entry) => Some(rooms.try_push(&entry)),
                None => room.entry().map(|entry| rooms.try_push(&entry)),
            };
            match fits {
                Some(true) => last = Some(room.name.clone()),
                Some(false) => next = last.take(),
                None => {}
            }
            fits != Some(false)
        });
        let next = next.as_ref().map(RoomName::as_str);
        cx.ok_frame(asker, |re| replies::Rooms { rooms: &rooms, next }.frame(re));
    }

    /// Answers with a page of the users in a room.
    pub fn list_users(
        &self,
        asker: Asker,
        room: &RoomName,
        after: Option<&str>,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Ok(after) = after.map(Uuid::try_parse).transpose() else {
            return cx.refuse(asker, &refusals::bad_cursor());
        };
        match self.by_name(room) {
            Some(room) if room.is_unlisted && !identity.is_in(asker.client(), room.id) => {
                cx.refuse(asker, &refusals::not_in_room());
            }
            Some(room) => {
                let users = room.live.iter().flat_map(|live| live.presence.users_after(after));
                answer_users(asker, users.filter_map(|user| identity.user(user)), room.online(), cx);
            }
            None => cx.refuse(asker, &refusals::no_such_room()),
        }
    }
}
