//! One client's eyes: what it asked, what it saw, and whether that can be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tokens::Shown;
use super::world::{PAGE, RECOVER, Record};
use crate::tests::stage::text;
use parlor_core::{ClientId, Steady};

/// A request that has no answer yet.
#[derive(Clone, Debug)]
pub enum Asked {
    Join {
        since: Option<u64>,
    },
    Leave {
        room: String,
    },
    Say {
        room: String,
        body: String,
        key: Option<String>,
    },
    Tell {
        body: String,
        key: Option<String>,
    },
    Inbox,
    Count,
    Resume(Shown),
    SignOut,
    /// Asked at that time.
    Transfer(Steady),
    Other,
}

/// A room as a client sees it.
#[derive(Debug, Default)]
pub struct View {
    pub last: u64,
    pub members: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub struct Actor {
    pub client: Option<ClientId>,
    pub user: String,
    pub token: String,
    pub views: BTreeMap<String, View>,
    /// Up to where it knew rooms, also those it is not in any more.
    pub known: BTreeMap<String, (String, u64)>,
    pub asked: BTreeMap<u64, Asked>,
    pub seats: BTreeMap<String, Value>,
    /// The newest private message of this session.
    pub private: Option<u64>,
}

impl Actor {
    /// A connection is gone, and with it what was under way.
    pub fn lose(&mut self) {
        self.client = None;
        self.views.clear();
        self.asked.clear();
        self.private = None;
    }

    pub fn hear(&mut self, frame: &Value, record: &mut Record) {
        match frame["re"].as_u64() {
            Some(re) => {
                let asked = self.asked.remove(&re).unwrap_or_else(|| panic!("answered twice or never asked: {frame}"));
                self.hear_answer(frame, asked, record);
            }
            None => self.hear_event(frame, record),
        }
    }

    fn hear_answer(&mut self, frame: &Value, asked: Asked, record: &mut Record) {
        let is_ok = frame["type"] == "ok";
        assert!(is_ok || frame["type"] == "error", "{frame}");
        assert_ne!(frame["code"], "internal", "a request was dropped, or a fault: {frame}");
        match asked {
            Asked::Join { since } if is_ok => self.joined(frame, since, record),
            Asked::Leave { room } if is_ok => {
                assert!(self.views.remove(&room).is_some(), "left {room} and was not in it");
            }
            Asked::Say { room, body, key } if is_ok => record.said(&self.user, &room, &body, key, frame),
            // Unless the same key had been used before, nothing was said.
            Asked::Say { body, .. } => record.not_said(body),
            Asked::Tell { body, key } if is_ok => {
                if let Some(key) = key {
                    let told = record.told_keys.entry((self.user.clone(), key)).or_insert_with(|| frame["id"].clone());
                    assert_eq!(*told, frame["id"], "told twice under one key");
                }
                record.told.push((self.user.clone(), body, frame["seq"].as_u64().unwrap()))
            }
            Asked::Inbox if is_ok => {
                let seqs: Vec<u64> =
                    frame["events"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
                let seq = frame["seq"].as_u64().unwrap();
                assert_eq!(seqs, (seq + 1 - seqs.len() as u64..=seq).collect::<Vec<_>>());
                let ids: BTreeSet<String> =
                    frame["events"].as_array().unwrap().iter().map(|event| text(&event["id"])).collect();
                assert_eq!(ids.len(), seqs.len(), "twice in one inbox");
                assert!(
                    self.private.is_none_or(|last| last == seq),
                    "{:?} was live before {seq} was told",
                    self.private
                );
                self.private = Some(seq);
            }
            Asked::Count if is_ok => {
                record.counts.push((frame["seq"].as_u64().unwrap(), frame["value"].as_i64().unwrap()))
            }
            Asked::Resume(shown) if is_ok => {
                self.private = None; // from now on it is another inbox
                self.user = text(&frame["user"]["id"]);
                self.token = text(&frame["token"]);
                record.tokens.opened(&shown, &self.user);
                record.tokens.given(&self.token, &self.user);
            }
            Asked::Resume(shown) if frame["code"] == "forbidden" => record.tokens.refused(shown),
            Asked::SignOut if is_ok => {
                assert_eq!(frame["user"]["id"], self.user);
                self.token = text(&frame["token"]);
                record.tokens.signed_out(&self.user, &self.token, self.client.unwrap());
            }
            Asked::Transfer(at) if is_ok => record.tokens.transferred(&text(&frame["token"]), &self.user, at),
            Asked::Join { .. }
            | Asked::Leave { .. }
            | Asked::Tell { .. }
            | Asked::Inbox
            | Asked::Count
            | Asked::Resume(_)
            | Asked::SignOut
            | Asked::Transfer(_)
            | Asked::Other => {}
        }
    }

    fn joined(&mut self, frame: &Value, since: Option<u64>, record: &mut Record) {
        let (room, epoch) = (text(&frame["room"]), text(&frame["epoch"]));
        let seq = frame["seq"].as_u64().unwrap();
        let events = frame["events"].as_array().unwrap();
        let first = seq + 1 - events.len() as u64;
        for (event, expected) in events.iter().zip(first..) {
            assert_eq!(event["seq"], expected, "{frame}");
            record.event(&room, event);
        }
        if frame["recovered"] == true {
            assert_eq!(first, since.expect("recovered without since") + 1);
        } else {
            assert!(events.len() as u64 == seq.min(PAGE as u64), "a page is full or all there is: {frame}");
            assert!(
                since.is_none_or(|since| since > seq || seq - since > RECOVER as u64),
                "it could have been recovered"
            );
        }
        if let Some(view) = self.views.get(&room) {
            assert_eq!(view.last, seq, "joining again skips nothing");
        }
        record.epoch(&room, &epoch);
        let members: BTreeSet<String> =
            frame["members"].as_array().unwrap().iter().map(|member| text(&member["id"])).collect();
        assert!(members.contains(&self.user));
        assert_eq!(frame["online"], members.len());
        if let Some(seat) = frame["game"].get("seat") {
            self.seats.insert(room.clone(), seat.clone());
        }
        self.known.insert(room.clone(), (epoch, seq));
        self.views.insert(room, View { last: seq, members });
    }

    fn hear_event(&mut self, frame: &Value, record: &mut Record) {
        let kind = frame["type"].as_str().unwrap();
        match kind {
            "welcome" => {
                self.user = text(&frame["user"]["id"]);
                self.token = text(&frame["token"]);
                record.tokens.given(&self.token, &self.user);
                return;
            }
            "private" => {
                let seq = frame["seq"].as_u64().unwrap();
                assert!(self.private.is_none_or(|last| last + 1 == seq), "{frame} after {:?}", self.private);
                self.private = Some(seq);
                return;
            }
            "renamed" => return,
            _ => {}
        }
        let room = text(&frame["room"]);
        let view = self.views.get_mut(&room).unwrap_or_else(|| panic!("{frame} to somebody who is not in there"));
        if let Some(seq) = frame["seq"].as_u64() {
            assert_eq!(seq, view.last + 1, "{frame}");
            view.last = seq;
            record.event(&room, frame);
            let epoch = record.epochs[&room].clone();
            self.known.insert(room, (epoch, seq));
            return;
        }
        match kind {
            "joined" => assert!(view.members.insert(text(&frame["user"]["id"])), "twice: {frame}"),
            "left" => assert!(view.members.remove(&text(&frame["user"]["id"])), "was not there: {frame}"),
            "typing" | "away" | "back" => return,
            other => panic!("{other}?"),
        }
        assert_eq!(frame["online"], view.members.len());
    }
}
