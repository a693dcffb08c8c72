//! Events: of rooms, of the inbox, of the clock.

use serde_json::Value;

use super::Ears;
use crate::fault::{Checked, hold};
use crate::model::talk::Place;

impl Ears<'_> {
    pub(super) fn event(&mut self, frame: &Value) -> Checked {
        match frame["type"].as_str().unwrap_or_default() {
            "welcome" => self.welcome(frame),
            "private" => self.private(frame),
            "private_typing" => self.private_typing(frame),
            "renamed" => {
                self.renamed(frame);
                Ok(())
            }
            "tick" => self.tick(frame),
            "closing" => Ok(()),
            _ => self.room_event(frame),
        }
    }

    fn welcome(&mut self, frame: &Value) -> Checked {
        let Some(link) = &mut self.client.link else { return Ok(()) };
        hold!("frames-as-documented", link.user.is_none(), "welcomed twice: {frame}");
        let user = text(&frame["user"]["id"]);
        link.name = text(&frame["user"]["name"]);
        self.model.names.seen(&link.name, &user, self.scene);
        self.model.tokens.given(&text(&frame["token"]), &user, link.number, self.scene);
        link.user = Some(user);
        if self.client.token.is_none() {
            self.client.token = Some(text(&frame["token"]));
        }
        Ok(())
    }

    fn private(&mut self, frame: &Value) -> Checked {
        let Some(link) = &mut self.client.link else { return Ok(()) };
        let Some(user) = link.user.clone() else { return Ok(()) };
        let seq = frame["seq"].as_u64().unwrap_or_default();
        let may_begin = seq == 1 && self.model.inboxes.may_begin_anew(&user, self.scene);
        let is_next = link.private.is_none_or(|last| last + 1 == seq) || may_begin;
        hold!("inboxes-have-no-gaps", is_next, "after {:?} came {frame}", link.private);
        link.private = Some(seq);
        self.model.inboxes.event(&user, frame, self.scene)?;
        self.model.talk.check_message(&Place::Private, frame)
    }

    fn private_typing(&mut self, frame: &Value) -> Checked {
        let user = self.client.link.as_ref().and_then(|link| link.user.clone()).unwrap_or_default();
        let is_theirs = self.model.inboxes.typed.iter().any(|(_, to)| *to == user);
        hold!("private-is-private", is_theirs, "nobody was writing to {user}: {frame}");
        Ok(())
    }

    fn renamed(&mut self, frame: &Value) {
        let (user, name) = (text(&frame["user"]["id"]), text(&frame["user"]["name"]));
        for name in [&name, &text(&frame["was"])] {
            self.model.names.seen(name, &user, self.scene);
        }
        if let Some(link) = self.client.link.as_mut().filter(|link| link.user.as_ref() == Some(&user)) {
            link.name = name;
        }
    }

    fn tick(&mut self, frame: &Value) -> Checked {
        let Some(link) = &mut self.client.link else { return Ok(()) };
        let Some(watch) = &mut link.watch else {
            hold!(
                "deadlines-come",
                link.asked.iter().any(|asked| asked.kind() == "watch_time"),
                "not watched: {frame}"
            );
            return Ok(());
        };
        watch.ticks += 1;
        let n = frame["n"].as_u64().unwrap_or_default();
        if watch.is_random {
            hold!("deadlines-come", n == watch.last_n + 1, "after tick {} came {frame}", watch.last_n);
        } else {
            hold!("deadlines-come", frame["every_ms"] == watch.every_ms, "another interval: {frame}");
        }
        watch.last_n = n;
        Ok(())
    }

    fn room_event(&mut self, frame: &Value) -> Checked {
        let Some(link) = &mut self.client.link else { return Ok(()) };
        let room = text(&frame["room"]);
        let user = link.user.clone().unwrap_or_default();
        let Some(view) = link.views.get_mut(&room) else {
            hold!("only-members-hear", false, "{frame} to somebody who is not in there");
            return Ok(());
        };
        if let Some(seq) = frame["seq"].as_u64() {
            hold!("logs-have-no-gaps", seq == view.last + 1, "after {} came {frame}", view.last);
            view.last = seq;
            let epoch = view.epoch.clone();
            self.client.known.insert(room.clone(), (epoch.clone(), seq));
            self.model.rooms.event(&room, &epoch, frame, self.scene)?;
            if frame["type"] == "message" {
                self.model.talk.check_message(&Place::Room(room), frame)?;
            }
            return Ok(());
        }
        let about = text(&frame["user"]["id"]);
        let is_told_each = self.scene.settings.get("presence_room") >= 32;
        match frame["type"].as_str().unwrap_or_default() {
            "joined" => {
                let is_new = view.members.insert(about.clone());
                hold!("presence-converges", is_new || !is_told_each, "joined twice: {frame}");
                hold!("presence-converges", about != user, "told of oneself: {frame}");
            }
            "left" => {
                let was_there = view.members.remove(&about);
                hold!("presence-converges", was_there || !is_told_each, "left, and was not there: {frame}");
                hold!("presence-converges", about != user, "told of oneself: {frame}");
            }
            "typing" | "typing_ended" | "away" | "back" => return Ok(()),
            "crowd" => hold!("presence-converges", !is_told_each, "a crowd of few: {frame}"),
            _ => return Ok(()),
        }
        view.online = frame["online"].as_u64().unwrap_or_default();
        let is_right = !is_told_each || view.online == view.members.len() as u64;
        hold!("presence-converges", is_right, "there are {:?}, and {frame}", view.members);
        Ok(())
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
