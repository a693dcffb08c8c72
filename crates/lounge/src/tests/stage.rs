//! A lounge to play scripts on.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Lounge;
use crate::identity::token::Signer;
use crate::settings::LoungeSettings;
use parlor_core::ClientId;
use parlor_core::harness::Harness;
use parlor_core::journal::Journal;

pub struct Stage {
    pub harness: Harness<Lounge>,
    asked: u64,
    seed: u64,
}

/// A client and who it is.
#[derive(Clone, Debug)]
pub struct Someone {
    pub client: ClientId,
    pub id: String,
    pub name: String,
    pub token: String,
}

pub fn settings() -> LoungeSettings {
    LoungeSettings::new(Signer::new(b"a secret for tests"))
}

impl Stage {
    pub fn new() -> Self {
        Self::with(settings())
    }

    pub fn with(settings: LoungeSettings) -> Self {
        Stage { harness: Harness::new(Lounge::new(settings), 7), asked: 0, seed: 7 }
    }

    /// The server is started again on what its journal kept.
    pub fn again(self, settings: LoungeSettings) -> Self {
        // What is drawn at random is not drawn again.
        let seed = self.seed + 1;
        let harness = Harness::with_journal(Lounge::new(settings), seed, self.harness.into_journal());
        Stage { harness, asked: 0, seed }
    }

    pub fn on(journal: Box<dyn Journal>, settings: LoungeSettings) -> Self {
        Self::with_seed(journal, settings, 7)
    }

    pub fn with_seed(journal: Box<dyn Journal>, settings: LoungeSettings, seed: u64) -> Self {
        Stage { harness: Harness::with_journal(Lounge::new(settings), seed, journal), asked: 0, seed }
    }

    pub fn enter(&mut self) -> Someone {
        let client = self.harness.connect();
        let welcome = self.hear(client).remove(0);
        assert_eq!(welcome["type"], "welcome");
        Someone {
            client,
            id: text(&welcome["user"]["id"]),
            name: text(&welcome["user"]["name"]),
            token: text(&welcome["token"]),
        }
    }

    /// Somebody who comes back with a token.
    pub fn resume(&mut self, token: &str) -> Someone {
        let new = self.enter();
        let ok = self.ok(new.client, json!({"type": "resume", "token": token}));
        Someone {
            client: new.client,
            id: text(&ok["user"]["id"]),
            name: text(&ok["user"]["name"]),
            token: text(&ok["token"]),
        }
    }

    pub fn say(&mut self, client: ClientId, frame: &Value) {
        self.harness.say(client, &frame.to_string());
    }

    pub fn hear(&mut self, client: ClientId) -> Vec<Value> {
        self.harness.heard(client).iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    pub fn deaf(&mut self, clients: &[ClientId]) {
        for client in clients {
            self.harness.heard(*client);
        }
    }

    /// Sends a request with an `id`; the answer, and what came before and after it.
    pub fn ask(&mut self, client: ClientId, mut frame: Value) -> (Value, Vec<Value>) {
        self.asked += 1;
        frame["id"] = json!(self.asked);
        self.say(client, &frame);
        let mut heard = self.hear(client);
        let at = heard.iter().position(|heard| heard["re"] == self.asked).unwrap_or_else(|| {
            panic!("no answer to {frame}, only {heard:?}");
        });
        let answer = heard.remove(at);
        (answer, heard)
    }

    /// The answer, which is an `ok`; events are passed over.
    #[track_caller]
    pub fn ok(&mut self, client: ClientId, frame: Value) -> Value {
        let (answer, _) = self.ask(client, frame);
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// The code of the error that is the answer, and all that comes.
    #[track_caller]
    pub fn error(&mut self, client: ClientId, frame: Value) -> String {
        self.deaf(&[client]);
        let (answer, events) = self.ask(client, frame);
        assert_eq!(answer["type"], "error", "{answer}");
        assert_eq!(events, Vec::<Value>::new());
        text(&answer["code"])
    }

    pub fn join(&mut self, client: ClientId, room: &str) -> Value {
        self.ok(client, json!({"type": "join", "room": room}))
    }

    pub fn follow(&mut self) {
        self.harness.follow().unwrap();
    }

    pub fn pass(&mut self, seconds: u64) {
        self.harness.advance(Duration::from_secs(seconds));
    }

    pub fn pass_ms(&mut self, millis: u64) {
        self.harness.advance(Duration::from_millis(millis));
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The `type`s of what was heard.
pub fn types(heard: &[Value]) -> Vec<&str> {
    heard.iter().map(|frame| frame["type"].as_str().unwrap_or_default()).collect()
}
