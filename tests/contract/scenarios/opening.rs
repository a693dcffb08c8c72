//! The first frame, and how requests and answers belong together.

use parlor_testkit::text;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{House, On};

pub fn the_welcome_comes_first(on: On) {
    let house = House::open_with_defaults(on);
    let (one, other) = (house.guest(), house.guest());
    let welcome = &one.welcome;
    assert_eq!(welcome["protocol"], 1);
    assert_eq!(welcome["heartbeat_ms"], 25_000);
    for id in [&welcome["session"], &welcome["user"]["id"]] {
        Uuid::try_parse(&text(id)).unwrap();
    }
    assert!(one.name().starts_with("guest-"), "{welcome}");
    assert!(!one.token.is_empty());
    let time = text(&welcome["server_time"]);
    assert_eq!(chrono::DateTime::parse_from_rfc3339(&time).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(), time);
    for (limit, value) in
        [("frame_bytes", 65536), ("body_chars", 4096), ("presence_room", 64), ("recover_events", 1000), ("rooms", 64)]
    {
        assert_eq!(welcome["limits"][limit], value, "{limit}");
    }
    for field in ["session", "user", "token"] {
        assert_ne!(welcome[field], other.welcome[field], "everybody is somebody else");
    }
    assert_ne!(one.name(), other.name());
}

pub fn every_id_is_answered_with_itself(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let longest = "é".repeat(64);
    let ids = [
        json!("a"),
        json!(longest),
        json!("\"\\\n\u{0}"),
        json!(0),
        json!(-7),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("1"),
        json!(1),
    ];
    for id in &ids {
        ann.send(json!({"type": "ping", "id": id}));
    }
    for id in &ids {
        assert_eq!(ann.answer(id)["re"], *id);
    }
    ann.send(json!({"type": "leave", "id": "wrong", "room": "nowhere"}));
    assert_eq!(ann.answer(&json!("wrong"))["type"], "error");
    ann.hears_nothing(); // and the client sees to it that no answer comes twice
}

pub fn ids_of_other_kinds_are_errors(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let ids = ["1.5", "1e3", "true", "[]", "{}", "\"\"", &format!("\"{}\"", "x".repeat(65)), "18446744073709551616"];
    for id in ids {
        ann.send_text(&format!(r#"{{"type":"ping","id":{id}}}"#));
        let error = ann.next_event();
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("bad_request")), "{id}");
        assert!(error.get("re").is_none() && text(&error["message"]).contains("id"), "{error}");
    }
}

pub fn without_an_id_only_errors_come_back(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.send(json!({"type": "ping"}));
    ann.send(json!({"type": "echo", "body": 1}));
    ann.hears_nothing();
    ann.send(json!({"type": "leave", "room": "nowhere"}));
    let error = ann.next_event();
    assert_eq!((&error["type"], &error["code"], error.get("re")), (&json!("error"), &json!("not_in_room"), None));
    ann.hears_nothing();
}

pub fn unknown_fields_are_ignored(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.ok(json!({"type": "ping", "colour": "blue", "re": 5, "limits": {"deep": [1, 2]}}));
    let joined = ann.ok(json!({"type": "join", "room": "lobby", "since": null, "volume": 11, "kind": "counter"}));
    assert_eq!(joined["kind"], "chat");
    ann.ok(json!({"type": "say", "room": "lobby", "body": "x", "seq": 99, "at": "never", "id2": 1}));
}

pub fn what_is_no_request_is_an_error_and_never_a_close(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let deep = "[".repeat(30_000);
    let deep_field = format!(r#"{{"type":"echo","body":{}"#, "[".repeat(30_000));
    // Where a line is a frame, an empty line is none.
    for junk in Some("").into_iter().filter(|_| on.has_empty_frames()).chain([
        " ",
        "hello",
        "{",
        "[]",
        "null",
        "1",
        "\"ping\"",
        r#"{"type":"ping"} x"#,
        "{'type':'ping'}",
        &deep,
        &deep_field,
    ]) {
        ann.send_text(junk);
        let error = ann.next_event();
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("bad_json")), "{junk:.40}");
        assert!(error.get("re").is_none());
    }
    for kind in ["shout", "", "PING", "welcome", "message", "ok"] {
        let answer = ann.refused(json!({"type": kind}), "unknown_type");
        assert_eq!(answer.get("retry_after_ms"), None);
    }
    ann.refused(json!({"type": 5}), "bad_request");
    ann.refused(json!({"kind": "ping"}), "bad_request");
    ann.ok(json!({"type": "ping"}));
}

pub fn fields_that_are_wrong_are_named(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let wrong: [(Value, &str); 22] = [
        (json!({"type": "resume"}), "token"),
        (json!({"type": "resume", "token": 1}), "token"),
        (json!({"type": "rename", "name": ["Ann"]}), "name"),
        (json!({"type": "join"}), "room"),
        (json!({"type": "join", "room": 7}), "room"),
        (json!({"type": "join", "room": "r", "since": 5}), "since"),
        (json!({"type": "join", "room": "r", "since": {"epoch": "x"}}), "since"),
        (json!({"type": "join", "room": "r", "since": {"epoch": "x", "seq": -1}}), "since"),
        (json!({"type": "join", "room": "r", "limit": "all"}), "limit"),
        (json!({"type": "join", "room": "r", "sit": "yes"}), "sit"),
        (json!({"type": "leave", "room": null}), "room"),
        (json!({"type": "say", "room": "r"}), "body"),
        (json!({"type": "say", "room": "r", "body": 1}), "body"),
        (json!({"type": "say", "room": "r", "body": "x", "key": ""}), "key"),
        (json!({"type": "say", "room": "r", "body": "x", "key": "k".repeat(65)}), "key"),
        (json!({"type": "tell", "body": "x"}), "to"),
        (json!({"type": "history", "room": "r", "before": "x"}), "before"),
        (json!({"type": "rooms", "after": 1}), "after"),
        (json!({"type": "create", "kind": "chess"}), "kind"),
        (json!({"type": "create", "kind": "chat", "unlisted": 1}), "unlisted"),
        (json!({"type": "count", "room": "r", "by": 2}), "by"),
        (json!({"type": "echo"}), "body"),
    ];
    for (request, field) in wrong {
        let answer = ann.refused(request, "bad_request");
        assert!(text(&answer["message"]).contains(field), "{answer} should name {field}");
        assert_eq!(answer["field"], field, "{answer}");
    }
}
