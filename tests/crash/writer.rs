//! A client that writes: what it asks, what it is told, and how it goes on after the server's end.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use super::board::Board;
use super::client::{Client, Gone};
use super::copies::Copies;

/// What a writer is there for.
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
    /// Requests that are not answered, oldest first.
    unanswered: Vec<(Option<u64>, Value)>,
    /// Requests that were answered `ok`, with the answer.
    pub told: Vec<(Value, Value)>,
    /// Requests of which nobody knows what became, and which are not asked again.
    pub lost: Vec<Value>,
    /// Requests that were answered with an error.
    pub refused: Vec<(Value, Value)>,
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
            asked: 0,
        }
    }

    /// What all rooms of this writer's are called: the one it writes to.
    pub fn room(&self) -> &str {
        match &self.role {
            Role::Talk { room } | Role::Count { room } | Role::Play { room, .. } => room,
            Role::Tell { .. } => "@inbox",
        }
    }

    /// Comes back as who it was, takes up its copies, and asks again what may be asked twice.
    pub fn connect(&mut self, port: u16, book: &AddressBook) -> Result<Client, Gone> {
        let (mut client, welcome) = Client::connect(port)?;
        match &self.token {
            Some(token) => {
                let reply = client.ask(json!({"type": "resume", "token": token}), &mut Vec::new())?;
                assert_eq!(reply["user"]["id"].as_str(), self.user.as_deref(), "it is still who it was");
            }
            None => {
                self.user = Some(welcome["user"]["id"].as_str().unwrap().to_owned());
                self.token = Some(welcome["token"].as_str().unwrap().to_owned());
            }
        }
        if let Role::Tell { me, .. } = self.role {
            book.lock().unwrap().insert(me, self.user.clone().unwrap());
        }
        self.join(&mut client)?;
        let again: Vec<_> = std::mem::take(&mut self.unanswered).into_iter().map(|(_, request)| request).collect();
        for request in again {
            if request["key"].is_string() {
                self.ask(&mut client, request)?;
            } else {
                self.lost.push(request);
            }
        }
        Ok(client)
    }

    fn join(&mut self, client: &mut Client) -> Result<(), Gone> {
        let room = self.room().to_owned();
        if let Role::Count { .. } | Role::Play { first: true, .. } = &self.role
            && !self.copies.0.contains_key(&room)
        {
            let kind = if matches!(self.role, Role::Count { .. }) { "counter" } else { "connect4" };
            let made = client.ask_for_any(json!({"type": "create", "kind": kind, "room": room}), &mut Vec::new())?;
            if made["seat"].is_string() {
                self.seat = Some(("red".into(), made["seat"].as_str().unwrap().into()));
            }
        }
        let extra = match (&self.role, &self.seat) {
            (_, Some((_, secret))) => json!({"seat": secret}),
            (Role::Play { .. }, None) => json!({"sit": true}),
            (Role::Talk { .. } | Role::Tell { .. } | Role::Count { .. }, None) => json!({}),
        };
        let reply = self.copies.join(client, &room, &extra)?;
        if let Role::Play { .. } = self.role {
            let game = &reply["game"];
            if let Some(secret) = game["seat"].as_str() {
                self.seat = Some((game["you"].as_str().unwrap().into(), secret.into()));
            }
            assert_eq!(game["you"].as_str(), self.seat.as_ref().map(|(seat, _)| seat.as_str()), "{game}");
        }
        Ok(())
    }

    fn ask(&mut self, client: &mut Client, request: Value) -> Result<(), Gone> {
        self.unanswered.push((None, request.clone()));
        let id = client.send(request)?;
        self.unanswered.last_mut().unwrap().0 = Some(id);
        Ok(())
    }

    /// Writes as fast as it may until the connection ends.
    pub fn write(&mut self, client: &mut Client, book: &AddressBook) -> Gone {
        loop {
            while let Some(request) = self.next(book) {
                if let Err(gone) = self.ask(client, request) {
                    return gone;
                }
            }
            match client.receive_within(Duration::from_millis(20)) {
                Ok(frame) => frame.into_iter().for_each(|frame| self.hear(frame)),
                Err(gone) => return gone,
            }
        }
    }

    /// Waits until all that it asked is answered.
    pub fn settle(&mut self, client: &mut Client) {
        while !self.unanswered.is_empty() {
            let frame = client.receive().unwrap();
            self.hear(frame);
        }
    }

    /// Hears what was sent to it so far: what it asks now is answered after all that.
    pub fn catch_up(&mut self, client: &mut Client) {
        let mut events = Vec::new();
        client.ask(json!({"type": "ping"}), &mut events).unwrap();
        events.into_iter().for_each(|event| self.hear(event));
    }

    fn hear(&mut self, frame: Value) {
        let Some(id) = frame["re"].as_u64() else { return self.copies.note(frame) };
        let Some(at) = self.unanswered.iter().position(|(asked, _)| *asked == Some(id)) else {
            panic!("{}: answered twice or never asked: {frame}", self.name)
        };
        let (_, request) = self.unanswered.remove(at);
        match frame["type"].as_str() {
            Some("ok") => self.told.push((request, frame)),
            _ => self.refused.push((request, frame)),
        }
    }

    /// What it wants to ask next.
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
        let board = Board::of(&self.copies.0.get(room)?.events);
        let (seat, _) = self.seat.as_ref()?;
        if board.is_over {
            let is_offered = board.offers.contains(seat);
            return (!is_offered).then(|| json!({"type": "rematch", "room": room}));
        }
        if board.turn.as_ref() != Some(seat) {
            return None;
        }
        let start = self.asked * 5 + board.moves.len() as u64 * 3;
        let column = (0..7).map(|column| (start + column) % 7).find(|column| board.height(*column) < 6)?;
        Some(json!({"type": "play", "room": room, "column": column}))
    }
}
