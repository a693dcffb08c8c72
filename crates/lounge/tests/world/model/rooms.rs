//! Rooms are logs: one for everybody, per room and epoch.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::games::Referee;
use super::{SLACK_MS, Scene};
use crate::client::Asked;
use crate::fault::{Checked, hold};

/// Logs by room and epoch.
#[derive(Debug, Default)]
pub struct Rooms {
    logs: BTreeMap<(String, String), Log>,
    /// The newest epoch of each room.
    current: BTreeMap<String, String>,
    acknowledged: Vec<Acknowledged>,
    /// Rooms that are unlisted, and the running time at which they were made.
    unlisted: BTreeMap<String, u64>,
    /// Rooms that somebody wanted to be unlisted.
    pub may_be_unlisted: BTreeSet<String>,
    /// A seat's secret was used by a second connection.
    pub shared_seats: bool,
}

#[derive(Debug, Default)]
pub struct Log {
    pub events: BTreeMap<u64, Value>,
    bytes: usize,
    /// Events from 1 to here were seen, and are folded into what follows.
    pub folded: u64,
    pub referee: Referee,
    pub kind: String,
    value: i64,
    /// Running time at which somebody was last seen in it.
    used_at: u64,
    /// The newest event.
    pub head: u64,
}

/// A change that was answered `ok`.
#[derive(Debug)]
struct Acknowledged {
    room: String,
    epoch: String,
    seq: u64,
    /// The id of a message.
    id: Value,
}

impl Rooms {
    /// The same event for everyone who sees it, whenever.
    pub fn event(&mut self, room: &str, epoch: &str, event: &Value, scene: &Scene) -> Checked {
        let seq = event["seq"].as_u64().unwrap_or_default();
        let log = self.logs.entry((room.to_owned(), epoch.to_owned())).or_default();
        if !scene.is_late {
            log.used_at = scene.running;
        }
        if let Some(known) = log.events.get(&seq) {
            hold!("one-log-for-all", known == event, "{known} for one, {event} for another");
            return Ok(());
        }
        hold!("one-log-for-all", event["room"] == room, "an event of another room than {room}: {event}");
        log.bytes += event.to_string().len();
        log.head = log.head.max(seq);
        log.events.insert(seq, event.clone());
        while let Some(next) = log.events.get(&(log.folded + 1)) {
            log.folded += 1;
            match next["type"].as_str().unwrap_or_default() {
                "created" => log.kind = next["kind"].as_str().unwrap_or_default().to_owned(),
                "counted" => {
                    let value = next["value"].as_i64().unwrap_or_default();
                    hold!("counters-count", log.value.abs_diff(value) == 1, "{} became {next}", log.value);
                    log.value = value;
                }
                "message" => {}
                _ => log.referee.apply(next)?,
            }
        }
        Ok(())
    }

    pub fn log(&self, room: &str, epoch: &str) -> Option<&Log> {
        self.logs.get(&(room.to_owned(), epoch.to_owned()))
    }

    /// The log of a room as it is known to be now.
    pub fn newest(&self, room: &str) -> Option<&Log> {
        self.log(room, self.current.get(room)?)
    }

    /// Somebody is in the room, or was until now.
    pub fn used(&mut self, room: &str, epoch: &str, scene: &Scene) {
        if let Some(log) = self.logs.get_mut(&(room.to_owned(), epoch.to_owned())).filter(|_| !scene.is_late) {
            log.used_at = scene.running;
        }
    }

    /// A join says the epoch. Another one than before: the room was deleted meanwhile.
    pub fn epoch(&mut self, room: &str, epoch: &str, scene: &Scene) -> Checked {
        if let Some(before) = self.current.get(room).filter(|before| *before != epoch) {
            let may = self.may_be_gone(room, scene);
            hold!("acknowledged-stays", may, "the log of {room} was begun anew: {before} became {epoch}");
        }
        let before = self.current.insert(room.to_owned(), epoch.to_owned());
        let is_another = before.map_or_else(|| self.may_be_made_anew(room, scene), |before| before != epoch);
        if is_another {
            self.unlisted.remove(room);
        }
        self.logs.entry((room.to_owned(), epoch.to_owned())).or_default();
        Ok(())
    }

    /// A room was made.
    pub fn made(&mut self, room: &str, is_unlisted: bool, scene: &Scene) {
        if is_unlisted {
            self.unlisted.insert(room.to_owned(), scene.running);
        } else {
            self.unlisted.remove(room);
        }
    }

