//! `export`, `import` and `backup`, beside a server at work and without one.

use std::fs;

use parlor_testkit::{Client, Server, number};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{in_directory, run};
use parlor_testkit::fleet::{Fleet, judge};

fn done(directory: &TempDir, args: &[&str], input: &[u8]) -> Vec<u8> {
    let output = run(directory, args, input);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn refusal(directory: &TempDir, args: &[&str], input: &[u8]) -> String {
    let output = run(directory, args, input);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn events(lines: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(lines).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A fleet that has written for a while, and the server it wrote to.
fn written(directory: &TempDir) -> (Fleet, Server) {
    let mut fleet = Fleet::new();
    for _ in 0..2 {
        let mut server = in_directory(directory).start();
        let clients = fleet.connect(server.address);
        fleet.write(clients, || {
            std::thread::sleep(std::time::Duration::from_millis(300));
            server.kill();
        });
    }
    let server = in_directory(directory).start();
    let mut clients = fleet.connect(server.address);
    fleet.settle(&mut clients);
    judge(&fleet, server.address);
    (fleet, server)
}

#[test]
fn what_is_exported_is_what_everybody_heard_and_can_be_imported() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (fleet, mut server) = written(&here);
    let mut all = Vec::new();
    for room in ["lobby", "Büro 🦀", "clicks", "board one"] {
        let lines = done(&here, &["export", room], b"");
        let writer = fleet.writers.iter().find(|writer| writer.room() == room).unwrap();
        assert!(events(&lines) == writer.copies.0[room].events, "{room}");
        all.extend(lines);
    }
    let refused = refusal(&here, &["import"], &all);
    assert!(refused.contains("in use by another process: stop that one first"), "{refused}");
    assert_eq!(server.stop(), Some(0));
    let refused = refusal(&here, &["import"], &all);
    assert!(refused.contains("there is a room lobby already"), "{refused}");

    let told = events(&done(&there, &["import"], &all));
    assert_eq!(told.len(), 4);
    let again: Vec<u8> = ["lobby", "Büro 🦀", "clicks", "board one"]
        .iter()
        .flat_map(|room| done(&there, &["export", room], b""))
        .collect();
    assert!(again == all, "what comes out again is what went in, byte for byte");

    let server = in_directory(&there).start();
    let mut client = Client::connect(server.address);
    let clicks = client.ok(json!({"type": "join", "room": "clicks", "limit": 1}));
    assert_eq!(clicks["kind"], "counter");
    let before = clicks["events"][0]["value"].as_i64().unwrap();
    assert_eq!(client.ok(json!({"type": "count", "room": "clicks", "by": 1}))["value"], before + 1);
    // The keys that were told open the game, and the seats' secrets play it.
    let board = told.iter().find(|told| told["room"] == "board one").unwrap();
    let watched = client.ok(json!({"type": "join", "key": board["watch"]}));
    assert_eq!(watched["game"]["you"], Value::Null);
    for seat in ["red", "yellow"] {
        let seated = client.ok(json!({"type": "join", "key": board["join"], "seat": board["seats"][seat]}));
        assert_eq!(seated["game"]["you"], seat);
        assert_eq!(seated["game"]["moves"], watched["game"]["moves"]);
    }
}

#[test]
fn a_backup_made_beside_a_server_at_work_serves_in_its_place() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut fleet, mut server) = written(&here);
    let file = there.path().join("parlor.db");
    let clients = fleet.connect(server.address);
    fleet.write(clients, || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        done(&here, &["backup", file.to_str().unwrap()], b"");
        server.kill();
    });
    let refused = refusal(&here, &["backup", file.to_str().unwrap()], b"");
    assert!(refused.contains("exists already"), "{refused}");
    fs::copy(here.path().join("parlor.db.secret"), there.path().join("parlor.db.secret")).unwrap();

    let server = in_directory(&there).start();
    let mut client = Client::connect(server.address);
    for writer in &fleet.writers {
        let room = writer.room();
        if room.starts_with('@') {
            continue;
        }
        let copy = &writer.copies.0[room];
        let since = json!({"epoch": copy.epoch, "seq": 1});
        let reply = client.ok(json!({"type": "join", "room": room, "since": since, "limit": 1000}));
        assert_eq!(reply["recovered"], false, "seqs of a backup may be given twice");
        assert_ne!(reply["epoch"].as_str(), copy.epoch.as_deref());
        for event in reply["events"].as_array().unwrap() {
            assert_eq!(Some(event), copy.events.get(number(&event["seq"]) as usize - 1));
        }
    }
}

#[test]
fn words_for_what_cannot_be_done() {
    let directory = tempfile::tempdir().unwrap();
    for (args, words) in [
        (&["export", "lobby"][..], "There is no journal ./parlor.db"),
        (&["backup", "copy.db"], "There is no journal ./parlor.db"),
        (&["export", "@inbox"], "@"),
        (&["export", "lobby", "--journal=memory"], "name a file or a Redis (--journal)"),
        (&["import", "--journal=memory"], "name a file or a Redis (--journal)"),
        (&["import", "--journal=no/where.db"], "no/where.db does not exist: make it"),
    ] {
        let refused = refusal(&directory, args, b"");
        assert!(refused.starts_with("parlor: ") && refused.contains(words), "{args:?}: {refused}");
    }
    let refused = refusal(&directory, &["import"], b"\n{\"type\":\"message\",\"room\":\"x\"}\n");
    assert!(refused.contains("line 2: it is no event of a room (missing field `seq`"), "{refused}");
    fs::write(directory.path().join("letter.db"), "Dear Ada, this is no database but a letter.").unwrap();
    let refused = refusal(&directory, &["export", "x", "--journal=letter.db"], b"");
    assert!(refused.contains("is no database"), "{refused}");
}
