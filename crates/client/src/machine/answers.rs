//! Answers: to callers, and to the client's own requests.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::room::Room;
use super::{Machine, Purpose, Waiting, identity, request, room};
use crate::error::{ErrorCode, Refused};
use crate::protocol::Joined;
use crate::{Close, Error, Update};

/// The wait before a refused request is sent again, unless the server says how long.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

impl Machine {
    /// An answer to a request that waited. An error ends the connection.
    pub(super) fn answered(&mut self, id: u64, waiting: Waiting, answer: Value, now: Instant) -> Result<(), Close> {
        let answer = if answer["type"] == "ok" { Ok(answer) } else { Err(refused(answer)) };
        if let Err(refused) = &answer
            && passes(refused, &waiting)
        {
            let wait = refused.retry_after_ms.map_or(AGAIN_AFTER, Duration::from_millis);
            self.waiting.put_back(id, Waiting { is_sent: false, not_before: Some(now + wait), ..waiting });
            return Ok(());
        }
        match waiting.purpose {
            Purpose::Resume => return self.resumed(answer, now),
            Purpose::Rejoin(name) => self.rejoined(&name, answer),
            Purpose::Join(join, reply) => {
                let joined = answer.as_ref().ok().and_then(|answer| Joined::read(answer).ok());
                let is_wanted = reply.send(answer.map_err(Error::Refused)).is_ok();
                match joined {
                    Some(joined) if is_wanted => {
                        let before = self.rooms.remove(&joined.room);
                        self.rooms.insert(joined.room.clone(), Room::new(join, &joined, before));
                    }
                    // The caller gave up meanwhile.
                    Some(joined) if !self.rooms.contains_key(&joined.room) => {
                        self.own(request("leave", json!({"room": joined.room})), Purpose::Quiet);
                    }
                    _ => {}
                }
            }
            purpose @ (Purpose::Ask(_) | Purpose::Leave(_) | Purpose::Watch(_) | Purpose::Quiet) => {
                if let Some((user, token)) = answer.as_ref().ok().and_then(identity) {
                    self.adopt(user, token); // a new name
                }
                purpose.answer(answer.map_err(Error::Refused));
            }
        }
        self.flush(now);
        Ok(())
    }

    fn resumed(&mut self, answer: Result<Value, Refused>, now: Instant) -> Result<(), Close> {
        let found = match answer {
            Ok(answer) => identity(&answer).map(|(user, token)| (user, token, false)),
            // The token does not verify: this is somebody new.
            Err(Refused { code: ErrorCode::Forbidden | ErrorCode::BadRequest, .. }) => {
                self.waiting.disown();
                self.guest.take().map(|(user, token)| (user, token, true))
            }
            Err(refused) => return Err(Close::broken(refused.message)),
        };
        let Some((user, token, is_new)) = found else { return Err(Close::broken("the answer names no user")) };
        self.adopt(user, token);
        self.opened(is_new, now);
        Ok(())
    }

    fn rejoined(&mut self, name: &str, answer: Result<Value, Refused>) {
        let answer = answer.map_err(Error::Refused).and_then(|answer| Joined::read(&answer));
        let Some(room) = self.rooms.get_mut(name) else { return };
        match answer {
            Ok(joined) => {
                room.is_joined = true;
                let is_given = self.give(Update::Entered(Box::new(joined.clone())));
                if let Some(room) = self.rooms.get_mut(name) {
                    if is_given {
                        room.enter(&joined);
                    } else {
                        room.state = room::State::Behind;
                    }
                }
            }
            Err(error) => {
                self.rooms.remove(name);
                self.lost.push_back(Update::Lost { room: name.to_owned(), error });
                self.has_space();
            }
        }
    }
}

impl Joined {
    pub(crate) fn read(answer: &Value) -> Result<Self, Error> {
        serde_json::from_value(answer.clone()).map_err(|error| Error::Answer(error.to_string()))
    }
}

fn refused(answer: Value) -> Refused {
    let unreadable = |_| Refused::new(ErrorCode::Unknown, "no reason given");
    serde_json::from_value(answer).unwrap_or_else(unreadable)
}

/// Returns whether a refusal passes by itself, and the request is to be sent again then.
fn passes(refused: &Refused, waiting: &Waiting) -> bool {
    let is_rejoin = matches!(waiting.purpose, Purpose::Rejoin(_));
    let is_down = matches!(refused.code, ErrorCode::Unavailable | ErrorCode::Internal);
    let is_limited = refused.code == ErrorCode::RateLimited;
    (is_rejoin && is_down)
        || (is_limited && (is_rejoin || waiting.repeats || matches!(waiting.purpose, Purpose::Quiet)))
}
