//! The history as all clients together have seen it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::Step;
use super::actor::{Actor, Asked};
use super::tokens::Tokens;
use crate::games::GameList;
use crate::settings::LoungeSettings;
use crate::tests::stage::{Stage, settings, text};
use parlor_core::engine::Effect;
use parlor_core::{ClientId, Close, Time};

pub const ROOMS: [&str; 4] = ["hall", "attic", COUNTER, TABLE];
const COUNTER: &str = "tally";
const TABLE: &str = "table";
const NAMES: [&str; 3] = ["Ann", "Bob", "Cid"];

/// So small that the journal is asked often, and often too much is missed.
fn small() -> LoungeSettings {
    LoungeSettings { window_events: 3, page_events: PAGE, recover_events: RECOVER, ..settings() }
}

pub const PAGE: usize = 6;
pub const RECOVER: usize = 10;

/// Every log as anybody saw it, and what was answered.
#[derive(Debug, Default)]
pub struct Record {
    logs: BTreeMap<String, BTreeMap<u64, Value>>,
    pub epochs: BTreeMap<String, String>,
    /// Room, number, id, and what was said, unless somebody else of the same user may have said it with the same key.
    said: Vec<(String, u64, Value, Option<String>)>,
    /// By user, room and key: the first answer.
    keys: BTreeMap<(String, String, String), Value>,
    failed: BTreeSet<String>,
    pub told: Vec<(String, String, u64)>,
    pub counts: Vec<(u64, i64)>,
    /// By user and key: the message that was told.
    pub told_keys: BTreeMap<(String, String), Value>,
    pub tokens: Tokens,
}

impl Record {
    /// The same event for everyone who sees it, whenever.
    pub fn event(&mut self, room: &str, event: &Value) {
        let log = self.logs.entry(room.to_owned()).or_default();
        let known = log.entry(event["seq"].as_u64().unwrap()).or_insert_with(|| event.clone());
        assert_eq!(known, event);
    }

    pub fn epoch(&mut self, room: &str, epoch: &str) {
        let known = self.epochs.entry(room.to_owned()).or_insert_with(|| epoch.to_owned());
        assert_eq!(known, epoch);
    }

    pub fn said(&mut self, user: &str, room: &str, body: &str, key: Option<String>, answer: &Value) {
        let mut answer = answer.clone();
        answer["re"] = Value::Null;
        let mut is_first = true;
        let body = key.is_none().then(|| body.to_owned());
        if let Some(key) = key {
            let key = (user.to_owned(), room.to_owned(), key);
            is_first = !self.keys.contains_key(&key);
            assert_eq!(self.keys.entry(key).or_insert_with(|| answer.clone()), &answer);
        }
        if is_first {
            self.said.push((room.to_owned(), answer["seq"].as_u64().unwrap(), answer["id"].clone(), body));
        }
    }

    pub fn not_said(&mut self, body: String) {
        self.failed.insert(body);
    }
}

pub struct World {
    stage: Option<Stage>,
    actors: Vec<Actor>,
    record: Record,
    asked: u64,
    is_held: bool,
    /// How much of the trace has been looked through.
    traced: usize,
    gone: BTreeSet<ClientId>,
}

impl World {
    pub fn new(actors: usize) -> Self {
        let mut stage = Stage::with(small());
        let maker = stage.enter().client;
        stage.ok(maker, json!({"type": "create", "kind": "counter", "room": COUNTER}));
        stage.ok(maker, json!({"type": "create", "kind": "connect4", "room": TABLE}));
        let traced = stage.harness.trace.len();
        stage.harness.drop_client(maker);
        World {
            stage: Some(stage),
            actors: (0..actors).map(|_| Actor::default()).collect(),
            record: Record::default(),
            asked: 0,
            is_held: false,
            traced,
            gone: BTreeSet::from([maker]),
        }
    }

    fn stage(&mut self) -> &mut Stage {
        self.stage.as_mut().unwrap()
    }

