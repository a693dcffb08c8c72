//! `say`.

use crate::Lounge;
use crate::identity::dedup::Digest;
use crate::identity::retention::Before;
use crate::protocol::client::DedupKey;
use crate::protocol::error::Refused;
use crate::protocol::record::Record;
use crate::protocol::server::{events, replies::Said};
use crate::refusals;
use crate::rooms::name::RoomName;
use crate::rooms::room::RoomId;
use crate::rooms::writer::{Command, What};
use crate::waiters::Asker;
use parlor_core::Hub;

impl Lounge {
    pub(crate) fn say(&mut self, asker: Asker, room: &RoomName, body: &str, key: Option<&DedupKey>, hub: &mut Hub<'_>) {
        let key = key.map(|key| Digest::of_say(room, key));
        if let (Some(key), Some(user)) = (key, self.user_of(asker.client).map(|user| user.person.id)) {
            match self.asked_before(&asker, user, key, hub) {
                Some(Before::Answered(answer)) => return self.ok_again(&asker, answer, hub),
                Some(Before::UnderWay) => return,
                None => {}
            }
        }
        match self.prepare_say(&asker, room, body, key, hub) {
            Ok((room, command)) => self.command(room, command, hub),
            Err(refused) => self.refuse(&asker, &refused, hub),
        }
    }

    fn prepare_say(
        &mut self,
        asker: &Asker,
        room: &RoomName,
        body: &str,
        key: Option<Digest>,
        hub: &mut Hub<'_>,
    ) -> Result<(RoomId, Command), Refused> {
        let room = self.room_of(asker.client, room).ok_or_else(refusals::not_in_room)?;
        self.check_body(body)?;
        self.may_last(asker.client, hub)?;
        let user = self.user_of(asker.client).ok_or_else(refusals::not_in_room)?;
        let by = user.person.clone();
        let (id, at) = (hub.uuid_by_time(), hub.now().into());
        let record = Record::new(&events::Message { id, at, from: &by, body })?;
        if let (Some(key), Some(user)) = (key, self.people.get_mut(by.id)) {
            user.dedup.begin(key);
        }
        let what = What::Say { record, said: Said { id, seq: 0, at }, key };
        Ok((room, Command { asker: Some(asker.clone()), by, hold: Some(hub.hold()), what }))
    }

    pub(crate) fn check_body(&self, body: &str) -> Result<(), Refused> {
        let chars_max = self.settings.body_chars;
        if body.len() > chars_max && body.chars().count() > chars_max {
            return Err(refusals::bad_request(format!("\"body\" must have at most {chars_max} characters")));
        }
        Ok(())
    }
}