    /// Returns whether a room is unlisted for sure: it may have been deleted, and made again by somebody who reads nothing.
    pub fn is_unlisted(&self, room: &str, scene: &Scene) -> bool {
        let may_be_another = match self.newest(room) {
            Some(_) => self.may_be_gone(room, scene),
            None => self.may_be_made_anew(room, scene),
        };
        self.unlisted.contains_key(room) && !may_be_another
    }

    /// Returns whether an unlisted room, in which nobody was seen yet, may have been deleted since it was made.
    fn may_be_made_anew(&self, room: &str, scene: &Scene) -> bool {
        let retention = scene.settings.get("room_retention");
        let is_over = |made: &u64| scene.running - made + retention / 8 + SLACK_MS >= retention;
        self.unlisted.get(room).is_some_and(is_over) || scene.settings.get("rooms") < 1000
    }

    /// Returns whether a room may have been deleted: nobody used it for its retention, or it was empty and made place.
    pub fn may_be_gone(&self, room: &str, scene: &Scene) -> bool {
        let Some(log) = self.newest(room) else { return true };
        let retention = scene.settings.get("room_retention");
        let is_over = scene.running - log.used_at + retention / 8 + SLACK_MS >= retention;
        is_over || (log.head <= 1 && scene.settings.get("rooms") < 1000)
    }

    /// A change was answered `ok`.
    pub fn acknowledge(&mut self, room: &str, epoch: &str, seq: u64, id: &Value) {
        let (room, epoch) = (room.to_owned(), epoch.to_owned());
        self.acknowledged.push(Acknowledged { room, epoch, seq, id: id.clone() });
    }

    /// Checks that a join that did not recover could not have.
    pub fn check_not_recovered(&self, asked: &Asked, room: &str, answer: &Value, scene: &Scene) -> Checked {
        let (since, seq) = (&asked.request["since"], answer["seq"].as_u64().unwrap_or_default());
        let Some(from) = since["seq"].as_u64().filter(|_| since["epoch"] == answer["epoch"]) else { return Ok(()) };
        let settings = &scene.settings;
        let bytes = |log: &Log| {
            log.events.range(from.saturating_add(1)..).map(|(_, event)| event.to_string().len()).sum::<usize>()
        };
        let is_long = |log: &Log| bytes(log) > settings.count("recover_bytes") / 2;
        let is_right = from > seq
            || seq - from > settings.get("recover_events")
            || seq - from > settings.get("retain")
            || settings.retain_age().is_some()
            // The journal has records that are not shown yet, and has trimmed others for them.
            || (asked.is_slow && settings.get("retain") < 100)
            || asked.may_fail
            || self.newest(room).is_some_and(is_long);
        hold!("recovers-when-it-can", is_right, "{} of {} could have been recovered: {answer}", since, room);
        Ok(())
    }

    /// Checks the length of the page that a join or history brings.
    pub fn check_page(&self, events: u64, seq: u64, limit: u64, log: Option<&Log>, scene: &Scene) -> Checked {
        let full = limit.min(seq);
        let sure = full.min(scene.settings.get("retain"));
        let may_be_short = scene.settings.retain_age().is_some() || log.is_none_or(|log| log.bytes > 200 * 1024);
        let fits = events <= full && (may_be_short || events >= sure);
        hold!("pages-are-full", fits, "{events} events of {seq}, with a limit of {limit}");
        Ok(())
    }

    /// Checks the whole of a room's log, from its oldest event that is kept.
    pub fn check_whole(&mut self, room: &str, epoch: &str, oldest: u64, head: u64, scene: &Scene) -> Checked {
        let Some(log) = self.log(room, epoch) else { return Ok(()) };
        hold!("acknowledged-stays", log.head <= head, "{room} ended at {}, and now ends at {head}", log.head);
        let reaches = head.saturating_sub(scene.settings.get("retain")) + 1;
        let may_be_short = scene.settings.retain_age().is_some();
        hold!(
            "acknowledged-stays",
            may_be_short || oldest <= reaches,
            "{room} reaches back to {oldest}, not {reaches}"
        );
        for of in self.acknowledged.iter().filter(|of| of.room == room && of.epoch == epoch && of.seq >= oldest) {
            let event = log.events.get(&of.seq);
            let is_there = event.is_some_and(|event| of.id.is_null() || event["id"] == of.id);
            hold!("acknowledged-stays", is_there, "{room} {} was answered ok, and there is {event:?}", of.seq);
        }
        Ok(())
    }

    /// Returns the rooms that there were, with the newest epoch of each.
    pub fn all(&self) -> Vec<(String, String)> {
        self.current.iter().map(|(room, epoch)| (room.clone(), epoch.clone())).collect()
    }

    /// Returns every log, for a last look.
    pub fn logs(&self) -> impl Iterator<Item = (&(String, String), &Log)> {
        self.logs.iter()
    }
}
