//! The end of a script: everything that was promised is looked up, before and after a last restart.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::World;
use super::settle::PROBE;
use crate::fault::{Checked, Fault, hold};
use crate::model::games::late;
use crate::model::talk::Place;

/// Tokens that are tried at the end.
const TOKENS: usize = 24;

impl World {
    pub(super) fn last_look(&mut self) -> Checked {
        self.settle()?;
        self.check_forfeits()?;
        self.check_logs()?;
        self.kill(Duration::from_secs(3600));
        self.settle()?;
        self.check_logs()?;
        self.check_inboxes()?;
        self.check_tokens()?;
        self.settle()
    }

    /// Reads every room's log to its beginning.
    fn check_logs(&mut self) -> Checked {
        self.connect(PROBE)?;
        for (room, _) in self.model.rooms.all() {
            let is_game = self.model.rooms.newest(&room).is_some_and(|log| log.kind == "connect4");
            if self.model.rooms.may_be_unlisted.contains(&room) && is_game {
                continue;
            }
            if self.probe(json!({"type": "history", "room": room, "limit": 1}))?["code"] == "no_such_room" {
                let may = self.model.rooms.may_be_gone(&room, &self.scene);
                hold!("acknowledged-stays", may, "{room} is gone");
                continue;
            }
            let Some((epoch, head, oldest)) = self.read_whole(&room)? else { continue };
            self.model.rooms.check_whole(&room, &epoch, oldest, head, &self.scene)?;
            self.probe(json!({"type": "leave", "room": room}))?;
        }
        self.drop(PROBE)?;
        for ((room, _), log) in self.model.rooms.logs() {
            self.model.talk.check_log(&Place::Room(room.clone()), log.events.values())?;
        }
        Ok(())
    }

    /// Joins a log and reads it back to its oldest event. Returns its epoch, its newest and its oldest number.
    fn read_whole(&mut self, room: &str) -> Result<Option<(String, u64, u64)>, Fault> {
        let joined = self.probe(json!({"type": "join", "room": room, "limit": 1000}))?;
        if joined["type"] != "ok" {
            return Ok(None);
        }
        let (epoch, head) =
            (joined["epoch"].as_str().unwrap_or_default().to_owned(), joined["seq"].as_u64().unwrap_or_default());
        let first = |answer: &Value| answer["events"][0]["seq"].as_u64();
        let mut oldest = first(&joined).unwrap_or(head + 1);
        loop {
            let page = self.probe(json!({"type": "history", "room": room, "before": oldest, "limit": 1000}))?;
            match first(&page) {
                Some(seq) if seq < oldest => oldest = seq,
                Some(_) | None => return Ok(Some((epoch, head, oldest))),
            }
        }
    }

    /// Reads the inbox of everybody whose token opens.
    fn check_inboxes(&mut self) -> Checked {
        let mut owners = BTreeSet::new();
        for (token, user, opens) in self.model.tokens.sure(&self.scene) {
            if !opens || !owners.insert(user.clone()) || owners.len() > TOKENS {
                continue;
            }
            self.connect(PROBE)?;
            self.probe(json!({"type": "resume", "token": token}))?;
            if let Some((_, head, oldest)) = self.read_whole("@inbox")? {
                self.model.inboxes.check_whole(&user, oldest, head, &self.scene)?;
                self.model.talk.check_log(&Place::Private, self.model.inboxes.events_of(&user))?;
            }
        }
        self.drop(PROBE)
    }

    /// Tries tokens: void ones open nothing, and the others do.
    fn check_tokens(&mut self) -> Checked {
        for (token, _, opens) in self.model.tokens.sure(&self.scene).into_iter().take(TOKENS) {
            self.connect(PROBE)?;
            let answer = self.probe(json!({"type": "resume", "token": token}))?;
            if !opens {
                hold!("void-tokens-open-nothing", answer["type"] != "ok", "a void token was taken: {answer}");
            }
        }
        self.drop(PROBE)
    }

    /// A player who is away in their turn forfeits in time.
    fn check_forfeits(&mut self) -> Checked {
        let plays = |world: &mut World, room: &str| -> Result<bool, Fault> {
            let joined = world.probe(json!({"type": "join", "room": room, "limit": 1}))?;
            let turn = joined["game"]["turn"].as_str().unwrap_or_default().to_owned();
            let is_away = joined["game"]["players"][turn.as_str()]["online"] == false;
            if joined["type"] == "ok" {
                world.probe(json!({"type": "leave", "room": room}))?;
            }
            Ok(!turn.is_empty() && is_away)
        };
        let games: Vec<String> = self.model.rooms.all().into_iter().map(|(room, _)| room).collect();
        for room in games {
            let log = self.model.rooms.newest(&room);
            if log.is_none_or(|log| log.kind != "connect4") || self.model.rooms.may_be_unlisted.contains(&room) {
                continue;
            }
            if self.model.rooms.may_be_gone(&room, &self.scene) {
                continue;
            }
            self.connect(PROBE)?;
            if plays(self, &room)? {
                self.pass(Duration::from_millis(self.scene.settings.get("forfeit_after") + 2000))?;
                if plays(self, &room)? {
                    return Err(late(format!("a player has been away in {room} for too long, and still plays")));
                }
            }
            self.drop(PROBE)?;
        }
        Ok(())
    }
}
