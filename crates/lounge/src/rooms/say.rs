//! `say`, `count` and `typing`.

use super::command::{Command, What};
use super::id::RoomId;
use super::index::Rooms;
use super::name::RoomName;
use crate::context::Context;
use crate::identity::dedup::Digest;
use crate::identity::directory::Identity;
use crate::identity::keys::{Before, answer_again};
use crate::nodes::signal::Signal;
use crate::person::Person;
use crate::protocol::client::{DedupKey, Saying};
use crate::protocol::error::Refused;
use crate::protocol::record::Record;
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::settings::LoungeSettings;
use crate::waiters::Asker;
use parlor_core::ClientId;

impl Rooms {
    /// Says something in a room.
    pub fn say(
        &mut self,
        asker: Asker,
        room: &RoomName,
        said: &Saying,
        key: Option<&DedupKey>,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let key = key.and_then(|key| {
            let user = identity.user_of(asker.client())?;
            Some((user.person.id, Digest::of_say(room, key)))
        });
        let asker = match key {
            None => asker,
            Some((user, digest)) => match identity.before(asker, user, digest, cx) {
                Before::New(asker) => asker,
                Before::Answered(asker, answer) => return answer_again(asker, answer, cx),
                Before::UnderWay => return,
            },
        };
        match self.prepare_say(asker.client(), room, said, identity, cx) {
            Ok((room, by, record, said)) => {
                let mut asker = asker;
                if let Some(key) = key {
                    cx.waiters.claim(&mut asker, key);
                }
                let what = What::Say { record, said, key: key.map(|(_, digest)| digest) };
                self.command(room, Command { asker, by, what }, identity, cx);
            }
            Err(refused) => cx.refuse(asker, &refused),
        }
    }

    fn prepare_say(
        &self,
        client: ClientId,
        room: &RoomName,
        said: &Saying,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) -> Result<(RoomId, Person, Record, replies::Said), Refused> {
        let room = self.joined_by(client, room, identity).ok_or_else(refusals::not_in_room)?;
        let Saying { body, mentions } = said;
        check_body(body, cx.settings)?;
        let by = identity.may_last(client, cx)?.ok_or_else(refusals::not_in_room)?.person.clone();
        let (id, at) = (cx.hub.uuid_by_time(), cx.now().into());
        let record = Record::new(&events::Message { id, at, from: &by, body, mentions })?;
        Ok((room, by, record, replies::Said { id, seq: 0, at }))
    }

    /// Counts a counter up or down.
    pub fn count(&mut self, asker: Asker, room: &RoomName, by: i8, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let client = asker.client();
        match self.joined_by(client, room, identity).zip(identity.person_of(client)) {
            Some((room, person)) => {
                self.command(room, Command { asker, by: person, what: What::Count { by } }, identity, cx);
            }
            None => cx.refuse(asker, &refusals::not_in_room()),
        }
    }

    /// Tells the others in a room that somebody is writing, or has stopped.
    pub fn typing(&self, asker: Asker, room: &RoomName, on: bool, identity: &Identity, cx: &mut Context<'_, '_>) {
        let client = asker.client();
        match self.joined_by(client, room, identity).zip(identity.user_of(client)) {
            Some((id, user)) => {
                let user = &user.person;
                self.show_typing(room, user, on, Some(client), cx);
                if self.get(id).and_then(|room| room.live.as_ref()).is_some_and(|live| live.presence.has_others()) {
                    cx.announcements.signal(&Signal::Typing { room: room.as_str().to_owned(), user: user.clone(), on });
                }
                cx.ok(asker, &replies::Done {});
            }
            None => cx.refuse(asker, &refusals::not_in_room()),
        }
    }

    /// Shows the clients in a room, but for one, that somebody is writing, or has stopped.
    pub fn show_typing(
        &self,
        room: &RoomName,
        user: &Person,
        on: bool,
        except: Option<ClientId>,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(id) = self.id(room) else { return };
        let room = room.as_str();
        let frame = if on {
            server::event(&events::Typing { room, user })
        } else {
            server::event(&events::TypingEnded { room, user })
        };
        cx.hub.broadcast_to(vec![id.group()], Vec::new(), except, frame);
    }

    /// Returns the room of that name, if the client is in it.
    pub(super) fn joined_by(&self, client: ClientId, room: &RoomName, identity: &Identity) -> Option<RoomId> {
        self.id(room).filter(|room| identity.is_in(client, *room))
    }
}

/// Checks the length of a message.
///
/// # Errors
/// If it is too long.
pub fn check_body(body: &str, settings: &LoungeSettings) -> Result<(), Refused> {
    let chars_max = settings.body_chars;
    if body.len() > chars_max && body.chars().count() > chars_max {
        return Err(refusals::body_too_long(chars_max));
    }
    Ok(())
}
