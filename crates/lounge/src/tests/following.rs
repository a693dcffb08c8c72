//! Somebody else writes to the same logs, as another node would.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::json;

use super::stage::{Stage, settings, types};
use parlor_core::Time;
use parlor_core::journal::Journal;
use parlor_core::journal::MemoryJournal;
use parlor_core::journal::{Append, Commit, Expect, Load, Loaded, LogName, Outcome, Restored};

#[derive(Clone)]
pub struct Shared(Arc<Mutex<MemoryJournal>>, Arc<AtomicBool>);

impl Shared {
    pub fn new() -> Self {
        Self::of(MemoryJournal::new(1000))
    }

    pub fn of(journal: MemoryJournal) -> Self {
        Shared(Arc::new(Mutex::new(journal)), Arc::default())
    }

    /// `true`: loads fail from now on.
    pub fn fail_reads(&self, fail: bool) {
        self.1.store(fail, Ordering::SeqCst);
    }

    pub fn append(&self, log: &str, record: &serde_json::Value) {
        let append = Append {
            log: LogName::new(log),
            expect: Expect::Anything,
            epoch: String::new(),
            at: parlor_core::Time(1),
            records: vec![Bytes::from(record.to_string())],
            state: None,
            expires_at: None,
        };
        let commit = Commit { appends: vec![append], ..Commit::default() };
        assert!(matches!(self.clone().commit_all(vec![commit])[..], [Outcome::Committed(_)]));
    }

    pub fn tidy(&self, now: Time) {
        let mut journal = self.0.lock().unwrap();
        while journal.tidy(now) {}
    }

    pub fn drop_log(&self, log: &str) {
        self.clone().commit_all(vec![Commit { drops: vec![LogName::new(log)], ..Commit::default() }]);
    }
}

impl Journal for Shared {
    fn restore(&mut self) -> Result<Restored, String> {
        self.0.lock().unwrap().restore()
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        self.0.lock().unwrap().commit_all(batch)
    }

    fn load(&mut self, load: Load) -> Loaded {
        if self.1.load(Ordering::SeqCst) {
            return Loaded::Unavailable("broken".into());
        }
        self.0.lock().unwrap().load(load)
    }
}

#[test]
fn what_others_wrote_is_shown_before_what_is_decided_anew() {
    let journal = Shared::new();
    let mut stage = Stage::on(Box::new(journal.clone()), settings());
    let ann = stage.enter();
    stage.ok(ann.client, json!({"type": "create", "kind": "counter", "room": "tally"}));
    stage.join(ann.client, "tally");
    let person = json!({"id": ann.id, "name": "somebody elsewhere"});
    for value in 1..=5 {
        journal.append("room/tally", &json!({"type": "counted", "value": value, "by": person}));
    }
    let (counted, events) = stage.ask(ann.client, json!({"type": "count", "room": "tally", "by": 1}));
    assert_eq!((&counted["value"], &counted["seq"]), (&json!(6), &json!(7)));
    let seqs: Vec<_> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [2, 3, 4, 5, 6, 7]);
    assert_eq!(stage.join(ann.client, "tally")["value"], 6);
}

#[test]
fn a_move_made_elsewhere_counts() {
    let journal = Shared::new();
    let mut stage = Stage::on(Box::new(journal.clone()), settings());
    let (red, yellow) = (stage.enter().client, stage.enter().client);
    let made = stage.ok(red, json!({"type": "create", "kind": "connect4", "room": "table"}));
    stage.ok(red, json!({"type": "join", "room": "table", "seat": made["seat"]}));
    stage.ok(yellow, json!({"type": "join", "key": made["join"]}));
    let played = json!({"type": "played", "player": "red", "column": 3, "row": 0, "turn": "yellow"});
    journal.append("room/table", &played);
    let (refused, events) = stage.ask(red, json!({"type": "play", "room": "table", "column": 3}));
    assert_eq!((&refused["code"], types(&events)), (&json!("not_your_turn"), vec!["seated", "joined", "played"]));
    assert_eq!(stage.ok(yellow, json!({"type": "play", "room": "table", "column": 3}))["row"], 1);
}

#[test]
fn a_room_whose_log_is_gone_takes_nothing() {
    let journal = Shared::new();
    let mut stage = Stage::on(Box::new(journal.clone()), settings());
    let ann = stage.enter().client;
    stage.join(ann, "lobby");
    journal.drop_log("room/lobby");
    for _ in 0..2 {
        assert_eq!(stage.error(ann, json!({"type": "say", "room": "lobby", "body": "x"})), "unavailable");
    }
    let (answer, _) = stage.ask(ann, json!({"type": "ping"}));
    assert_eq!(types(&[answer]), ["ok"]);
    assert_eq!(stage.harness.open_requests(), 0);
}
