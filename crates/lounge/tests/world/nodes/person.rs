//! One session's eyes: what it asked, what it heard, and whether that can be.

use std::collections::{BTreeMap, BTreeSet};

use parlor_core::ClientId;
use serde_json::Value;

use super::logs::Logs;
use crate::fault::{Checked, hold};

/// A request that has no answer yet.
#[derive(Clone, Debug)]
pub enum Asked {
    Resume,
    SignOut,
    /// `newest`: what anybody had seen of the room by then, by epoch.
    Join {
        room: String,
        since: Option<(String, u64)>,
        newest: Vec<(String, u64)>,
    },
    Say {
        room: String,
        body: String,
    },
    Tell {
        to: String,
        body: String,
    },
    Inbox,
    Count,
    Other,
}

#[derive(Debug, Default)]
pub struct Person {
    pub node: usize,
    pub client: Option<ClientId>,
    pub user: String,
    pub token: String,
    /// By room: the epoch and the newest event of this session.
    pub views: BTreeMap<String, (String, u64)>,
    /// The same, also of sessions before.
    pub known: BTreeMap<String, (String, u64)>,
    /// By room: the users there, as this session was told.
    pub members: BTreeMap<String, BTreeSet<String>>,
    pub seat: Option<String>,
    /// The session has heard its welcome.
    pub is_welcome: bool,
    inbox: Option<(String, u64)>,
    /// The ids of the inbox as it was last read.
    pub read: Vec<Value>,
    asked: BTreeMap<u64, Asked>,
    next: u64,
    /// Tokens of its user that were void when they were replaced.
    pub void: Vec<String>,
}

impl Person {
    /// Somebody new at a server.
    pub fn at(node: usize, client: ClientId) -> Self {
        Person { node, client: Some(client), ..Person::default() }
    }

    /// The session is gone, and with it what was under way.
    pub fn lose(&mut self) {
        self.client = None;
        self.is_welcome = false;
        self.views.clear();
        self.members.clear();
        self.asked.clear();
        self.inbox = None;
    }

    /// Notes a request; returns its id.
    pub fn ask(&mut self, asked: Asked) -> u64 {
        self.next += 1;
        self.asked.insert(self.next, asked);
        self.next
    }

    pub fn open_requests(&self) -> usize {
        self.asked.len()
    }

    /// `may_fail`: the server may say that it is unavailable.
    pub fn hear(&mut self, frame: &Value, may_fail: bool, logs: &mut Logs) -> Checked {
        match frame["re"].as_u64() {
            Some(re) => {
                let asked = self.asked.remove(&re);
                hold!("answered-once", asked.is_some(), "answered twice, or never asked: {frame}");
                asked.map_or(Ok(()), |asked| self.hear_answer(frame, asked, may_fail, logs))
            }
            None => self.hear_event(frame, logs),
        }
    }

    fn hear_answer(&mut self, frame: &Value, asked: Asked, may_fail: bool, logs: &mut Logs) -> Checked {
        if frame["type"] != "ok" {
            hold!("no-fault", frame["code"] != "internal", "{frame}");
            let is_refused = matches!(frame["code"].as_str(), Some("unavailable" | "rate_limited" | "server_full"));
            hold!("nobody-is-refused", may_fail || !is_refused, "{asked:?} was answered {frame}");
            return Ok(());
        }
        match asked {
            Asked::Resume => self.identify(frame),
            Asked::SignOut => {
                let before = std::mem::take(&mut self.token);
                self.void.push(before);
                self.identify(frame);
            }
            Asked::Join { room, since, newest } => {
                let (epoch, seq) = place(frame);
                let known = newest.iter().find(|(known, _)| *known == epoch).map_or(0, |(_, newest)| *newest);
                hold!(
                    "reads-what-was-told",
                    may_fail || seq >= known,
                    "number {known} of {room} was seen before {frame}"
                );
                self.joined(&room, since, frame, logs)?;
            }
            Asked::Say { room, body } => logs.said(&room, &body, frame)?,
            Asked::Tell { to, body } => logs.told(&self.user, &to, &body, frame)?,
            Asked::Inbox => {
                let (epoch, seq) = place(frame);
                self.read = frame["events"].as_array().into_iter().flatten().map(|event| event["id"].clone()).collect();
                for event in frame["events"].as_array().into_iter().flatten() {
                    logs.private(&self.user, &epoch, event)?;
                }
                let is_next = self.inbox.as_ref().is_none_or(|(known, last)| *known != epoch || *last == seq);
                hold!("no-gap", is_next, "{:?} was told before {frame}", self.inbox);
                let mut bodies: Vec<String> =
                    frame["events"].as_array().into_iter().flatten().map(|event| event["body"].to_string()).collect();
                bodies.sort_unstable();
                let is_once = bodies.windows(2).all(|two| two[0] != two[1]);
                hold!("once", is_once, "a message is twice in an inbox: {bodies:?}");
                self.inbox = Some((epoch, seq));
            }
            Asked::Count => logs.counted(frame),
            Asked::Other => {}
        }
        Ok(())
    }

