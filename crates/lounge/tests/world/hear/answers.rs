//! Answers `ok`: what they promise is noted, and what they say is checked.

use serde_json::Value;

use super::Ears;
use super::events::text;
use crate::client::{Asked, Watch};
use crate::fault::{Checked, hold};
use crate::model::talk::Place;

/// The intervals at which time can be watched.
const INTERVALS: [u64; 10] = [100, 200, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

impl Ears<'_> {
    pub(super) fn done(&mut self, asked: &Asked, frame: &Value) -> Checked {
        match asked.kind() {
            "resume" => self.resumed(asked, frame),
            "rename" => self.identified(asked, frame),
            "sign_out" => self.signed_out(asked, frame),
            "transfer" => self.transferred(asked, frame),
            "join" => self.joined(asked, frame),
            "leave" => self.left(asked, frame),
            "say" => self.said(asked, frame),
            "tell" => self.told(asked, frame),
            "history" => self.history(asked, frame),
            "rooms" => self.rooms(frame),
            "create" => self.created(asked, frame),
            "play" | "resign" | "rematch" | "count" => self.changed(asked, frame),
            "watch_time" => self.watching(asked, frame),
            "unwatch_time" => {
                self.client.link.iter_mut().for_each(|link| link.watch = None);
                Ok(())
            }
            "echo" => {
                hold!("answers-fit", frame["body"] == asked.request["body"], "{} came back as {frame}", asked.request);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn resumed(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let user = text(&frame["user"]["id"]);
        if let Some(link) = &mut self.client.link {
            if link.user.as_ref() != Some(&user) {
                hold!("answers-fit", link.views.is_empty(), "another user in the middle of a session: {frame}");
                link.private = None; // it is another inbox
            }
            link.user = Some(user.clone());
        }
        let shown = self.model.tokens.show_was(&asked.request);
        self.model.tokens.opened(&shown, &user, self.scene)?;
        self.identified(asked, frame)
    }

    /// A user has a name, and a token for it.
    fn identified(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let (user, name, token) = (text(&frame["user"]["id"]), text(&frame["user"]["name"]), text(&frame["token"]));
        let number = self.client.link.as_ref().map_or(0, |link| link.number);
        self.model.tokens.given(&token, &user, number, self.scene);
        self.model.names.seen(&name, &user, self.scene);
        if let Some(link) = &mut self.client.link {
            hold!("answers-fit", link.user.as_ref() == Some(&user), "another user: {frame}");
            link.name = name;
        }
        if asked.kind() != "resume" {
            self.model.quotas.keeps(&user, self.scene);
        }
        self.client.token = Some(token);
        Ok(())
    }

    fn signed_out(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let number = self.client.link.as_ref().map_or(0, |link| link.number);
        let (user, token) = (text(&frame["user"]["id"]), text(&frame["token"]));
        self.model.tokens.signed_out(&user, &token, number, self.scene);
        self.identified(asked, frame)
    }

    fn transferred(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let Some(link) = &self.client.link else { return Ok(()) };
        let (Some(user), number, token) = (link.user.clone(), link.number, text(&frame["token"])) else {
            return Ok(());
        };
        self.model.tokens.transferred(&token, &user, asked.at, number, self.scene);
        self.client.transfer = Some(token);
        Ok(())
    }

    fn left(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let Some(link) = &mut self.client.link else { return Ok(()) };
        let room = asked.text("room").unwrap_or_default();
        let view = link.views.remove(room);
        hold!("answers-fit", view.is_some(), "left {room}, and was not in it: {frame}");
        self.client.wants.remove(room);
        Ok(())
    }

    fn said(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let Some(link) = &self.client.link else { return Ok(()) };
        let (Some(user), Some(room)) = (link.user.clone(), asked.text("room")) else { return Ok(()) };
        let is_first = self.model.keys.answered(&user, &asked.request, frame, self.scene)?;
        self.model.quotas.keeps(&user, self.scene);
        if let Some(view) = link.views.get(room).filter(|_| is_first && asked.text("key").is_none()) {
            let seq = frame["seq"].as_u64().unwrap_or_default();
            self.model.rooms.acknowledge(room, &view.epoch, seq, &frame["id"]);
        } else if let Some(view) = link.views.get(room) {
            // The first answer to the key may have been lost together with an earlier log.
            let seq = frame["seq"].as_u64().unwrap_or_default();
            let log = self.model.rooms.log(room, &view.epoch);
            if log.and_then(|log| log.events.get(&seq)).is_some_and(|event| event["id"] == frame["id"]) {
                self.model.rooms.acknowledge(room, &view.epoch, seq, &frame["id"]);
            }
        }
        Ok(())
    }

    fn told(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let Some(user) = self.client.link.as_ref().and_then(|link| link.user.clone()) else { return Ok(()) };
        let is_first = self.model.keys.answered(&user, &asked.request, frame, self.scene)?;
        self.model.quotas.keeps(&user, self.scene);
        if is_first && asked.text("key").is_none() {
            self.model.inboxes.acknowledge(&user, &asked.request, frame, self.scene);
        }
        Ok(())
    }

    fn history(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let Some(link) = &self.client.link else { return Ok(()) };
        let room = asked.text("room").unwrap_or_default().to_owned();
        let before = asked.request["before"].as_u64().unwrap_or(u64::MAX);
        let limit = asked.request["limit"].as_u64().unwrap_or_else(|| self.scene.settings.get("page_events"));
        let events: Vec<&Value> = frame["events"].as_array().into_iter().flatten().collect();
        let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap_or_default()).collect();
        let is_page =
            seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]) && seqs.last().is_none_or(|last| *last < before);
        hold!("pages-are-full", is_page && seqs.len() as u64 <= limit, "{} brought {frame}", asked.request);
        let (user, view) =
            (link.user.clone().unwrap_or_default(), link.views.get(&room).map(|view| view.epoch.clone()));
        for event in events {
            if room == "@inbox" {
                self.model.inboxes.event(&user, event, self.scene)?;
                self.model.talk.check_message(&Place::Private, event)?;
            } else if let Some(epoch) = &view {
                self.model.rooms.event(&room, epoch, event, self.scene)?;
            }
        }
        Ok(())
    }

    fn rooms(&mut self, frame: &Value) -> Checked {
        for entry in frame["rooms"].as_array().into_iter().flatten() {
            let room = text(&entry["room"]);
            hold!(
                "unlisted-is-not-listed",
                !self.model.rooms.is_unlisted(&room, self.scene),
                "{room} is unlisted: {frame}"
            );
        }
        Ok(())
    }

    fn created(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let room = text(&frame["room"]);
        let is_game = asked.text("kind") == Some("connect4");
        hold!("answers-fit", frame.get("seat").is_some() == is_game, "{} brought {frame}", asked.request);
        self.model.rooms.made(&room, asked.request["unlisted"] == true, self.scene);
        for (secret, of) in [("join", "join"), ("watch", "watch")] {
            if let Some(key) = frame[secret].as_str() {
                self.client.keys.insert(format!("{of} {room}"), key.to_owned());
            }
        }
        if let Some(seat) = frame["seat"].as_str() {
            self.client.seats.insert(room, seat.to_owned());
        }
        Ok(())
    }

    /// A counter was counted, or a move made.
    fn changed(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let Some(link) = &self.client.link else { return Ok(()) };
        let room = asked.text("room").unwrap_or_default();
        let seq = frame["seq"].as_u64().unwrap_or_default();
        let Some(view) = link.views.get(room) else { return Ok(()) };
        self.model.rooms.acknowledge(room, &view.epoch, seq, &Value::Null);
        let event = self.model.rooms.log(room, &view.epoch).and_then(|log| log.events.get(&seq));
        let Some(event) = event else { return Ok(()) };
        for field in ["value", "row", "column"] {
            let (told, seen) = (frame.get(field).or(asked.request.get(field)), event.get(field));
            hold!("answers-fit", told.is_none() || seen.is_none() || told == seen, "{frame} answers for {event}");
        }
        if asked.kind() == "play" {
            hold!(
                "seats-are-proved",
                view.seat.as_deref() == event["player"].as_str(),
                "{:?} played {event}",
                view.seat
            );
        }
        if asked.kind() == "count" {
            hold!(
                "authors-are-true",
                event["by"]["id"].as_str() == link.user.as_deref(),
                "somebody else counted {event}"
            );
        }
        Ok(())
    }

    fn watching(&mut self, asked: &Asked, frame: &Value) -> Checked {
        let wanted = asked.request["every_ms"].as_u64().unwrap_or(1000);
        let every_ms = INTERVALS.into_iter().find(|every| *every >= wanted).unwrap_or(60_000);
        hold!("answers-fit", frame["every_ms"] == every_ms, "{} brought {frame}", asked.request);
        let is_random = frame["mode"] == "random";
        hold!("answers-fit", is_random == (asked.text("mode") == Some("random")), "{} brought {frame}", asked.request);
        if let Some(link) = &mut self.client.link {
            link.watch = Some(Watch { every_ms, is_random, ticks: 0, last_n: 0 });
        }
        Ok(())
    }
}
