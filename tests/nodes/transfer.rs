//! `export` and `import` on a Redis.

use parlor_testkit::{Client, Redis};
use serde_json::json;

use super::{done, lines, node, refusal};

#[test]
fn rooms_go_out_beside_nodes_and_come_in_without_them() {
    let directory = tempfile::tempdir().unwrap();
    let [here, there] = [(); 2].map(|()| Redis::start());
    let [from, to] = [&here, &there].map(|redis| format!("--journal={}", redis.url()));
    let mut server = node(&here).start();
    let mut ann = Client::connect(server.address);
    ann.ok(json!({"type": "create", "kind": "counter", "room": "clicks"}));
    ann.join("tea");
    ann.say_all("tea", (0..700).map(|n| format!("message {n}")));
    ann.join("clicks");
    ann.ok(json!({"type": "count", "room": "clicks", "by": 1}));

    let all: Vec<u8> =
        ["tea", "clicks"].iter().flat_map(|room| done(&directory, &["export", room, &from], b"")).collect();
    assert_eq!(lines(&all).len(), 703);
    let refused = refusal(&directory, &["export", "nowhere", &from], b"");
    assert!(refused.contains("there is no room nowhere in redis://127.0.0.1:"), "{refused}");
    let refused = refusal(&directory, &["import", &from], &all);
    assert!(refused.contains("nodes use it"), "{refused}");
    assert_eq!(server.stop(), Some(0));
    let refused = refusal(&directory, &["import", &from], &all);
    assert!(refused.contains("there is a room tea already"), "{refused}");

    let told = lines(&done(&directory, &["import", &to], &all));
    assert_eq!(told.len(), 2);
    let again: Vec<u8> =
        ["tea", "clicks"].iter().flat_map(|room| done(&directory, &["export", room, &to], b"")).collect();
    assert!(again == all, "what comes out again is what went in, byte for byte");
    // Rooms are added to those of a lounge.
    let mut server = node(&there).start();
    let mut bo = Client::connect(server.address);
    assert_eq!(bo.join("tea")["seq"], 701);
    assert_eq!(bo.ok(json!({"type": "join", "room": "clicks", "limit": 1}))["events"][0]["value"], 1);
    bo.say("tea", "here too");
    assert_eq!(server.stop(), Some(0));
    let more = String::from_utf8(all).unwrap().replace("\"tea\"", "\"coffee\"");
    let coffee: String = more.lines().filter(|line| line.contains("coffee")).map(|line| format!("{line}\n")).collect();
    done(&directory, &["import", &to], coffee.as_bytes());
    let server = node(&there).start();
    let mut bo = Client::connect(server.address);
    assert_eq!(bo.join("coffee")["seq"], 701);
    assert_eq!(bo.join("tea")["seq"], 702);
}
