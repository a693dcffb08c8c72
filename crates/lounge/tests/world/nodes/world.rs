//! Three servers on one journal, which hear of one another late.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parlor_core::Time;
use parlor_core::harness::Harness;
use parlor_core::journal::{Journal, MemoryJournal, SharedJournal, WriterFaults};
use parlor_lounge::{Lounge, LoungeSettings, Signer};
use serde_json::{Value, json};

use super::logs::{Acknowledged, Logs};
use super::person::{Asked, Person};
use super::step::{NODES, PEOPLE, ROOMS, Step, TABLE, TALLY};
use crate::fault::{Checked, Fault, hold};

/// Commits that the journal remembers: a server that hears of none for longer has fallen behind.
const FEED: usize = 60;

struct Node {
    harness: Option<Harness<Lounge>>,
    /// Commits or answers are held, or were while something was asked.
    is_held: bool,
}

pub struct World {
    nodes: Vec<Node>,
    people: Vec<Person>,
    journal: SharedJournal,
    logs: Logs,
    wall: Time,
    starts: u64,
    /// Numbers what is said without a key, so that all of it differs.
    bodies: u64,
    /// Every token that was replaced by a sign-out.
    void: Vec<String>,
    /// An older copy of the journal, with what it must have.
    copy: Option<(MemoryJournal, Acknowledged, Vec<String>)>,
    /// Bad luck for each server.
    faults: Vec<WriterFaults>,
    /// All servers hear of everything at once.
    is_calm: bool,
    pub effects: u64,
}

fn settings() -> LoungeSettings {
    LoungeSettings::new(Signer::new(b"the secret of a simulated world"))
}

impl World {
    pub fn new() -> Self {
        let journal = SharedJournal::with_feed(MemoryJournal::new(10_000), FEED);
        let mut world = World {
            nodes: Vec::new(),
            people: (0..PEOPLE).map(|_| Person::default()).collect(),
            logs: Logs::default(),
            wall: Time(1_795_224_660_000),
            starts: 0,
            bodies: 0,
            void: Vec::new(),
            copy: None,
            faults: Vec::new(),
            is_calm: false,
            effects: 0,
            journal,
        };
        for _ in 0..NODES {
            let journal = Box::new(world.journal.another());
            world.faults.push(journal.faults());
            let harness = world.start(journal);
            world.nodes.push(Node { harness: Some(harness), is_held: false });
        }
        world
    }

    fn start(&mut self, journal: Box<dyn Journal>) -> Harness<Lounge> {
        self.starts += 1;
        let mut harness = Harness::with_journal(Lounge::new(settings()), self.starts, journal);
        harness.set_clock(self.wall);
        harness
    }

    /// A server ends without a word and starts again; so does one that has fallen behind.
    fn restart(&mut self, node: usize) {
        let Some(harness) = self.nodes[node].harness.take() else { return };
        for person in self.people.iter_mut().filter(|person| person.node == node) {
            person.lose();
        }
        let harness = self.start(harness.into_journal());
        self.nodes[node] = Node { harness: Some(harness), is_held: false };
    }

    fn at(&mut self, node: usize) -> Result<&mut Harness<Lounge>, Fault> {
        let none = Fault { rule: "no-panic", words: "a server is gone".into() };
        self.nodes[node].harness.as_mut().ok_or(none)
    }

