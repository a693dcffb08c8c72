//! What clients do: connect, come back, ask. Each request is noted before it is sent.

use serde_json::{Value, json};

use super::World;
use super::fill::fill;
use crate::client::{Asked, Link};
use crate::contract::requests::{Form, Frame, form, read};
use crate::fault::Checked;

impl World {
    pub(super) fn connect(&mut self, name: &str) -> Checked {
        self.drop(name)?;
        self.meet(name);
        let (address, node) = (self.client(name).address, self.client(name).node);
        let Some(id) = self.drive(node, |harness| harness.connect_from(address))? else { return Ok(()) };
        self.links += 1;
        let number = self.links;
        self.client(name).link = Some(Link::new(id, number));
        self.listen()
    }

    pub(super) fn drop(&mut self, name: &str) -> Checked {
        let node = self.client(name).node;
        let Some(id) = self.link(name).map(|link| link.id) else { return Ok(()) };
        self.lose(name);
        self.drive(node, |harness| harness.drop_client(id))?;
        Ok(())
    }

    /// As docs/protocol.md says under "A client that loses nothing".
    pub(super) fn come_back(&mut self, name: &str) -> Checked {
        self.connect(name)?;
        self.resume_and_join(name, &format!("$token {name}"))
    }

    pub(super) fn come_as(&mut self, name: &str, other: &str) -> Checked {
        self.client(name).forget();
        self.model.rooms.shared_seats = true;
        self.connect(name)?;
        self.resume_and_join(name, &format!("$token {other}"))
    }

    fn resume_and_join(&mut self, name: &str, token: &str) -> Checked {
        self.ask_value(name, &json!({"type": "resume", "token": token}), false)?;
        let rooms: Vec<String> = self.client(name).wants.iter().cloned().collect();
        for room in rooms {
            let mut join = json!({"type": "join", "room": room, "since": format!("$since {room}")});
            if let Some(seat) = self.client(name).seats.get(&room) {
                join["seat"] = json!(seat);
            }
            self.ask_value(name, &join, false)?;
        }
        let again = std::mem::take(&mut self.client(name).unanswered);
        again.iter().try_for_each(|request| self.ask_value(name, request, false))
    }

    pub(super) fn ask(&mut self, name: &str, request: &str, is_one_of_many: bool) -> Checked {
        match serde_json::from_str::<Value>(request) {
            Ok(request) => self.ask_value(name, &request, is_one_of_many),
            Err(_) => self.send(name, request, is_one_of_many),
        }
    }

    /// Asks, with an id of its own unless the request has one.
    pub(super) fn ask_value(&mut self, name: &str, request: &Value, is_one_of_many: bool) -> Checked {
        let mut request = fill(request, name, &self.clients);
        self.note_shared_seat(name, &request);
        if request.get("id").is_none() && request.is_object() {
            self.ids += 1;
            request["id"] = json!(self.ids);
        }
        self.send(name, &request.to_string(), is_one_of_many)?;
        if is_one_of_many { Ok(()) } else { self.listen() }
    }

    pub(super) fn murmur(&mut self, name: &str, request: &str) -> Checked {
        let Ok(request) = serde_json::from_str::<Value>(request) else { return Ok(()) };
        let request = fill(&request, name, &self.clients);
        self.send(name, &request.to_string(), false)
    }

    pub(super) fn send(&mut self, name: &str, text: &str, is_one_of_many: bool) -> Checked {
        let node = self.client(name).node;
        let Some(id) = self.link(name).map(|link| link.id) else { return Ok(()) };
        self.note(name, text, is_one_of_many);
        self.listened.0 = u64::MAX; // an answer to what can't be decoded is no effect of the lounge
        self.drive(node, |harness| harness.say(id, text))?;
        Ok(())
    }

    pub(super) fn send_bytes(&mut self, name: &str, bytes: &[u8]) -> Checked {
        let node = self.client(name).node;
        let Some(link) = self.link(name) else { return Ok(()) };
        link.loose += 1;
        let id = link.id;
        self.listened.0 = u64::MAX;
        self.drive(node, |harness| harness.say_binary(id, bytes))?;
        Ok(())
    }

    /// Notes what is about to be asked, and what may come of it.
    fn note(&mut self, name: &str, text: &str, is_one_of_many: bool) {
        let is_slow = !self.is_prompt() || is_one_of_many || self.client(name).is_deaf;
        let may_fail = self.disk.is_failing() || self.holds_failures;
        let (at, address) = (self.scene.running, self.client(name).address);
        let Some(link) = self.link(name) else { return };
        let (request, has_id) = match read(text) {
            Frame::Request(request) => (request, true),
            Frame::Silent(request) => (request, false),
            Frame::NoObject | Frame::WrongId => {
                link.loose += 1;
                return;
            }
        };
        let form = form(&request);
        let (number, user) = (link.number, link.sure_user().cloned());
        if has_id {
            let ahead = link.asked.len();
            link.asked.push(Asked { request: request.clone(), form, at, may_fail, is_slow, ahead });
        } else {
            link.loose += 1;
        }
        self.model.quotas.asks(address, user.as_ref(), &request);
        if form == Form::Right {
            if is_slow && request["type"] == "sign_out" {
                match &user {
                    Some(user) => self.model.tokens.doubt(user),
                    None => self.model.tokens.doubt_all(),
                }
            }
            self.note_subject(name, number, user, &request);
        }
    }

    fn note_subject(&mut self, name: &str, link: u64, user: Option<String>, request: &Value) {
        let has_key = request["key"].is_string();
        match request["type"].as_str().unwrap_or_default() {
            "say" | "tell" => {
                self.model.talk.tries(link, user.clone(), request);
                if has_key {
                    self.model.keys.uses(user.as_ref());
                    let mut again = request.clone();
                    again.as_object_mut().map(|members| members.shift_remove("id"));
                    self.client(name).unanswered.push(again);
                }
            }
            "resume" => self.model.tokens.show(request["token"].as_str().unwrap_or_default(), &self.scene),
            "transfer" => self.model.tokens.asks_transfer(user.as_ref()),
            "typing" => {
                if let Some(to) = request["to"].as_str() {
                    self.model.inboxes.typed.insert((link, to.to_lowercase()));
                }
            }
            "create" if request["unlisted"] == true => {
                if let Some(room) = request["room"].as_str() {
                    self.model.rooms.may_be_unlisted.insert(room.to_owned());
                }
            }
            _ => {}
        }
    }

    /// A seat's secret in other hands: the newest connection plays.
    fn note_shared_seat(&mut self, name: &str, request: &Value) {
        if let Some(seat) = request["seat"].as_str() {
            let others = self.clients.values().filter(|client| client.name != name);
            if others.flat_map(|client| client.seats.values()).any(|other| other == seat) {
                self.model.rooms.shared_seats = true;
            }
        }
    }
}
