//! `parlor copy`: a lounge goes on elsewhere, and its clients come back as if nothing had happened.

use parlor_testkit::{Client, Redis, Server, list, text};
use serde_json::{Value, json};

use super::{done, node, on_file, refusal};

const ROOMS: [&str; 4] = ["lobby", "Büro 🦀", "clicks", "board"];

/// A lounge in which everything has happened that a journal keeps, and what its clients know of it.
struct Lounge {
    ann: Seen,
    bo: Seen,
    board: Value,
    inbox: Value,
}

/// A user with the rooms as they were seen last.
struct Seen {
    token: String,
    user: Value,
    rooms: Vec<(&'static str, Value, Vec<Value>)>,
}

impl Lounge {
    fn begin(server: &Server) -> Self {
        let [mut ann, mut bo] = [(); 2].map(|()| Client::connect(server.address));
        ann.rename("Ann");
        bo.rename("Bo");
        for client in [&mut ann, &mut bo] {
            client.join("lobby");
        }
        ann.join("Büro 🦀");
        ann.ok(json!({"type": "create", "kind": "counter", "room": "clicks"}));
        let board = ann.ok(json!({"type": "create", "kind": "connect4", "room": "board"}));
        ann.say_all("lobby", (0..600).map(|n| format!("message {n}")));
        ann.say_all("Büro 🦀", (0..3).map(|n| format!("Nachricht {n}")));
        ann.ok(json!({"type": "say", "room": "lobby", "body": "once", "key": "the key"}));
        ann.join("clicks");
        ann.ok(json!({"type": "count", "room": "clicks", "by": 1}));
        ann.ok(json!({"type": "tell", "to": bo.id(), "body": "for you alone"}));
        let inbox = bo.event("private");
        Lounge { ann: Seen::of(&mut ann), bo: Seen::of(&mut bo), board, inbox }
    }

    /// The clients come back to another server, and find what they left.
    fn goes_on_at(&mut self, server: &Server, recovered: bool) {
        let mut ann = self.ann.come_back(server, recovered);
        let mut bo = self.bo.come_back(server, recovered);
        let again = ann.ok(json!({"type": "say", "room": "lobby", "body": "once", "key": "the key"}));
        let first = &self.ann.rooms[0].2.iter().find(|event| event["body"] == "once").unwrap();
        assert_eq!(again["seq"], first["seq"], "a key is answered as it was");
        let inbox = bo.ok(json!({"type": "history", "room": "@inbox"}));
        assert_eq!(list(&inbox["events"]), std::slice::from_ref(&self.inbox));
        let mut stranger = Client::connect(server.address);
        stranger.refused(json!({"type": "rename", "name": "Ann"}), "name_taken");
        let watched = stranger.ok(json!({"type": "join", "key": self.board["watch"]}));
        assert_eq!(watched["kind"], "connect4");
        ann.say("lobby", "it goes on");
        (self.ann, self.bo) = (Seen::of(&mut ann), Seen::of(&mut bo));
    }
}

impl Seen {
    fn of(client: &mut Client) -> Self {
        let rooms = ["lobby", "Büro 🦀", "clicks"].map(|room| {
            let joined = client.ok(json!({"type": "join", "room": room, "limit": 1}));
            let since = json!({"epoch": joined["epoch"], "seq": joined["seq"]});
            let mut events = Vec::new();
            let mut before = joined["seq"].as_u64().unwrap() + 1;
            while before > 1 {
                let page = client.ok(json!({"type": "history", "room": room, "before": before, "limit": 1000}));
                let page = list(&page["events"]);
                before = page[0]["seq"].as_u64().unwrap();
                events.splice(0..0, page.iter().cloned());
            }
            (room, since, events)
        });
        Seen { token: client.token.clone(), user: client.user.clone(), rooms: rooms.into() }
    }

    fn come_back(&self, server: &Server, recovered: bool) -> Client {
        let mut client = Client::connect(server.address);
        client.resume(&self.token);
        assert_eq!(client.user["id"], self.user["id"]);
        assert_eq!(client.user["name"], self.user["name"]);
        for (room, since, events) in &self.rooms {
            let joined = client.ok(json!({"type": "join", "room": room, "since": since, "limit": 1000}));
            assert_eq!(joined["recovered"], recovered, "{room}: {since}, {}", joined["epoch"]);
            assert_eq!(joined["epoch"] == since["epoch"], recovered);
            assert_eq!(joined["seq"], since["seq"], "{room}");
            let oldest = client.ok(json!({"type": "history", "room": room, "before": 3, "limit": 2}));
            assert_eq!(list(&oldest["events"]), &events[..events.len().min(2)]);
        }
        client
    }
}

#[test]
fn a_lounge_moves_to_redis_and_back_and_its_clients_go_on() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let url = redis.url();
    let mut server = on_file(&directory, "parlor.db").start();
    let mut lounge = Lounge::begin(&server);
    assert_eq!(server.stop(), Some(0));
    let export =
        |journal: &str| ROOMS.map(|room| done(&directory, &["export", "--journal", journal, "--", room], b"")).concat();
    let before = export("parlor.db");

