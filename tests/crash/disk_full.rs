//! A disk that is full for a while.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use super::client::Client;
use super::copies::Copies;
use super::server::Server;

/// What a client asked, and what came of it.
#[derive(Default)]
struct Said {
    answered: Vec<(Value, Value)>,
    refused: BTreeSet<String>,
    number: usize,
}

impl Said {
    /// Says something of a kilobyte. `true`: it was answered `ok`.
    fn say(&mut self, client: &mut Client, heard: &mut Vec<Value>) -> bool {
        self.number += 1;
        let body = format!("line {} {}", self.number, "x".repeat(1000));
        let answer = client.ask_for_any(json!({"type": "say", "room": "lobby", "body": body}), heard).unwrap();
        if answer["type"] == "ok" {
            self.answered.push((json!(body), answer));
            return true;
        }
        assert_eq!(answer["code"], "unavailable", "{answer}");
        self.refused.insert(body);
        false
    }
}

#[test]
fn a_full_disk_refuses_shows_nothing_and_says_why_until_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_limited(directory.path(), 600);
    let (mut writer, _) = Client::connect(server.port).unwrap();
    let (mut watcher, _) = Client::connect(server.port).unwrap();
    let (mut said, mut heard) = (Said::default(), Vec::new());
    for client in [&mut writer, &mut watcher] {
        client.get(json!({"type": "join", "room": "lobby"}));
    }
    assert_eq!(server.get("/readyz").0, 200);
    while said.refused.len() < 20 {
        said.say(&mut writer, &mut heard);
        assert!(said.number < 5000, "the disk was to be full");
    }
    assert!(said.answered.len() > 20);
    let reason = server.wait_for("/readyz", 503);
    assert!(reason.contains("the journal's disk"), "{reason}");
    assert_eq!(server.get("/healthz").0, 200);
    let refused = writer.ask_for_any(json!({"type": "create", "kind": "counter"}), &mut heard).unwrap();
    assert_eq!(refused["code"], "unavailable", "{refused}");

    // What is kept can still be read, by newcomers too.
    let (mut newcomer, _) = Client::connect(server.port).unwrap();
    let reply = newcomer.get(json!({"type": "join", "room": "lobby"}));
    assert_eq!(reply["seq"], said.answered.last().unwrap().1["seq"]);

    let status = Command::new("prlimit").args(["--pid", &server.id().to_string(), "--fsize=unlimited"]).status();
    assert!(status.unwrap().success());
    server.wait_for("/readyz", 200); // though nobody says anything
    for _ in 0..50 {
        assert!(said.say(&mut writer, &mut heard));
    }
    watcher.ask(json!({"type": "ping"}), &mut heard).unwrap();
    for event in heard.iter().filter(|event| event["type"] == "message") {
        assert!(!said.refused.contains(event["body"].as_str().unwrap()), "what was refused was shown");
    }

    server.kill();
    let server = Server::start(directory.path());
    let (mut reader, _) = Client::connect(server.port).unwrap();
    let mut copies = Copies::default();
    copies.join(&mut reader, "lobby", &json!({})).unwrap(); // no gap, it says
    let events = &copies.0["lobby"].events;
    let messages: Vec<&Value> = events.iter().filter(|event| event["type"] == "message").collect();
    assert_eq!(messages.len(), said.answered.len());
    for (event, (body, answer)) in messages.iter().zip(&said.answered) {
        assert_eq!((&event["body"], &event["seq"], &event["id"]), (body, &answer["seq"], &answer["id"]));
    }
}
