//! A disk that is full for a while.

use std::collections::BTreeSet;
use std::process::Command;

use parlor_testkit::Client;
use serde_json::{Value, json};

use super::in_directory;
use parlor_testkit::fleet::copies::Copies;

/// A client's messages, answered and refused.
#[derive(Default)]
struct Said {
    answered: Vec<(Value, Value)>,
    refused: BTreeSet<String>,
    number: usize,
}

impl Said {
    /// Says something of a kilobyte; `true` if it was answered `ok`.
    fn say(&mut self, client: &mut Client) -> bool {
        self.number += 1;
        let body = format!("line {} {}", self.number, "x".repeat(1000));
        let answer = client.request(json!({"type": "say", "room": "lobby", "body": body}));
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
    let mut server = in_directory(&directory).file_limit_kib(600).start();
    let [mut writer, mut watcher] = [(); 2].map(|()| Client::connect(server.address));
    let mut said = Said::default();
    for client in [&mut writer, &mut watcher] {
        client.join("lobby");
    }
    assert_eq!(server.get("/readyz").status, 200);
    while said.refused.len() < 20 {
        said.say(&mut writer);
        assert!(said.number < 5000, "the disk was to be full");
    }
    assert!(said.answered.len() > 20);
    let reason = server.wait_for("/readyz", 503);
    assert!(reason.contains("the journal's disk"), "{reason}");
    assert_eq!(server.get("/healthz").status, 200);
    writer.refused(json!({"type": "create", "kind": "counter"}), "unavailable");

    // What is kept can still be read, by newcomers too.
    let reply = Client::connect(server.address).join("lobby");
    assert_eq!(reply["seq"], said.answered.last().unwrap().1["seq"]);

    let status = Command::new("prlimit").args(["--pid", &server.id().to_string(), "--fsize=unlimited"]).status();
    assert!(status.unwrap().success());
    server.wait_for("/readyz", 200); // though nobody says anything
    for _ in 0..50 {
        assert!(said.say(&mut writer));
    }
    for event in [writer.all_of("message"), watcher.all_of("message")].concat() {
        assert!(!said.refused.contains(event["body"].as_str().unwrap()), "what was refused was shown");
    }

    server.kill();
    let server = in_directory(&directory).start();
    let mut copies = Copies::default();
    copies.join(&mut Client::connect(server.address), "lobby", &json!({})); // no gap, it says
    let events = &copies.0["lobby"].events;
    let messages: Vec<&Value> = events.iter().filter(|event| event["type"] == "message").collect();
    assert_eq!(messages.len(), said.answered.len());
    for (event, (body, answer)) in messages.iter().zip(&said.answered) {
        assert_eq!((&event["body"], &event["seq"], &event["id"]), (body, &answer["seq"], &answer["id"]));
    }
}
