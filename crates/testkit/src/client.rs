//! A client of the protocol. It checks what always holds, whatever a test is about: each `id` is answered once, and the
//! numbers of a room come without gap or repeat.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::PATIENCE;
use crate::wire::{Closed, Opening, Received, Transport, WebSocket, Wire, try_web_socket};

pub struct Client {
    wire: Box<dyn Wire>,
    pub welcome: Value,
    /// The user as the server named it last.
    pub user: Value,
    pub token: String,
    next_id: u64,
    /// Requests that are not answered yet, by their `id`.
    asked: BTreeMap<String, Value>,
    answers: BTreeMap<String, Answer>,
    /// Events, and errors without `re`, that the test has not looked at.
    heard: VecDeque<Value>,
    /// The number of the last event of each room it is in, and of `@inbox`.
    seqs: BTreeMap<String, u64>,
    closed: Option<Closed>,
}

struct Answer {
    value: Value,
    text: String,
}

/// The inbox in [`Client::seqs`].
const INBOX: &str = "@inbox";

impl Client {
    /// A guest over a WebSocket.
    pub fn connect(address: SocketAddr) -> Self {
        Self::new(WebSocket.connect(address, &Opening::default()).unwrap())
    }

    /// Waits for the `welcome`.
    pub fn new(wire: Box<dyn Wire>) -> Self {
        Self::welcomed(wire).expect("closed, while waiting for the welcome")
    }

    /// A guest over a WebSocket; `None` if the server is not there, refuses it or goes away.
    pub fn try_connect(address: SocketAddr) -> Option<Self> {
        try_web_socket(address, "/ws", &Opening::default()).and_then(|peer| Self::welcomed(Box::new(peer)))
    }

    /// `None` if the connection ends, or is about to, before the `welcome`.
    fn welcomed(wire: Box<dyn Wire>) -> Option<Self> {
        let mut client = Client {
            wire,
            welcome: Value::Null,
            user: Value::Null,
            token: String::new(),
            next_id: 0,
            asked: BTreeMap::new(),
            answers: BTreeMap::new(),
            heard: VecDeque::new(),
            seqs: BTreeMap::new(),
            closed: None,
        };
        while client.heard.is_empty() && client.closed.is_none() {
            client.read("the welcome");
        }
        if client.heard.is_empty() {
            return None;
        }
        client.welcome = client.heard.pop_front().unwrap();
        if client.welcome["type"] == "closing" {
            return None; // the server stops, or has lost its journal, before it could greet
        }
        assert_eq!(client.welcome["type"], "welcome", "the first frame is the welcome");
        client.user = client.welcome["user"].clone();
        client.token = text(&client.welcome["token"]);
        Some(client)
    }

    pub fn id(&self) -> String {
        text(&self.user["id"])
    }

    pub fn name(&self) -> String {
        text(&self.user["name"])
    }