    /// # Errors
    /// The rule that is broken.
    pub fn step(&mut self, step: Step) -> Checked {
        match step {
            Step::Come { who, node } => self.come(who, node, self.people[who].token.clone())?,
            Step::ComeAs { who, other, node } => self.come(who, node, self.people[other].token.clone())?,
            Step::Drop { who } => self.drop_session(who)?,
            Step::Join { who, room, since } => {
                let room = ROOMS[room];
                let known = self.people[who].known.get(room).cloned().filter(|_| since);
                let mut request = json!({"type": "join", "room": room});
                if let Some((epoch, seq)) = &known {
                    request["since"] = json!({"epoch": epoch, "seq": seq});
                }
                self.make(who, room)?;
                self.ask(
                    who,
                    request,
                    Asked::Join { room: room.to_owned(), since: known, newest: self.logs.newest(room) },
                )?;
            }
            Step::Say { who, room, key } => {
                let (room, body) = (ROOMS[room], self.body(who, "says", key));
                let request = json!({"type": "say", "room": room, "body": format!("{body} in {room}")});
                let said = Asked::Say { room: room.to_owned(), body: format!("{body} in {room}") };
                self.ask(who, with_key(request, key), said)?;
            }
            Step::Tell { who, to, key } => {
                let (to, body) = (self.people[to].user.clone(), self.body(who, "tells", key));
                // A key is for one message: the first one with it stands.
                let request = json!({"type": "tell", "to": to, "body": body});
                let told = if key.is_some() { Asked::Other } else { Asked::Tell { to, body } };
                self.ask(who, with_key(request, key), told)?;
            }
            Step::Count { who } => self.ask(who, json!({"type": "count", "room": TALLY, "by": 1}), Asked::Count)?,
            Step::Sit { who } => {
                let since = None;
                self.make(who, TABLE)?;
                let request = match &self.people[who].seat {
                    Some(seat) => json!({"type": "join", "room": TABLE, "seat": seat}),
                    None => json!({"type": "join", "room": TABLE, "sit": true}),
                };
                self.ask(who, request, Asked::Join { room: TABLE.to_owned(), since, newest: self.logs.newest(TABLE) })?;
            }
            Step::Play { who, column } => {
                self.ask(who, json!({"type": "play", "room": TABLE, "column": column}), Asked::Other)?;
            }
            Step::Rename { who, name } => self.ask(who, json!({"type": "rename", "name": name}), Asked::Resume)?,
            Step::SignOut { who } => {
                self.ask(who, json!({"type": "sign_out", "everywhere": true}), Asked::SignOut)?;
            }
            Step::Follow { node } => {
                let _ = self.at(node)?.follow(); // who has fallen behind starts again below
            }
            Step::Hold { node, answers } => {
                self.nodes[node].is_held = true;
                let harness = self.at(node)?;
                if answers { harness.hold_answers() } else { harness.hold_journal() }
            }
            Step::LetGo { node } => self.let_go(node)?,
            Step::Expire { node } => self.faults[node].expire(),
            Step::LoseAnswers { node, loses } => self.faults[node].lose_answers(loses),
            Step::Kill { node } => self.restart(node),
            Step::Copy => {
                self.copy = Some((self.journal.copy(), self.logs.acknowledged.clone(), self.void.clone()));
            }
            Step::PutBack => self.put_back(),
            Step::Pass { millis } => self.pass(millis)?,
        }
        self.look()
    }

    fn put_back(&mut self) {
        let Some((journal, acknowledged, void)) = self.copy.take() else { return };
        self.journal.put_back(journal);
        (self.logs.acknowledged, self.void) = (acknowledged, void);
        for node in 0..NODES {
            self.restart(node);
        }
    }

    fn pass(&mut self, millis: u64) -> Checked {
        for node in 0..NODES {
            self.at(node)?.advance(Duration::from_millis(millis));
        }
        self.wall = self.wall + Duration::from_millis(millis);
        while self.journal.tidy(self.wall) {}
        Ok(())
    }

    fn let_go(&mut self, node: usize) -> Checked {
        let harness = self.at(node)?;
        harness.release_journal(Ok(()));
        harness.release_answers();
        self.nodes[node].is_held = false;
        Ok(())
    }

    fn come(&mut self, who: usize, node: usize, token: String) -> Checked {
        self.drop_session(who)?;
        let client = self.at(node)?.connect();
        (self.people[who].client, self.people[who].node) = (Some(client), node);
        self.look()?;
        if !token.is_empty() && self.people[who].client.is_some() {
            self.ask(who, json!({"type": "resume", "token": token}), Asked::Resume)?;
        }
        Ok(())
    }

    fn drop_session(&mut self, who: usize) -> Checked {
        if let Some(client) = self.people[who].client {
            let node = self.people[who].node;
            self.at(node)?.drop_client(client);
            self.people[who].lose();
        }
        Ok(())
    }

    /// The counter and the table are made by whoever comes first; that they are there already is no fault.
    fn make(&mut self, who: usize, room: &str) -> Checked {
        let kind = match room {
            TALLY => "counter",
            TABLE => "connect4",
            _ => return Ok(()),
        };
        self.ask(who, json!({"type": "create", "kind": kind, "room": room}), Asked::Other)
    }