    let told = done(&directory, &["copy", "parlor.db", &url], b"");
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("are copied to redis://127.0.0.1:") && told.contains(" logs with "), "{told}");
    assert!(export(&url) == before, "an export is the same, byte for byte");
    // As it stands: nothing is lost and nothing is older on the way back.
    done(&directory, &["copy", &url, "same.db"], b"");
    assert!(export("same.db") == before);

    let redis = Redis::start();
    let url = redis.url();
    done(&directory, &["copy", "same.db", &url], b"");
    let mut server = node(&redis).start();
    lounge.goes_on_at(&server, true);
    assert_eq!(server.stop(), Some(0));
    let before = export(&url);

    done(&directory, &["copy", &url, "back.db"], b"");
    assert!(export("back.db") == before);
    let mut server = on_file(&directory, "back.db").start();
    lounge.goes_on_at(&server, true);
    assert_eq!(server.stop(), Some(0));

    // What was copied has gone on elsewhere: whoever comes back to it must not take new events for old ones.
    let server = node(&redis).start();
    let ann = &lounge.ann;
    let mut client = Client::connect(server.address);
    client.resume(&ann.token);
    let (room, since, _) = &ann.rooms[1];
    let joined = client.ok(json!({"type": "join", "room": room, "since": since}));
    assert_eq!(joined["recovered"], false);
    assert_ne!(text(&joined["epoch"]), text(&since["epoch"]));
}

#[test]
fn a_copy_needs_a_source_at_rest_and_an_empty_target() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let url = redis.url();
    let refused = refusal(&directory, &["copy", &url, "parlor.db"], b"");
    assert!(refused.contains("there is no journal"), "{refused}");
    let refused = refusal(&directory, &["copy", "parlor.db", &url], b"");
    assert!(refused.contains("There is no journal parlor.db"), "{refused}");
    let refused = refusal(&directory, &["copy", "memory", &url], b"");
    assert!(refused.contains("a journal in memory ends with its server"), "{refused}");

    let mut server = on_file(&directory, "parlor.db").start();
    Client::connect(server.address).say_to_lobby();
    let refused = refusal(&directory, &["copy", "parlor.db", &url], b"");
    assert!(refused.contains("parlor.db is in use by another process"), "{refused}");
    assert_eq!(server.stop(), Some(0));

    let mut there = node(&redis).start();
    Client::connect(there.address).say_to_lobby();
    for args in [["copy", &url, "other.db"], ["copy", "parlor.db", &url]] {
        let refused = refusal(&directory, &args, b"");
        assert!(refused.contains("nodes use it"), "{refused}");
    }
    assert_eq!(there.stop(), Some(0));
    let refused = refusal(&directory, &["copy", "parlor.db", &url], b"");
    assert!(refused.contains("it is not empty"), "{refused}");
    done(&directory, &["copy", &url, "other.db"], b"");
    let refused = refusal(&directory, &["copy", &url, "parlor.db"], b"");
    assert!(refused.contains("parlor.db exists already"), "{refused}");

    // A refusal costs nobody anything.
    let server = on_file(&directory, "parlor.db").start();
    assert_eq!(Client::connect(server.address).join("lobby")["seq"], 2);
}

#[test]
fn a_copy_that_was_interrupted_is_refused_until_it_is_made_again() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let url = redis.url();
    let mut server = on_file(&directory, "parlor.db").start();
    Client::connect(server.address).say_to_lobby();
    assert_eq!(server.stop(), Some(0));
    done(&directory, &["copy", "parlor.db", &url], b"");
    // As it stands just before the last step, with a room that the source does not have.
    for command in [
        &["SET", "{parlor}:closed", "copy"][..],
        &["DEL", "{parlor}:state"],
        &["HSET", "{parlor}:m:room/ghost", "e", "epoch", "h", "0", "v", "1", "f", "1", "at", "0", "u", "0", "s", "{}"],
        &["ZADD", "{parlor}:logs:state", "0", "room/ghost"],
    ] {
        redis.ask(command);
    }
    let flag = format!("--journal={url}");
    for args in [&["export", "lobby", &flag][..], &["backup", "copy.db", &flag], &["import", &flag], &[&flag]] {
        let refused = refusal(&directory, args, b"");
        assert!(refused.contains("a copy that is not complete"), "{args:?}: {refused}");
    }
    done(&directory, &["copy", "parlor.db", &url], b"");
    let server = node(&redis).start();
    let mut client = Client::connect(server.address);
    assert_eq!(client.join("lobby")["seq"], 2);
    assert!(redis.ask(&["EXISTS", "{parlor}:m:room/ghost"]) == parlor_testkit::redis::Reply::Number(0));
}

trait SayToLobby {
    fn say_to_lobby(&mut self);
}

impl SayToLobby for Client {
    fn say_to_lobby(&mut self) {
        self.join("lobby");
        self.say("lobby", "hello");
    }
}
