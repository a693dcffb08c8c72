//! The client without a socket: frames in, frames and updates out. The driver gives it the time.

mod answers;
mod room;
#[cfg(test)]
#[allow(clippy::wildcard_enum_match_arm, reason = "tests look at one variant at a time")]
mod tests;
mod waiting;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::protocol::{Event, Join, Limits, User};
use crate::{Close, Error, Update};
use room::{Place, Room};
use waiting::{AllWaiting, Purpose, Waiting};

pub(crate) use waiting::Reply;

const INBOX: &str = "@inbox";

/// The connection's state, as the program sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// There is no connection, or it is being opened. The client goes on trying.
    Connecting,
    /// Requests are sent at once.
    Open,
    /// The client does not come back.
    Closed(Close),
}

/// State that handles of the client can look at.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub state: State,
    pub user: Option<User>,
    pub token: Option<String>,
    pub limits: Option<Limits>,
}

/// A caller's wish.
#[derive(Debug)]
pub(crate) enum Command {
    Ask {
        frame: Map<String, Value>,
        repeats: bool,
        reply: Reply,
    },
    Join(Join, Reply),
    Leave(String, Reply),
    /// `watch_time`, or `unwatch_time`.
    Watch(Map<String, Value>, Reply),
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No welcome on this connection yet.
    Opening,
    /// Welcomed, and the earlier identity is asked for.
    Resuming,
    Open,
}

pub(crate) struct Machine {
    phase: Phase,
    waiting: AllWaiting,
    rooms: BTreeMap<String, Room>,
    /// The last `watch_time`.
    clock: Option<Map<String, Value>>,
    /// User and token of this connection's welcome.
    guest: Option<(User, String)>,
    status: watch::Sender<Status>,
    updates: Sender<Update>,
    /// Rooms that were lost, for which there was no place among the updates. At most as many as there were rooms.
    lost: VecDeque<Update>,
    /// Frames to be sent. As many as requests wait, at most.
    pub outgoing: VecDeque<String>,
    /// The silence after which the connection is doubted.
    pub heartbeat: Duration,
    /// The wait that the server's `closing` asks for.
    pub reconnect_after: Option<Duration>,
}

impl Machine {
    pub fn new(status: watch::Sender<Status>, updates: Sender<Update>) -> Self {
        Machine {
            phase: Phase::Opening,
            waiting: AllWaiting::default(),
            rooms: BTreeMap::new(),
            clock: None,
            guest: None,
            status,
            updates,
            lost: VecDeque::new(),
            outgoing: VecDeque::new(),
            heartbeat: Duration::from_secs(25),
            reconnect_after: None,
        }
    }

    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Takes a caller's wish, other than to close.
    pub fn command(&mut self, command: Command, now: Instant) {
        let waiting = match command {
            Command::Ask { frame, repeats, reply } => Waiting::new(frame, Purpose::Ask(reply), repeats),
            Command::Join(join, reply) => Waiting::new(join_frame(&join), Purpose::Join(join, reply), true),
            Command::Leave(room, reply) => {
                self.rooms.remove(&room);
                if !self.is_open() {
                    let _ = reply.send(Ok(Value::Null)); // no connection is in it
                    return;
                }
                Waiting::new(request("leave", json!({"room": room})), Purpose::Leave(reply), false)
            }
            Command::Watch(frame, reply) => {
                self.clock = (frame["type"] == "watch_time").then(|| frame.clone());
                Waiting::new(frame, Purpose::Watch(reply), true)
            }
            Command::Close => return,
        };
        self.waiting.push(waiting);
        self.flush(now);
    }

    /// A frame has come. An error ends the connection.
    pub fn hear(&mut self, text: &str, now: Instant) -> Result<(), Close> {
        let frame: Value = serde_json::from_str(text).map_err(|error| Close::broken(format!("no JSON: {error}")))?;
        if let Some(id) = frame["re"].as_u64() {
            return match self.waiting.take(id) {
                Some(waiting) => self.answered(id, waiting, frame, now),
                None => Ok(()),
            };
        }
        match frame["type"].as_str() {
            Some("welcome") => self.welcome(&frame, now),
            Some("closing") => {
                self.reconnect_after = frame["reconnect_after_ms"].as_u64().map(Duration::from_millis);
                self.event(frame, now);
                Ok(())
            }
            _ => {
                self.event(frame, now);
                Ok(())
            }
        }
    }

    fn welcome(&mut self, frame: &Value, now: Instant) -> Result<(), Close> {
        let (Some(guest), Ok(limits)) = (identity(frame), serde_json::from_value(frame["limits"].clone())) else {
            return Err(Close::broken("the welcome is not one of this protocol"));
        };
        self.heartbeat = frame["heartbeat_ms"].as_u64().map_or(self.heartbeat, Duration::from_millis);
        self.status.send_modify(|status| status.limits = Some(limits));
        let token = self.status.borrow().token.clone();
        match token {
            None => {
                self.adopt(guest.0, guest.1);
                self.opened(false, now);
            }
            Some(token) => {
                self.guest = Some(guest);
                self.phase = Phase::Resuming;
                self.own(request("resume", json!({"token": token})), Purpose::Resume);
            }
        }
        Ok(())
    }

    fn adopt(&mut self, user: User, token: String) {
        self.status.send_modify(|status| {
            status.user = Some(user);
            status.token = Some(token);
        });
    }