    /// Sends a frame as it is. If it has an `id`, [`answer`](Client::answer) finds the answer.
    pub fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string());
        if let Some(id) = frame.get("id") {
            let before = self.asked.insert(id.to_string(), frame);
            assert_eq!(before, None, "a test has to use other ids");
        }
    }

    pub fn send_text(&mut self, text: &str) {
        self.wire.send(text);
    }

    /// Sends a request under a new `id`, which it returns.
    pub fn ask(&mut self, mut request: Value) -> Value {
        self.next_id += 1;
        let id = json!(self.next_id);
        request["id"] = id.clone();
        self.send(request);
        id
    }

    /// Waits for the answer to the request with this `id`.
    pub fn answer(&mut self, id: &Value) -> Value {
        self.answer_and_text(id).0
    }

    /// The same, or `None` if the connection ends before the answer comes.
    pub fn answer_unless_closed(&mut self, id: &Value) -> Option<Value> {
        while !self.answers.contains_key(&id.to_string()) && self.closed.is_none() {
            self.read("an answer or the end");
        }
        self.take_answer(id)
    }

    /// The answer, if it has come.
    pub fn take_answer(&mut self, id: &Value) -> Option<Value> {
        self.answers.remove(&id.to_string()).map(|answer| answer.value)
    }

    /// Sends a request as it is written, whose `id` must be this one, and returns the very bytes of the answer.
    pub fn answer_to_text(&mut self, id: &Value, request: &str) -> String {
        self.asked.insert(id.to_string(), Value::Null);
        self.send_text(request);
        self.answer_and_text(id).1
    }

    fn answer_and_text(&mut self, id: &Value) -> (Value, String) {
        loop {
            if let Some(answer) = self.answers.remove(&id.to_string()) {
                return (answer.value, answer.text);
            }
            self.wait(&format!("the answer to {id}"));
        }
    }

    pub fn request(&mut self, request: Value) -> Value {
        let id = self.ask(request);
        self.answer(&id)
    }

    /// The answer `ok`; `None` if the connection ends or the server is `unavailable`.
    pub fn try_ok(&mut self, request: Value) -> Option<Value> {
        let id = self.ask(request.clone());
        let answer = self.answer_unless_closed(&id)?;
        if answer["code"] == "unavailable" {
            return None;
        }
        assert_eq!(answer["type"], "ok", "{request} → {answer}");
        Some(answer)
    }

    /// A request that must be answered `ok`.
    pub fn ok(&mut self, request: Value) -> Value {
        let answer = self.request(request.clone());
        assert_eq!(answer["type"], "ok", "{request} → {answer}");
        answer
    }

    /// A request that must be refused with this code.
    pub fn refused(&mut self, request: Value, code: &str) -> Value {
        let answer = self.request(request.clone());
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)), "{request} → {answer}");
        assert!(!text(&answer["message"]).is_empty(), "{answer}");
        answer
    }

    pub fn join(&mut self, room: &str) -> Value {
        self.ok(json!({"type": "join", "room": room}))
    }

    pub fn say(&mut self, room: &str, body: &str) -> Value {
        self.ok(json!({"type": "say", "room": room, "body": body}))
    }

    /// Says many things without waiting between them. All are answered when it returns.
    pub fn say_all(&mut self, room: &str, bodies: impl IntoIterator<Item = String>) {
        let say = |body| json!({"type": "say", "room": room, "body": body});
        let asked: Vec<Value> = bodies.into_iter().map(|body| self.ask(say(body))).collect();
        for id in &asked {
            assert_eq!(self.answer(id)["type"], "ok");
        }
    }

    pub fn rename(&mut self, name: &str) -> Value {
        let answer = self.ok(json!({"type": "rename", "name": name}));
        self.take_over(&answer);
        answer
    }

    pub fn resume(&mut self, token: &str) -> Value {
        self.try_resume(token).expect("the server is there")
    }

    /// `None` if the connection ends or the server is `unavailable`.
    pub fn try_resume(&mut self, token: &str) -> Option<Value> {
        let answer = self.try_ok(json!({"type": "resume", "token": token}))?;
        self.take_over(&answer);
        Some(answer)
    }

    fn take_over(&mut self, answer: &Value) {
        if answer["user"]["id"] != self.user["id"] {
            self.seqs.remove(INBOX);
        }
        self.user = answer["user"].clone();
        self.token = text(&answer["token"]);
    }

    /// The next event of this type; those before it are kept.
    pub fn event(&mut self, kind: &str) -> Value {
        self.event_where(kind, |_| true)
    }

    pub fn event_where(&mut self, kind: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut from = 0;
        loop {
            if let Some(at) =
                (from..self.heard.len()).find(|at| self.heard[*at]["type"] == kind && is_it(&self.heard[*at]))
            {
                return self.heard.remove(at).unwrap();
            }
            from = self.heard.len();
            self.wait(kind);
        }
    }

    /// The next event of any type.
    pub fn next_event(&mut self) -> Value {
        while self.heard.is_empty() {
            self.wait("an event");
        }
        self.heard.pop_front().unwrap()
    }

    /// All events that the test has not looked at, among them those of everything that the server did before this call.
    pub fn all(&mut self) -> Vec<Value> {
        self.ok(json!({"type": "ping"}));
        self.take_heard()
    }

    /// All events that have come and that the test has not looked at.
    pub fn take_heard(&mut self) -> Vec<Value> {
        self.heard.drain(..).collect()
    }

    /// Reads one frame, if one comes in time. The end of the connection is an error.
    pub fn listen(&mut self, time: Duration) -> Result<(), Closed> {
        if self.closed.is_none() {
            match self.wire.receive(time) {
                Received::Frame(text) => self.take(text),
                Received::Closed(closed) => self.closed = Some(closed),
                Received::Nothing => {}
            }
        }
        self.closed.clone().map_or(Ok(()), Err)
    }

    /// The same for one type. The others are kept.
    pub fn all_of(&mut self, kind: &str) -> Vec<Value> {
        let (wanted, kept) = self.all().into_iter().partition(|event| event["type"] == kind);
        self.heard = Vec::into(kept);
        wanted
    }

    /// Fails if there is an event that the test has not looked at.
    pub fn hears_nothing(&mut self) {
        let heard = self.all();
        assert!(heard.is_empty(), "{} hears {heard:#?}", self.name());
    }

    pub fn forget_heard(&mut self) {
        self.all();
    }

    /// Waits for the server's close.
    pub fn closed(&mut self) -> Closed {
        loop {
            if let Some(closed) = &self.closed {
                return closed.clone();
            }
            self.read("a close");
        }
    }

    /// Ends the connection with a close.
    pub fn close(mut self) {
        self.wire.close();
    }

    fn wait(&mut self, what: &str) {
        assert_eq!(self.closed, None, "closed, while waiting for {what}");
        self.read(what);
    }

    fn read(&mut self, what: &str) {
        match self.wire.receive(PATIENCE) {
            Received::Frame(text) => self.take(text),
            Received::Closed(closed) => self.closed = Some(closed),
            Received::Nothing => panic!("{} waits for {what} in vain; heard: {:#?}", self.user, self.heard),
        }
    }

    fn take(&mut self, text: String) {
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(value.is_object() && value["type"].is_string(), "{text}");
        match value.get("re") {
            None => {
                self.follow(&value);
                self.heard.push_back(value);
            }
            Some(re) => {
                assert!(["ok", "error"].contains(&value["type"].as_str().unwrap()), "{text}");
                let re = re.to_string();
                let Some(request) = self.asked.remove(&re) else {
                    panic!("answered a second time, or never asked: {text}")
                };
                self.learn(&request, &value);
                self.answers.insert(re, Answer { value, text });
            }
        }
    }

    /// Checks that a live event has the number after the one before.
    fn follow(&mut self, event: &Value) {
        let Some(seq) = event.get("seq").map(number) else { return };
        let room = event.get("room").map_or(INBOX.to_owned(), text);
        let before = self.seqs.insert(room.clone(), seq);
        match before {
            Some(before) => assert_eq!(seq, before + 1, "a gap or a repeat in {room}: {event}"),
            None => assert_eq!(room, INBOX, "an event of a room it is not in: {event}"),
        }
    }

    /// Takes over the numbers that an answer states, and checks them.
    fn learn(&mut self, request: &Value, answer: &Value) {
        if answer["type"] != "ok" {
            return;
        }
        if request["type"] == "leave" {
            self.seqs.remove(request["room"].as_str().unwrap());
        }
        if request["type"] == "join" {
            let (room, seq) = (text(&answer["room"]), number(&answer["seq"]));
            let numbers: Vec<u64> = list(&answer["events"]).iter().map(|event| number(&event["seq"])).collect();
            let first = seq + 1 - numbers.len() as u64;
            assert_eq!(numbers, (first..=seq).collect::<Vec<_>>(), "a join's events end with its seq: {answer}");
            if let Some(since) = request.get("since").filter(|_| answer["recovered"] == true) {
                assert_eq!(first, number(&since["seq"]) + 1, "all that came after `since`, and no more: {answer}");
                assert_eq!(since["epoch"], answer["epoch"]);
            }
            if let Some(before) = self.seqs.insert(room, seq) {
                assert_eq!(before, seq, "joining again stands in order with the live events");
            }
        }
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} should be a string")).to_owned()
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} should be a number"))
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} should be a list"))
}
