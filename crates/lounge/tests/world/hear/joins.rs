//! Answers to `join`: nothing is lost or doubled between what was missed and what is live.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Ears;
use super::events::text;
use crate::client::{Asked, View};
use crate::fault::{Checked, hold};
use crate::model::talk::Place;

impl Ears<'_> {
    pub(super) fn joined(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let room = text(&frame["room"]);
        if let Some(wanted) = asked.text("room") {
            hold!("answers-fit", wanted == room, "asked for {wanted}: {frame}");
        }
        let events: Vec<&Value> = frame["events"].as_array().into_iter().flatten().collect();
        let (seq, epoch) = (frame["seq"].as_u64().unwrap_or_default(), text(&frame["epoch"]));
        let first = (seq + 1).saturating_sub(events.len() as u64);
        for (event, number) in events.iter().zip(first..) {
            hold!("logs-have-no-gaps", event["seq"] == number, "number {number} is {event}: {frame}");
        }
        let is_recovered = frame["recovered"] == true;
        let since = &asked.request["since"];
        if is_recovered {
            let is_complete = since["epoch"] == frame["epoch"]
                && since["seq"].as_u64().is_some_and(|seq| seq.saturating_add(1) == first);
            hold!("recovered-is-complete", is_complete, "since {since}, and recovered from {first}: {frame}");
        }
        if room == "@inbox" {
            return self.joined_inbox(asked, frame, &events, is_recovered);
        }
        self.model.rooms.epoch(&room, &epoch, self.scene)?;
        for event in &events {
            self.model.rooms.event(&room, &epoch, event, self.scene)?;
            if event["type"] == "message" {
                self.model.talk.check_message(&Place::Room(room.clone()), event)?;
            }
        }
        self.model.rooms.used(&room, &epoch, self.scene);
        if !is_recovered {
            self.model.rooms.check_not_recovered(asked, &room, frame, self.scene)?;
            let limit = asked.request["limit"].as_u64().unwrap_or_else(|| self.scene.settings.get("page_events"));
            let is_new_seat = frame["game"].get("seat").is_some() && asked.may_fail;
            // Records that are not shown yet have taken the place of those that are.
            let is_ahead = asked.is_slow && self.scene.settings.get("retain") < 100;
            if !is_new_seat && !is_ahead {
                let log = self.model.rooms.log(&room, &epoch);
                self.model.rooms.check_page(events.len() as u64, seq, limit, log, self.scene)?;
            }
        }
        if let Some(log) = self.model.rooms.log(&room, &epoch).filter(|log| log.folded == seq) {
            hold!("answers-fit", log.kind == text(&frame["kind"]), "it is a {}: {frame}", log.kind);
            if log.kind == "connect4" {
                log.referee.check_view(&frame["game"])?;
            }
        }
        self.enter(&room, seq, &epoch, frame)
    }

    fn enter(&mut self, room: &str, seq: u64, epoch: &str, frame: &Value) -> Checked {
        let presence_room = self.scene.settings.count("presence_room");
        let Some(link) = &mut self.client.link else { return Ok(()) };
        if let Some(view) = link.views.get(room) {
            hold!(
                "logs-have-no-gaps",
                view.last == seq && view.epoch == epoch,
                "live to {}, joined at {frame}",
                view.last
            );
        }
        let members: BTreeSet<String> =
            frame["members"].as_array().into_iter().flatten().map(|member| text(&member["id"])).collect();
        let online = frame["online"].as_u64().unwrap_or_default();
        let me = link.user.clone().unwrap_or_default();
        hold!("presence-converges", members.contains(&me), "{me} is not among the members: {frame}");
        let expected = online.min(presence_room.max(1) as u64);
        hold!("presence-converges", members.len() as u64 == expected, "{online} are on: {frame}");
        let seat = frame["game"]["you"].as_str().map(str::to_owned);
        if let Some(secret) = frame["game"]["seat"].as_str() {
            self.client.seats.insert(room.to_owned(), secret.to_owned());
            self.model.quotas.keeps(&me, self.scene);
        }
        self.client.known.insert(room.to_owned(), (epoch.to_owned(), seq));
        self.client.wants.insert(room.to_owned());
        link.views.insert(room.to_owned(), View { epoch: epoch.to_owned(), last: seq, members, online, seat });
        Ok(())
    }

    fn joined_inbox(&mut self, asked: &Asked, frame: &Value, events: &[&Value], is_recovered: bool) -> Checked {
        let Some(link) = &mut self.client.link else { return Ok(()) };
        let Some(user) = link.user.clone() else { return Ok(()) };
        let (seq, epoch) = (frame["seq"].as_u64().unwrap_or_default(), text(&frame["epoch"]));
        let may_begin = self.model.inboxes.may_begin_anew(&user, self.scene);
        let is_level = link.private.is_none_or(|last| last == seq) || may_begin;
        hold!("inboxes-have-no-gaps", is_level, "live to {:?}, joined at {frame}", link.private);
        link.private = Some(seq);
        self.client.known.insert("@inbox".to_owned(), (epoch.clone(), seq));
        self.client.wants.insert("@inbox".to_owned());
        self.model.inboxes.epoch(&user, &epoch, self.scene)?;
        for event in events {
            self.model.inboxes.event(&user, event, self.scene)?;
            self.model.talk.check_message(&Place::Private, event)?;
        }
        if !is_recovered {
            self.model.rooms.check_not_recovered(asked, "@inbox", frame, self.scene)?;
        }
        Ok(())
    }
}