    fn body(&mut self, who: usize, does: &str, key: Option<u64>) -> String {
        let user = &self.people[who].user;
        if let Some(key) = key {
            return format!("{user} {does} {key}");
        }
        self.bodies += 1;
        format!("{user} {does} number {}", self.bodies)
    }

    fn ask(&mut self, who: usize, mut request: Value, asked: Asked) -> Checked {
        let Some(client) = self.people[who].client.filter(|_| self.people[who].is_welcome) else { return Ok(()) };
        request["id"] = json!(self.people[who].ask(asked));
        let node = self.people[who].node;
        self.at(node)?.say(client, &request.to_string());
        self.look()
    }

    /// Everybody hears what there is; who is closed comes back later.
    fn look(&mut self) -> Checked {
        if self.is_calm {
            self.follow_everywhere()?;
        }
        for (number, node) in self.nodes.iter_mut().enumerate() {
            let Some(harness) = &mut node.harness else { continue };
            self.effects += std::mem::take(&mut harness.trace).len() as u64;
            let is_behind = harness.has_fallen_behind();
            for person in self.people.iter_mut().filter(|person| person.node == number) {
                let Some(client) = person.client else { continue };
                for text in harness.heard(client) {
                    let frame: Value = serde_json::from_str(&text).unwrap_or_default();
                    person.hear(&frame, is_behind, &mut self.logs)?;
                }
                self.void.append(&mut person.void);
                if !harness.is_open(client) {
                    harness.drop_client(client);
                    person.lose();
                }
            }
        }
        for node in 0..NODES {
            if self.at(node)?.has_fallen_behind() {
                self.restart(node);
            }
        }
        Ok(())
    }

    fn follow_everywhere(&mut self) -> Checked {
        for node in 0..NODES {
            let _ = self.at(node)?.follow(); // who has fallen behind starts again
        }
        Ok(())
    }

