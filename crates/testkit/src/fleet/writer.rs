//! A client that writes, remembers the answers, and goes on after the server's end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::copies::Copies;
use crate::connect4::Log;
use crate::{Client, PATIENCE, text};

/// A writer's work.
#[derive(Clone, Debug)]
pub enum Role {
    Talk {
        room: String,
    },
    /// To the user whose id the other one has put there.
    Tell {
        me: usize,
        to: usize,
    },
    Count {
        room: String,
    },
    /// The one that isn't `first` sits down second.
    Play {
        room: String,
        first: bool,
    },
}

/// User ids, by the number of who wants to be told something.
pub type AddressBook = Mutex<BTreeMap<usize, String>>;

pub struct Writer {
    pub name: String,
    pub role: Role,
    pub user: Option<String>,
    token: Option<String>,
    /// Of the seat it plays.
    pub seat: Option<(String, String)>,
    pub copies: Copies,
    /// Requests that are not answered, by id, oldest first.
    unanswered: Vec<(Value, Value)>,
    /// Requests that were answered `ok`, with the answer.
    pub told: Vec<(Value, Value)>,
    /// Requests without a key that were not answered: they are not sent again.
    pub lost: Vec<Value>,
    /// Requests that were answered with an error.
    pub refused: Vec<(Value, Value)>,
    /// A message was refused for a while and sent again, after later ones.
    pub has_retried: bool,
    asked: u64,
}

/// Requests under way at the same time.
const IN_FLIGHT: usize = 8;

impl Writer {
    pub fn new(name: String, role: Role) -> Writer {
        Writer {
            name,
            role,
            user: None,
            token: None,
            seat: None,
            copies: Copies::default(),
            unanswered: Vec::new(),
            told: Vec::new(),
            lost: Vec::new(),
            refused: Vec::new(),
            has_retried: false,
            asked: 0,
        }
    }

    /// The room that it writes to.
    pub fn room(&self) -> &str {
        match &self.role {
            Role::Talk { room } | Role::Count { room } | Role::Play { room, .. } => room,
            Role::Tell { .. } => "@inbox",
        }
    }

    /// Connects as the same user, brings its copies up to date, and sends requests with a key again. `None` if the connection
    /// ends meanwhile, or the server is `unavailable`.
    pub fn connect(&mut self, to: SocketAddr, book: &AddressBook) -> Option<Client> {
        let mut client = Client::try_connect(to)?;
        match &self.token {
            Some(token) => {
                client.try_resume(token)?;
                assert_eq!(Some(client.id()), self.user, "it is still the same user");
            }
            None => {
                self.user = Some(client.id());
                self.token = Some(client.token.clone());
            }
        }
        if let Role::Tell { me, .. } = self.role {
            book.lock().unwrap().insert(me, self.user.clone().unwrap());
        }
        self.join(&mut client)?;
        let again: Vec<_> = std::mem::take(&mut self.unanswered).into_iter().map(|(_, request)| request).collect();
        for request in again {
            if request["key"].is_string() {
                self.ask(&mut client, request);
            } else {
                self.lost.push(request);
            }
        }
        Some(client)
    }

    fn join(&mut self, client: &mut Client) -> Option<()> {
        let room = self.room().to_owned();
        if let Role::Count { .. } | Role::Play { first: true, .. } = &self.role
            && !self.copies.0.contains_key(&room)
        {
            let kind = if matches!(self.role, Role::Count { .. }) { "counter" } else { "connect4" };
            let id = client.ask(json!({"type": "create", "kind": kind, "room": room}));
            let made = client.answer_unless_closed(&id)?;
            if made["seat"].is_string() {
                self.seat = Some(("red".into(), text(&made["seat"])));
            }
        }
        let extra = match (&self.role, &self.seat) {
            (_, Some((_, secret))) => json!({"seat": secret}),
            (Role::Play { .. }, None) => json!({"sit": true}),
            (Role::Talk { .. } | Role::Tell { .. } | Role::Count { .. }, None) => json!({}),
        };
        let reply = self.copies.try_join(client, &room, &extra)?;
        if let Role::Play { .. } = self.role {
            let game = &reply["game"];
            if let Some(secret) = game["seat"].as_str() {
                self.seat = Some((text(&game["you"]), secret.into()));
            }
            assert_eq!(game["you"].as_str(), self.seat.as_ref().map(|(seat, _)| seat.as_str()), "{game}");
        }
        Some(())
    }

    fn ask(&mut self, client: &mut Client, request: Value) {
        self.unanswered.push((client.ask(request.clone()), request));
    }

    /// Writes as fast as it may until the connection ends or the time is over.
    pub fn write(&mut self, client: &mut Client, book: &AddressBook, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            while let Some(request) = self.next(book) {
                self.ask(client, request);
            }
            let end = client.listen(Duration::from_millis(20));
            self.take_in(client);
            if end.is_err() {
                return;
            }
        }
    }

    /// Waits until all requests are answered.
    pub fn settle(&mut self, client: &mut Client) {
        while !self.unanswered.is_empty() {
            client.listen(PATIENCE).unwrap();
            self.take_in(client);
        }
    }

    /// Takes in everything that was sent to it so far.
    pub fn catch_up(&mut self, client: &mut Client) {
        client.all().into_iter().for_each(|event| self.copies.note(event));
    }

    fn take_in(&mut self, client: &mut Client) {
        client.take_heard().into_iter().for_each(|event| self.copies.note(event));
        let (told, refused, mut again) = (&mut self.told, &mut self.refused, Vec::new());
        self.unanswered.retain(|(id, request)| {
            let Some(answer) = client.take_answer(id) else { return true };
            if answer["code"] == "unavailable" && request["key"].is_string() {
                again.push(request.clone());
            } else {
                if answer["type"] == "ok" { &mut *told } else { &mut *refused }.push((request.clone(), answer));
            }
            false
        });
        self.has_retried |= !again.is_empty();
        again.into_iter().for_each(|request| self.ask(client, request));
    }

    /// The next request, if it may send one now.
    fn next(&mut self, book: &AddressBook) -> Option<Value> {
        if self.unanswered.len() >= IN_FLIGHT {
            return None;
        }
        self.asked += 1;
        let body = format!("{} says {}", self.name, self.asked);
        let key = format!("key {}", self.asked);
        match &self.role {
            Role::Talk { room } => Some(json!({"type": "say", "room": room, "body": body, "key": key})),
            Role::Tell { to, .. } => {
                let to = book.lock().unwrap().get(to)?.clone();
                Some(json!({"type": "tell", "to": to, "body": body, "key": key}))
            }
            Role::Count { room } => {
                let by = if self.asked.is_multiple_of(3) { -1 } else { 1 };
                Some(json!({"type": "count", "room": room, "by": by}))
            }
            Role::Play { room, .. } => self.unanswered.is_empty().then(|| self.turn(room)).flatten(),
        }
    }

    fn turn(&self, room: &str) -> Option<Value> {
        let log = Log::of(&self.copies.0.get(room)?.events);
        let (seat, _) = self.seat.as_ref()?;
        if log.is_ended {
            let is_offered = log.offered.as_ref() == Some(seat);
            return (!is_offered).then(|| json!({"type": "rematch", "room": room}));
        }
        if log.turn() != Some(seat.as_str()) {
            return None;
        }
        let open = log.board.open();
        let column = open[self.asked as usize % open.len()];
        Some(json!({"type": "play", "room": room, "column": column}))
    }
}
