//! `backup` of a Redis while nodes write.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use parlor_testkit::{Client, Redis, list, wait_until};
use serde_json::json;

use super::{done, node, on_file, refusal};

/// Rooms that each writer writes to in turn: so one instant shows the same number in each, or one more in those before.
const ROOMS: [&str; 3] = ["one", "two", "three"];

#[test]
fn a_backup_is_of_one_instant_however_much_is_written() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let nodes = [(); 2].map(|()| node(&redis).start());
    let (is_over, rounds) = (AtomicBool::new(false), AtomicUsize::new(0));
    let flag = format!("--journal={}", redis.url());
    let mut client = Client::connect(nodes[0].address);
    ROOMS.iter().for_each(|room| drop(client.join(room)));
    let before = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                let round = rounds.load(Ordering::SeqCst);
                for room in ROOMS {
                    client.say(room, &format!("round {round}"));
                }
                rounds.fetch_add(1, Ordering::SeqCst);
            }
        });
        // Others write too, so that there is always something new.
        scope.spawn(|| {
            let mut other = Client::connect(nodes[1].address);
            other.join("noise");
            while !is_over.load(Ordering::SeqCst) {
                other.say("noise", "noise");
            }
        });
        wait_until("enough is written", || rounds.load(Ordering::SeqCst) > 100);
        let before = rounds.load(Ordering::SeqCst);
        for n in 0..3 {
            done(&directory, &["backup", &format!("copy{n}.db"), &flag], b"");
        }
        is_over.store(true, Ordering::SeqCst);
        before
    });
    let refused = refusal(&directory, &["backup", "copy0.db", &flag], b"");
    assert!(refused.contains("exists already"), "{refused}");

    for n in 0..3 {
        let server = on_file(&directory, &format!("copy{n}.db")).start();
        let mut reader = Client::connect(server.address);
        let counts = ROOMS.map(|room| {
            let joined = reader.ok(json!({"type": "join", "room": room, "limit": 1000}));
            let events = list(&joined["events"]).iter().filter(|event| event["type"] == "message");
            let bodies: Vec<&str> = events.map(|event| event["body"].as_str().unwrap()).collect();
            let first: usize = bodies[0].strip_prefix("round ").unwrap().parse().unwrap();
            for (at, body) in bodies.iter().enumerate() {
                assert_eq!(*body, format!("round {}", first + at), "{room}");
            }
            first + bodies.len()
        });
        assert!(counts[2] >= before, "all that was acknowledged before is there: {counts:?}, {before}");
        assert!(counts[0] >= counts[1] && counts[1] >= counts[2] && counts[0] <= counts[2] + 1, "{counts:?}");
    }
}

#[test]
fn a_backup_brings_the_secret_along_and_begins_new_epochs() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let server = node(&redis).start();
    let mut ann = Client::connect(server.address);
    ann.rename("Ann");
    let epoch = ann.join("lobby")["epoch"].clone();
    ann.say("lobby", "hello");
    done(&directory, &["backup", "copy.db", &format!("--journal={}", redis.url())], b"");
    let copy = on_file(&directory, "copy.db").start();
    let mut again = Client::connect(copy.address);
    again.resume(&ann.token);
    assert_eq!(again.user["name"], "Ann");
    let joined = again.ok(json!({"type": "join", "room": "lobby", "since": {"epoch": epoch, "seq": 1}}));
    assert_eq!(joined["recovered"], false, "seqs of a backup may be given twice");
}