    pub fn step(&mut self, step: Step) {
        match step {
            Step::Come { actor, again } => {
                let token = Some(self.actors[actor].token.clone()).filter(|token| again && !token.is_empty());
                self.come(actor, token);
            }
            Step::ComeAs { actor, other } => {
                let token = Some(self.actors[other].token.clone()).filter(|token| !token.is_empty());
                self.come(actor, token);
            }
            Step::Drop { actor } => self.drop_actor(actor),
            Step::Join { actor, room, since } => {
                let mut frame = json!({"type": "join", "room": ROOMS[room]});
                let known = self.actors[actor].known.get(ROOMS[room]).filter(|_| since).cloned();
                if let Some((epoch, seq)) = &known {
                    frame["since"] = json!({"epoch": epoch, "seq": seq});
                }
                self.ask(actor, frame, Asked::Join { since: known.map(|(_, seq)| seq) });
            }
            Step::Leave { actor, room } => {
                let asked = Asked::Leave { room: ROOMS[room].into() };
                self.ask(actor, json!({"type": "leave", "room": ROOMS[room]}), asked);
            }
            Step::Say { actor, room, key } => {
                let body = format!("body {}", self.asked);
                let mut frame = json!({"type": "say", "room": ROOMS[room], "body": body});
                let key = key.map(|key| format!("key {key}"));
                if let Some(key) = &key {
                    frame["key"] = json!(key);
                }
                self.ask(actor, frame, Asked::Say { room: ROOMS[room].into(), body, key });
            }
            Step::Tell { actor, to, key } => {
                let body = format!("body {}", self.asked);
                let to = self.actors[to].user.clone();
                let mut frame = json!({"type": "tell", "to": to, "body": body});
                let key = key.map(|key| format!("key {key}"));
                if let Some(key) = &key {
                    frame["key"] = json!(key);
                }
                self.ask(actor, frame, Asked::Tell { body, key });
            }
            Step::Inbox { actor } => self.ask(actor, json!({"type": "join", "room": "@inbox"}), Asked::Inbox),
            Step::Rename { actor, name } => {
                self.ask(actor, json!({"type": "rename", "name": NAMES[name]}), Asked::Other);
            }
            Step::SignOut { actor } => {
                self.ask(actor, json!({"type": "sign_out", "everywhere": true}), Asked::SignOut);
            }
            Step::Transfer { actor } => {
                let now = self.record.tokens.now;
                self.ask(actor, json!({"type": "transfer"}), Asked::Transfer(now));
            }
            Step::ComeOver { actor, from } => {
                if let Some(token) = self.record.tokens.transfer_of(&self.actors[from].user) {
                    self.come(actor, Some(token));
                }
            }
            Step::Count { actor } => {
                self.ask(actor, json!({"type": "count", "room": COUNTER, "by": 1}), Asked::Count);
            }
            Step::Sit { actor } => {
                let frame = match self.actors[actor].seats.get(TABLE) {
                    Some(seat) => json!({"type": "join", "room": TABLE, "seat": seat}),
                    None => json!({"type": "join", "room": TABLE, "sit": true}),
                };
                self.ask(actor, frame, Asked::Join { since: None });
            }
            Step::Play { actor, column } => {
                self.ask(actor, json!({"type": "play", "room": TABLE, "column": column}), Asked::Other);
            }
            Step::Typing { actor, room } => {
                self.ask(actor, json!({"type": "typing", "room": ROOMS[room]}), Asked::Other);
            }
            Step::Pass { millis } => self.pass(Duration::from_millis(millis)),
            Step::Hold => {
                self.is_held = true;
                self.stage().harness.hold_journal();
            }
            Step::Release { fails } => {
                self.is_held = false;
                self.stage().harness.release_journal(if fails { Err("full") } else { Ok(()) });
            }
            Step::HoldBack { answers, reads } => {
                if answers {
                    self.stage().harness.hold_answers();
                }
                // What is held already is let out first: nothing is forgotten.
                if reads.is_some() {
                    self.stage().harness.release_reads();
                }
                match reads {
                    Some(true) => self.stage().harness.hold_reads(),
                    Some(false) => self.stage().harness.put_off_reads(),
                    None => {}
                }
            }
            Step::LetOut { answers: true } => self.stage().harness.release_answers(),
            Step::LetOut { answers: false } => self.stage().harness.release_reads(),
            Step::Fault { on } => self.stage().harness.set_journal_fault(on.then_some("broken")),
            Step::Settle => self.settle(),
            Step::Restart => self.restart(),
        }
        self.look();
    }

    fn come(&mut self, actor: usize, token: Option<String>) {
        self.drop_actor(actor);
        self.look();
        let client = self.stage().harness.connect();
        self.actors[actor].client = Some(client);
        self.look();
        if let Some(token) = token {
            let shown = self.record.tokens.show(token.clone());
            self.ask(actor, json!({"type": "resume", "token": token}), Asked::Resume(shown));
        }
    }