    fn opened(&mut self, is_new: bool, now: Instant) {
        self.phase = Phase::Open;
        self.status.send_modify(|status| status.state = State::Open);
        let user = self.status.borrow().user.clone();
        if let Some(user) = user {
            let _ = self.updates.try_send(Update::Connected { user, is_new });
        }
        for room in self.rooms.keys().cloned().collect::<Vec<_>>() {
            self.rejoin(&room);
        }
        if let Some(clock) = self.clock.clone() {
            self.own(clock, Purpose::Quiet);
        }
        self.flush(now);
    }

    /// A request of the client's own, sent at once.
    fn own(&mut self, frame: Map<String, Value>, purpose: Purpose) {
        let id = self.waiting.push_own(Waiting::new(frame, purpose, false));
        self.send(id);
    }

    fn rejoin(&mut self, name: &str) {
        let Some(room) = self.rooms.get_mut(name) else { return };
        room.state = room::State::Rejoining;
        let frame = join_frame(&room.way_back());
        self.own(frame, Purpose::Rejoin(name.to_owned()));
    }

    /// Sends what may be sent now.
    pub fn flush(&mut self, now: Instant) {
        if self.is_open() {
            for id in self.waiting.unsent(now) {
                self.send(id);
            }
        }
    }

    fn send(&mut self, id: u64) {
        let Some(waiting) = self.waiting.get_mut(id) else { return };
        let room = waiting.frame.get("room").and_then(Value::as_str);
        let waits_for_room = waiting.frame.get("type").is_some_and(|kind| kind != "join")
            && room.and_then(|room| self.rooms.get(room)).is_some_and(|room| !room.is_joined);
        if waits_for_room {
            return;
        }
        waiting.frame.insert("id".to_owned(), json!(id));
        let text = Value::Object(waiting.frame.clone()).to_string();
        let bound = self.status.borrow().limits.as_ref().map_or(u64::MAX, |limits| limits.frame_bytes);
        if text.len() as u64 > bound {
            let bytes = text.len();
            if let Some(waiting) = self.waiting.take(id) {
                waiting.purpose.answer(Err(Error::TooLong { bytes, bound }));
            }
            return;
        }
        waiting.is_sent = true;
        self.outgoing.push_back(text);
    }

    fn event(&mut self, frame: Value, now: Instant) {
        let name = if frame["type"] == "private" { Some(INBOX) } else { frame["room"].as_str() };
        let name = name.unwrap_or_default().to_owned();
        let place = match (frame["seq"].as_u64(), self.rooms.get(&name)) {
            (Some(seq), Some(room)) => Some(room.place(seq)),
            _ => None,
        };
        match place {
            Some(Place::Covered) => {}
            Some(Place::Gap) => self.rejoin(&name),
            Some(Place::Next) => {
                let is_given = self.give(Update::Event(Event::from_value(frame)));
                if let Some(room) = self.rooms.get_mut(&name) {
                    if is_given {
                        room.advance();
                    } else {
                        room.state = room::State::Behind;
                    }
                }
            }
            None => {
                self.give(Update::Event(Event::from_value(frame)));
            }
        }
        self.flush(now);
    }

    /// `false` if there is no place for it. A program that has dropped its updates has all it wants.
    fn give(&mut self, update: Update) -> bool {
        !matches!(self.updates.try_send(update), Err(TrySendError::Full(_)))
    }

    /// Returns whether something waits for places among the updates.
    pub fn needs_space(&self) -> bool {
        !self.lost.is_empty() || (self.is_open() && self.rooms.values().any(|room| room.state == room::State::Behind))
    }

    /// There are places among the updates.
    pub fn has_space(&mut self) {
        while let Some(update) = self.lost.pop_front() {
            if !self.give(update.clone()) {
                self.lost.push_front(update);
                return;
            }
        }
        if self.is_open() {
            let behind = self.rooms.iter().filter(|(_, room)| room.state == room::State::Behind);
            for name in behind.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
                self.rejoin(&name);
            }
        }
    }

    pub fn next_due(&self, now: Instant) -> Option<Instant> {
        self.waiting.next_due(now).filter(|_| self.is_open())
    }

    /// The connection is gone and the client comes back.
    pub fn disconnected(&mut self, close: Close, retry_in: Duration) {
        if std::mem::replace(&mut self.phase, Phase::Opening) == Phase::Open {
            let _ = self.updates.try_send(Update::Disconnected { close, retry_in });
        }
        self.status.send_modify(|status| status.state = State::Connecting);
        self.outgoing.clear();
        self.rooms.values_mut().for_each(|room| room.is_joined = false);
        self.waiting.lose();
    }

    /// The client does not come back.
    pub fn close(&mut self, close: &Close) {
        self.phase = Phase::Opening;
        self.status.send_modify(|status| status.state = State::Closed(close.clone()));
    }

    /// Answers everybody who waits, and tells the end.
    pub async fn end(mut self, close: Close) {
        for waiting in self.waiting.take_all() {
            waiting.purpose.answer(Err(Error::Closed(close.clone())));
        }
        for update in std::mem::take(&mut self.lost).into_iter().chain([Update::Closed(close)]) {
            let _ = self.updates.send(update).await;
        }
    }
}

/// `{"type": kind, …fields}`.
pub(crate) fn request(kind: &str, fields: Value) -> Map<String, Value> {
    let mut frame = Map::new();
    frame.insert("type".to_owned(), kind.into());
    if let Value::Object(fields) = fields {
        frame.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    frame
}

fn join_frame(join: &Join) -> Map<String, Value> {
    request("join", serde_json::to_value(join).unwrap_or_default())
}

fn identity(frame: &Value) -> Option<(User, String)> {
    let user = serde_json::from_value(frame["user"].clone()).ok()?;
    Some((user, frame["token"].as_str()?.to_owned()))
}
