//! `rooms` and `users`: pages of what there is.

use uuid::Uuid;

use crate::Lounge;
use crate::identity::people::User;
use crate::protocol::error::Refused;
use crate::protocol::server::{List, replies};
use crate::refusals;
use crate::rooms::name::RoomName;
use crate::waiters::Asker;
use parlor_core::Hub;

impl Lounge {
    /// By name. The cursor is the last name of a page.
    pub(crate) fn list_rooms(&mut self, asker: &Asker, after: Option<&str>, hub: &mut Hub<'_>) {
        let after = match after.map(RoomName::parse).transpose() {
            Ok(after) => after,
            Err(_) => return self.refuse(asker, &bad_cursor(), hub),
        };
        let mut rooms = List::new();
        let (mut last, mut next) = (None, None);
        self.rooms.each_after(after.as_ref(), |room| {
            if !room.is_unlisted
                && let Some(entry) = room.entry()
            {
                if !rooms.try_push(&entry) {
                    next = last.take();
                    return false;
                }
                last = Some(room.name.clone());
            }
            true
        });
        let next = next.as_ref().map(RoomName::as_str);
        self.ok_frame(asker, |re| replies::Rooms { rooms: &rooms, next }.frame(re), hub);
    }

    /// By id: those who came first stand first. The cursor is the last id of a page.
    pub(crate) fn list_users(&self, asker: &Asker, room: Option<&RoomName>, after: Option<&str>, hub: &mut Hub<'_>) {
        let after = match after.map(Uuid::try_parse).transpose() {
            Ok(after) => after,
            Err(_) => return self.refuse(asker, &bad_cursor(), hub),
        };
        match room {
            None => self.answer_users(asker, self.people.online_after(after), self.people.online(), hub),
            Some(room) => match self.rooms.by_name(room) {
                Some(room) if room.is_closed() && self.room_of(asker.client, &room.name).is_none() => {
                    self.refuse(asker, &refusals::not_in_room(), hub);
                }
                Some(room) => {
                    let users = room.live.iter().flat_map(|live| live.presence.users_after(after));
                    self.answer_users(asker, users.filter_map(|user| self.people.get(user)), room.online(), hub);
                }
                None => self.refuse(asker, &refusals::no_such_room(), hub),
            },
        }
    }

    fn answer_users<'a>(&self, asker: &Asker, users: impl Iterator<Item = &'a User>, count: usize, hub: &mut Hub<'_>) {
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
        let next = next.map(|id| id.to_string());
        self.ok_frame(asker, |re| replies::Users { users: &list, count, next: next.as_deref() }.frame(re), hub);
    }
}

fn bad_cursor() -> Refused {
    refusals::bad_request("\"after\" must be the \"next\" of the page before")
}