    fn drop_actor(&mut self, actor: usize) {
        if let Some(client) = self.actors[actor].client {
            self.doubt(actor);
            self.actors[actor].lose();
            self.gone.insert(client);
            self.look_at_effects();
            self.stage().harness.drop_client(client);
        }
    }

    /// A session that ends while it signs out does not hear whether it has.
    fn doubt(&mut self, actor: usize) {
        let Actor { asked, user, .. } = &self.actors[actor];
        if asked.values().any(|asked| matches!(asked, Asked::SignOut)) {
            self.record.tokens.doubt(user);
        }
    }

    fn pass(&mut self, time: Duration) {
        self.stage().harness.advance(time);
        self.record.tokens.now = self.record.tokens.now + time;
    }

    fn ask(&mut self, actor: usize, mut frame: Value, asked: Asked) {
        let Some(client) = self.actors[actor].client else { return };
        self.asked += 1;
        frame["id"] = json!(self.asked);
        self.actors[actor].asked.insert(self.asked, asked);
        self.stage().say(client, &frame);
    }

    /// Checks all that was heard, and that nothing was sent to clients that are gone.
    fn look(&mut self) {
        for actor in 0..self.actors.len() {
            let Some(client) = self.actors[actor].client else { continue };
            for frame in self.stage().hear(client) {
                self.actors[actor].hear(&frame, &mut self.record);
            }
        }
        self.look_at_sessions();
        self.look_at_effects();
        let rooms = &self.stage.as_ref().unwrap().harness.app().subjects.rooms;
        assert_eq!(rooms.counts(), rooms.recount().0);
    }

    /// Those who have signed out everywhere are there once, and nobody else was closed.
    fn look_at_sessions(&mut self) {
        let signed_out = self.record.tokens.look();
        for actor in 0..self.actors.len() {
            let Some(client) = self.actors[actor].client else { continue };
            let user = self.actors[actor].user.clone();
            let close = self.stage().harness.closed(client).cloned();
            if let Some((_, by)) = signed_out.iter().find(|(by, _)| *by == user) {
                assert_eq!(close.is_some(), *by != client, "{close:?}");
            } else {
                assert!(close.is_none() || self.record.tokens.is_in_doubt(&user), "{close:?}");
            }
            if let Some(close) = close {
                assert_eq!(close.code, Close::REMOVED);
                self.actors[actor].lose();
                self.look_at_effects();
                self.gone.insert(client);
                self.stage().harness.drop_client(client);
            }
        }
    }

    fn look_at_effects(&mut self) {
        let Some(stage) = &self.stage else { return };
        for (_, effect) in &stage.harness.trace[self.traced..] {
            let to_gone = match effect {
                Effect::Send { client, .. } | Effect::Join { client, .. } | Effect::Close { client, .. } => {
                    self.gone.contains(client)
                }
                Effect::Broadcast { clients, .. } => clients.iter().any(|client| self.gone.contains(client)),
                Effect::Leave { .. }
                | Effect::All { .. }
                | Effect::Commit { .. }
                | Effect::Load { .. }
                | Effect::Done { .. }
                | Effect::Spawn { .. }
                | Effect::Cancel { .. } => false,
            };
            assert!(!to_gone, "{effect:?}");
        }
        self.traced = stage.harness.trace.len();
    }

    /// Nothing is under way any more, and all graces are over.
    fn settle(&mut self) {
        self.is_held = false;
        self.stage().harness.set_journal_fault(None);
        self.stage().harness.release_journal(Ok(()));
        self.stage().harness.release_answers();
        self.stage().harness.release_reads();
        self.look(); // sessions that were closed leave now, so that their grace is over too
        self.pass(Duration::from_secs(11));
        self.look();
        for actor in &self.actors {
            let Some(client) = actor.client else { continue };
            assert!(actor.asked.is_empty(), "no answer to {:?}", actor.asked);
            assert_eq!(self.stage.as_ref().unwrap().harness.in_flight(client), 0);
        }
        assert_eq!(self.stage().harness.open_requests(), 0);
        let probe = self.stage().enter().client;
        for room in ROOMS {
            let there: BTreeSet<String> = self
                .actors
                .iter()
                .filter(|actor| actor.views.contains_key(room))
                .map(|actor| actor.user.clone())
                .collect();
            for actor in self.actors.iter().filter(|actor| actor.views.contains_key(room)) {
                assert_eq!(actor.views[room].members, there);
            }
            let (users, _) = self.stage().ask(probe, json!({"type": "users", "room": room}));
            if users["type"] == "error" {
                assert!(there.is_empty());
                continue;
            }
            let told: BTreeSet<String> =
                users["users"].as_array().unwrap().iter().map(|user| text(&user["id"])).collect();
            assert_eq!(told, there);
        }
        self.check_names(probe);
        self.look_at_effects();
        self.gone.insert(probe);
        self.stage().harness.drop_client(probe);
    }