    fn identify(&mut self, frame: &Value) {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (self.user, self.token) = (word(&frame["user"]["id"]), word(&frame["token"]));
    }

    fn joined(&mut self, room: &str, since: Option<(String, u64)>, frame: &Value, logs: &mut Logs) -> Checked {
        let ((epoch, seq), events) = (place(frame), frame["events"].as_array().map_or(&[][..], Vec::as_slice));
        let first = seq + 1 - events.len() as u64;
        for (event, expected) in events.iter().zip(first..) {
            hold!("no-gap", event["seq"] == expected, "{event} has not the number {expected}");
            logs.event(room, &epoch, event)?;
        }
        if frame["recovered"] == true {
            let follows = since.as_ref().is_some_and(|(known, last)| *known == epoch && last + 1 == first);
            hold!("recovered-is-complete", follows, "{since:?} and {frame}");
        }
        if let Some((known, last)) = self.views.get(room) {
            hold!("no-gap", *known != epoch || *last == seq, "joining again skips from {last} to {seq}");
        }
        if let Some(seat) = frame["game"]["seat"].as_str() {
            self.seat = Some(seat.to_owned());
        }
        self.views.insert(room.to_owned(), (epoch.clone(), seq));
        self.members.insert(room.to_owned(), frame["members"].as_array().into_iter().flatten().map(id).collect());
        self.known.insert(room.to_owned(), (epoch, seq));
        Ok(())
    }

    fn hear_event(&mut self, frame: &Value, logs: &mut Logs) -> Checked {
        let room = frame["room"].as_str().unwrap_or_default();
        match (frame["type"].as_str().unwrap_or_default(), frame["seq"].as_u64()) {
            ("welcome", _) => {
                self.identify(frame);
                self.is_welcome = true;
            }
            ("joined", _) => {
                self.members.entry(room.to_owned()).or_default().insert(id(&frame["user"]));
            }
            ("left", _) => {
                self.members.entry(room.to_owned()).or_default().remove(&id(&frame["user"]));
            }
            ("private", Some(seq)) => {
                if let Some((epoch, last)) = &mut self.inbox {
                    hold!("no-gap", seq == *last + 1, "{frame} comes after {last}");
                    *last = seq;
                    logs.private(&self.user, epoch, frame)?;
                }
            }
            (_, Some(seq)) => {
                let view = self.views.get_mut(room);
                hold!("who-hears-what", view.is_some(), "{frame} to somebody who is not in there");
                if let Some((epoch, last)) = view {
                    hold!("no-gap", seq == *last + 1, "{frame} comes after {last}");
                    *last = seq;
                    logs.event(room, epoch, frame)?;
                    self.known.insert(room.to_owned(), (epoch.clone(), seq));
                }
            }
            (_, None) => {}
        }
        Ok(())
    }
}

fn id(user: &Value) -> String {
    user["id"].as_str().unwrap_or_default().to_owned()
}

fn place(frame: &Value) -> (String, u64) {
    (frame["epoch"].as_str().unwrap_or_default().to_owned(), frame["seq"].as_u64().unwrap_or(0))
}