    /// Everything is written and heard everywhere: what each server tells must be what is.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn end(&mut self) -> Checked {
        for round in 0..3 {
            for node in 0..NODES {
                self.faults[node].lose_answers(false);
                self.let_go(node)?;
                let _ = self.at(node)?.follow();
                self.look()?;
            }
            self.pass(250)?; // who holds back for another server has done so for long enough
            self.look()?;
            hold!("answered-once", round < 2 || self.waiting() == 0, "{} requests have no answer", self.waiting());
        }
        self.is_calm = true;
        self.look()?;
        self.pass(30_000)?; // every grace is over
        self.look()?;
        self.check_presence()?;
        self.check_names()?;
        self.check_tokens()?;
        for node in 0..NODES {
            self.check_node(node)?;
        }
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.people.iter().map(Person::open_requests).sum()
    }

    /// A stranger reads every room whole, and everybody their inbox.
    fn check_node(&mut self, node: usize) -> Checked {
        let mut reader = Person::at(node, self.at(node)?.connect());
        let mut epochs = BTreeMap::new();
        for room in Logs::rooms() {
            let newest = self.logs.newest(room);
            let asked = Asked::Join { room: room.to_owned(), since: None, newest };
            let joined = self.talk(&mut reader, json!({"type": "join", "room": room}), asked)?;
            let epoch = joined["epoch"].as_str().unwrap_or_default().to_owned();
            let mut before = joined["seq"].as_u64().unwrap_or(0) + 1;
            while before > 1 {
                let page =
                    self.talk(&mut reader, json!({"type": "history", "room": room, "before": before}), Asked::Other)?;
                let events = page["events"].as_array().cloned().unwrap_or_default();
                let Some(first) = events.first().and_then(|event| event["seq"].as_u64()) else { break };
                for event in &events {
                    self.logs.event(room, &epoch, event)?;
                }
                before = first;
            }
            epochs.insert(room.to_owned(), epoch);
        }
        self.logs.check_rooms(&epochs)?;
        for who in 0..PEOPLE {
            let token = self.people[who].token.clone();
            self.come(who, node, token)?;
            self.ask(who, json!({"type": "join", "room": "@inbox", "limit": 1000}), Asked::Inbox)?;
            let person = &self.people[who];
            self.logs.check_inbox(&person.user, &person.read)?;
        }
        Ok(())
    }

    /// Asks as a person of no number; returns the answer.
    fn talk(&mut self, person: &mut Person, mut request: Value, asked: Asked) -> Result<Value, Fault> {
        let Some(client) = person.client else { return Ok(Value::Null) };
        let id = person.ask(asked);
        request["id"] = json!(id);
        let node = person.node;
        let harness = self.at(node)?;
        harness.say(client, &request.to_string());
        let heard = harness.heard(client);
        let mut answer = Value::Null;
        for text in heard {
            let frame: Value = serde_json::from_str(&text).unwrap_or_default();
            person.hear(&frame, false, &mut self.logs)?;
            if frame["re"] == id {
                answer = frame;
            }
        }
        self.follow_everywhere()?;
        Ok(answer)
    }

    /// Every server tells the same of who is on and where, and it is so; and so does what each session has heard.
    fn check_presence(&mut self) -> Checked {
        let here = |person: &&Person| person.client.is_some();
        let mut rooms: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for room in ROOMS {
            let inside = self.people.iter().filter(here).filter(|person| person.views.contains_key(room));
            rooms.insert(room, inside.map(|person| person.user.clone()).collect());
        }
        let on: BTreeSet<String> = self.people.iter().filter(here).map(|person| person.user.clone()).collect();
        for person in self.people.iter().filter(here) {
            for (room, members) in &person.members {
                let there = &rooms[room.as_str()];
                hold!("presence-converges", members == there, "{} saw {members:?} in {room}: {there:?}", person.user);
            }
        }
        for node in 0..NODES {
            let mut reader = Person::at(node, self.at(node)?.connect());
            self.follow_everywhere()?;
            for (room, there) in &rooms {
                let listed = self.users(&mut reader, json!({"type": "users", "room": room}))?;
                hold!("presence-converges", listed.is_none_or(|listed| listed == *there), "{room} has {there:?}");
            }
            let mut listed = self.users(&mut reader, json!({"type": "users"}))?.unwrap_or_default();
            listed.remove(&reader.user);
            hold!("presence-converges", listed == on, "server {node} tells of {listed:?}: {on:?}");
            if let Some(client) = reader.client {
                self.at(node)?.drop_client(client);
            }
            self.follow_everywhere()?;
        }
        Ok(())
    }

    /// The users that a list has; `None` if there is no such room.
    fn users(&mut self, reader: &mut Person, request: Value) -> Result<Option<BTreeSet<String>>, Fault> {
        let answer = self.talk(reader, request, Asked::Other)?;
        let Some(users) = answer["users"].as_array() else { return Ok(None) };
        hold!("presence-converges", answer["count"] == users.len(), "{answer}");
        Ok(Some(users.iter().map(|user| user["id"].as_str().unwrap_or_default().to_owned()).collect()))
    }

    /// Nobody has the name of another, on whatever server.
    fn check_names(&mut self) -> Checked {
        let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in 0..NODES {
            let mut reader = Person::at(node, self.at(node)?.connect());
            let users = self.talk(&mut reader, json!({"type": "users"}), Asked::Other)?;
            for user in users["users"].as_array().into_iter().flatten() {
                let name = crate::model::names::folded(user["name"].as_str().unwrap_or_default());
                owners.entry(name).or_default().insert(user["id"].as_str().unwrap_or_default().to_owned());
            }
        }
        for (name, owners) in owners {
            hold!("names-are-unique", owners.len() == 1, "{name} is the name of {owners:?}");
        }
        Ok(())
    }

    /// A token that a sign-out replaced opens nothing, on whatever server.
    fn check_tokens(&mut self) -> Checked {
        for node in 0..NODES {
            for token in self.void.clone() {
                let mut bearer = Person::at(node, self.at(node)?.connect());
                let answer = self.talk(&mut bearer, json!({"type": "resume", "token": token}), Asked::Other)?;
                hold!("void-is-void", answer["code"] == "forbidden", "a void token was answered {answer}");
            }
        }
        Ok(())
    }
}

fn with_key(mut request: Value, key: Option<u64>) -> Value {
    if let Some(key) = key {
        request["key"] = json!(key.to_string());
    }
    request
}