    fn check_names(&mut self, probe: ClientId) {
        let users = self.stage().ok(probe, json!({"type": "users"}));
        let users = users["users"].as_array().unwrap();
        let names: BTreeSet<String> = users.iter().map(|user| text(&user["name"]).to_lowercase()).collect();
        assert_eq!(names.len(), users.len());
        let ids: BTreeSet<&str> = self.actors.iter().filter(|a| a.client.is_some()).map(|a| a.user.as_str()).collect();
        assert_eq!(users.len(), ids.len() + 1);
    }

    fn restart(&mut self) {
        for actor in 0..self.actors.len() {
            self.doubt(actor);
            self.actors[actor].lose();
        }
        self.record.tokens.restarted();
        let stage = self.stage.take().unwrap();
        self.is_held = false;
        self.stage = Some(stage.again(small()));
        self.traced = 0;
        self.gone.clear();
    }

    /// Checks that acknowledged events stand in the logs once, and failed ones do not.
    pub fn end(mut self) {
        self.settle();
        self.restart();
        let reader = self.stage().enter().client;
        for room in ROOMS {
            let (history, _) = self.stage().ask(reader, json!({"type": "history", "room": room, "limit": 1000}));
            for event in history["events"].as_array().into_iter().flatten() {
                self.record.event(room, event);
            }
            let log = self.record.logs.get(room).cloned().unwrap_or_default();
            assert!(log.keys().copied().eq(1..=log.len() as u64), "no gaps");
            let bodies: Vec<&str> = log.values().filter_map(|event| event["body"].as_str()).collect();
            assert_eq!(bodies.iter().collect::<BTreeSet<_>>().len(), bodies.len(), "said twice");
            assert!(bodies.iter().all(|body| !self.record.failed.contains(*body)), "failed, and said all the same");
            for (_, seq, id, body) in self.record.said.iter().filter(|(said, ..)| said == room) {
                assert_eq!(&log[seq]["id"], id);
                assert!(body.as_ref().is_none_or(|body| log[seq]["body"] == **body));
            }
            self.check_counter(room, &log);
        }
        self.check_table(reader);
        self.check_tokens();
    }

    /// Over the restart too, tokens that are void open nothing, and the others do.
    fn check_tokens(&mut self) {
        let tokens: Vec<(String, bool)> =
            self.record.tokens.all().map(|(token, opens)| (token.to_owned(), opens)).collect();
        for (token, opens) in tokens {
            let client = self.stage().enter().client;
            let (answer, _) = self.stage().ask(client, json!({"type": "resume", "token": token}));
            assert_eq!(answer["type"] == "ok", opens, "{answer}");
            self.stage().harness.drop_client(client);
        }
    }

    /// The game that outlived the server is what its events add up to.
    fn check_table(&mut self, reader: ClientId) {
        let joined = self.stage().join(reader, TABLE);
        let mut game = GameList::default().find("connect4").unwrap().begin();
        for event in self.record.logs[TABLE].values().filter(|event| event["type"] != "message") {
            let _ = game.apply(&event.to_string()); // all but `created`
        }
        let view = game.view().unwrap();
        assert!(view.iter().all(|(name, value)| joined["game"][name] == *value), "{view:?} is not {joined}");
    }

    fn check_counter(&self, room: &str, log: &BTreeMap<u64, Value>) {
        let counted = log.values().filter(|event| event["type"] == "counted");
        for (event, value) in counted.zip(1..) {
            assert_eq!(event["value"], value);
        }
        if room == COUNTER {
            for (seq, value) in &self.record.counts {
                assert_eq!(log[seq]["value"], *value);
            }
        }
    }

    pub fn into_trace(self) -> Vec<(Time, Effect)> {
        self.stage.unwrap().harness.trace
    }
}
