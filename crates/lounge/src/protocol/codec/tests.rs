use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn decoded(request: &Value) -> Result<Request, (Option<RequestId>, Refused)> {
    decode(Incoming::Text(&request.to_string()))
}

fn asked(request: Value) -> Ask {
    decoded(&request).unwrap_or_else(|(_, refused)| panic!("{request}: {refused}")).ask
}

fn refused(text: &str) -> String {
    decode(Incoming::Text(text)).expect_err(text).1.to_string()
}

/// Fields that are read when their room is known.
fn later(json: &str) -> Fields<'static> {
    Fields::parse(json).unwrap().to_be_read_later()
}

fn a_room() -> RoomName {
    RoomName::parse("lobby").unwrap()
}

#[test]
fn every_request_is_understood() {
    let user = "0192d3a4-5b6c-7d8e-9fa0-b1c2d3e4f506";
    let cases = [
        (json!({"type": "resume", "token": "abc"}), Ask::Resume { token: Secret::new("abc") }),
        (json!({"type": "rename", "name": " Zoë  K. "}), Ask::Rename { name: Name::parse("Zoë K.").unwrap() }),
        (json!({"type": "sign_out", "everywhere": true}), Ask::SignOut),
        (json!({"type": "leave", "room": "lobby"}), Ask::Leave { room: a_room() }),
        (
            json!({"type": "say", "room": "lobby", "body": "hi", "key": "k1"}),
            Ask::Say {
                room: a_room(),
                said: Saying { body: "hi".into(), mentions: Vec::new() },
                key: Some(DedupKey("k1".into())),
            },
        ),
        (
            json!({"type": "tell", "to": user, "body": "hi"}),
            Ask::Tell { to: Addressee::Id(Uuid::parse_str(user).unwrap()), body: "hi".into(), key: None },
        ),
        (
            json!({"type": "tell", "to": "Ann", "body": " "}),
            Ask::Tell { to: Addressee::Name(Name::parse("Ann").unwrap()), body: " ".into(), key: None },
        ),
        (
            json!({"type": "history", "room": "lobby", "before": 9, "limit": 1000}),
            Ask::History { room: LogRef::Room(a_room()), before: Some(9), limit: Some(1000) },
        ),
        (json!({"type": "history", "room": "@inbox"}), Ask::History { room: LogRef::Inbox, before: None, limit: None }),
        (
            json!({"type": "say", "room": "lobby", "body": "hi", "mentions": [user, user]}),
            Ask::Say {
                room: a_room(),
                said: Saying { body: "hi".into(), mentions: vec![Uuid::parse_str(user).unwrap()] },
                key: None,
            },
        ),
        (json!({"type": "rooms", "games": true}), Ask::Rooms { after: None, games: true }),
        (json!({"type": "typing", "room": "lobby", "on": false}), Ask::Typing { room: a_room(), on: false }),
        (json!({"type": "typing", "to": user}), Ask::TypingTo { to: Uuid::parse_str(user).unwrap(), on: true }),
        (json!({"type": "rematch", "room": "lobby", "offer": false}), Ask::Rematch { room: a_room(), offer: false }),
        (json!({"type": "rooms"}), Ask::Rooms { after: None, games: false }),
        (json!({"type": "rooms", "after": "x"}), Ask::Rooms { after: Some("x".into()), games: false }),
        (json!({"type": "users", "room": "lobby"}), Ask::Users { room: Some(a_room()), after: None }),
        (json!({"type": "typing", "room": "lobby"}), Ask::Typing { room: a_room(), on: true }),
        (
            json!({"type": "create", "kind": "connect4", "unlisted": true}),
            Ask::Create { kind: later(r#"{"kind":"connect4","unlisted":true}"#), room: None, unlisted: true },
        ),
        (
            json!({"type": "create", "kind": "counter", "room": "lobby"}),
            Ask::Create { kind: later(r#"{"kind":"counter"}"#), room: Some(a_room()), unlisted: false },
        ),
        (
            json!({"type": "play", "room": "lobby", "column": 6}),
            Ask::Play { room: a_room(), fields: later(r#"{"column":6}"#) },
        ),
        (json!({"type": "resign", "room": "lobby"}), Ask::Resign { room: a_room() }),
        (json!({"type": "rematch", "room": "lobby"}), Ask::Rematch { room: a_room(), offer: true }),
        (json!({"type": "count", "room": "lobby", "by": -1}), Ask::Count { room: a_room(), by: -1 }),
        (json!({"type": "watch_time"}), Ask::WatchTime { every_ms: None, mode: TickMode::Regular }),
        (
            json!({"type": "watch_time", "every_ms": 777, "mode": "random"}),
            Ask::WatchTime { every_ms: Some(777), mode: TickMode::Random },
        ),
        (json!({"type": "unwatch_time"}), Ask::UnwatchTime),
        (json!({"type": "ping", "unknown": [1, {}]}), Ask::Ping),
    ];
    for (request, ask) in cases {
        assert_eq!(asked(request), ask);
    }
}

#[test]
fn a_join_says_where_and_since_when() {
    let bare = Join { at: JoinAt::Room(a_room()), since: None, seat: None, sit: false, limit: None };
    assert_eq!(asked(json!({"type": "join", "room": "lobby"})), Ask::Join(bare.clone()));
    assert_eq!(
        asked(json!({"type": "join", "room": "@inbox", "since": {"epoch": "e", "seq": 7}, "limit": 1})),
        Ask::Join(Join {
            at: JoinAt::Inbox,
            since: Some(Since { epoch: "e".into(), seq: 7 }),
            limit: Some(1),
            ..bare.clone()
        })
    );
    assert_eq!(
        asked(json!({"type": "join", "key": "k", "seat": "s", "sit": true})),
        Ask::Join(Join { at: JoinAt::Key(Secret::new("k")), seat: Some(Secret::new("s")), sit: true, ..bare.clone() })
    );
    let nulls = json!({"type": "join", "room": "lobby", "key": null, "since": null, "sit": null, "limit": null});
    assert_eq!(asked(nulls), Ask::Join(bare));
}

#[test]
fn wrong_fields_are_named_with_what_is_allowed() {
    let cases = [
        (r#"{}"#, r#""type" is missing: it must be a string"#),
        (r#"{"type":7}"#, r#""type" must be a string"#),
        (r#"{"type":"play","column":3}"#, r#""room" is missing: it must be a string"#),
        (r#"{"type":"say","body":"x"}"#, r#""room" is missing: it must be a string"#),
        (r#"{"type":"say","room":"@x","body":"x"}"#, r#""room" must not begin with '@'"#),
        (r#"{"type":"say","room":"@inbox","body":"x"}"#, r#""room" must not begin with '@'"#),
        (r#"{"type":"history","room":"@outbox"}"#, r#""room" must not begin with '@'"#),
        (
            r#"{"type":"say","room":"a\u202eb","body":"x"}"#,
            r#""room" must not have control, bidirectional or invisible characters, such as \u{202e}"#,
        ),
        (r#"{"type":"say","room":"lobby","body":""}"#, r#""body" must be a string of at least 1 character"#),
        (r#"{"type":"say","room":"lobby","body":"\ud800"}"#, r#""body" must be a string of at least 1 character"#),
        (r#"{"type":"say","room":"lobby","body":"x","key":""}"#, r#""key" must be a string of 1 to 64 characters"#),
        (r#"{"type":"say","room":"lobby","body":"x","key":5}"#, r#""key" must be a string of 1 to 64 characters"#),
        (
            r#"{"type":"tell","to":"a!","body":"x"}"#,
            r#""to" must be a user's id or name, and a name must be made of letters, digits, spaces, '_', '-' and '.', not !"#,
        ),
        (r#"{"type":"rename","name":"  "}"#, r#""name" must not be empty"#),
        (r#"{"type":"rename","name":5}"#, r#""name" must be a string"#),
        (r#"{"type":"history","room":"lobby","limit":0}"#, r#""limit" must be an integer from 1 to 1000"#),
        (r#"{"type":"history","room":"lobby","limit":1001}"#, r#""limit" must be an integer from 1 to 1000"#),
        (r#"{"type":"history","room":"lobby","before":-1}"#, r#""before" must be an integer, 0 or more"#),
        (r#"{"type":"watch_time","every_ms":0}"#, r#""every_ms" must be an integer, 1 or more"#),
        (r#"{"type":"watch_time","mode":"odd"}"#, r#""mode" must be "regular" or "random""#),
        (r#"{"type":"create","kind":"chat","unlisted":1}"#, r#""unlisted" must be true or false"#),
        (r#"{"type":"count","room":"lobby","by":0}"#, r#""by" must be -1 or 1"#),
        (r#"{"type":"count","room":"lobby","by":2}"#, r#""by" must be -1 or 1"#),
        (r#"{"type":"join"}"#, r#""room" or "key" is missing: one of them must be given"#),
        (r#"{"type":"join","room":"a","key":"b"}"#, r#""room" and "key" must not both be given"#),
        (
            r#"{"type":"join","room":"a","since":{"epoch":"e"}}"#,
            r#""since" must be an object of "epoch", a string, and "seq", an integer, 0 or more"#,
        ),
        (
            r#"{"type":"join","room":"a","since":5}"#,
            r#""since" must be an object of "epoch", a string, and "seq", an integer, 0 or more"#,
        ),
        (r#"{"type":"sign_out"}"#, r#""everywhere" is missing: it must be true"#),
        (r#"{"type":"sign_out","everywhere":false}"#, r#""everywhere" must be true"#),
        (r#"{"type":"echo"}"#, r#""body" is missing: it may be any JSON"#),
    ];
    for (request, message) in cases {
        assert_eq!(refused(request), format!("bad_request: {message}"), "{request}");
        let field = message.split('"').nth(1).unwrap();
        assert_eq!(fault(request)["field"], field, "{request}");
    }
}

/// The fault of a request as it stands in the error.
fn fault(text: &str) -> Value {
    let refused = decode(Incoming::Text(text)).expect_err(text).1;
    serde_json::to_value(refused.fault.unwrap_or_else(|| panic!("{text}: {}", refused.message))).unwrap()
}

#[test]
fn faults_say_the_bound_that_is_broken() {
    let long = "x".repeat(65);
    let cases = [
        (json!({"type": "say", "room": "", "body": "x"}), json!({"field": "room", "min": 1, "unit": "characters"})),
        (json!({"type": "say", "room": long, "body": "x"}), json!({"field": "room", "max": 64, "unit": "characters"})),
        (json!({"type": "say", "room": "@a", "body": "x"}), json!({"field": "room"})),
        (json!({"type": "say", "room": "a"}), json!({"field": "body", "min": 1, "unit": "characters"})),
        (json!({"type": "rename", "name": " "}), json!({"field": "name", "min": 1, "unit": "characters"})),
        (json!({"type": "rename", "name": long}), json!({"field": "name", "max": 32, "unit": "characters"})),
        (json!({"type": "rename", "name": "a!"}), json!({"field": "name"})),
        (
            json!({"type": "say", "room": "a", "body": "x", "key": long}),
            json!({"field": "key", "min": 1, "max": 64, "unit": "characters"}),
        ),
        (
            json!({"type": "say", "room": "a", "body": "x", "mentions": vec!["x"; 17]}),
            json!({"field": "mentions", "max": 16, "unit": "items"}),
        ),
        (json!({"type": "history", "room": "a", "limit": 0}), json!({"field": "limit", "min": 1, "max": 1000})),
        (json!({"type": "history", "room": "a", "before": -1}), json!({"field": "before", "min": 0})),
        (json!({"type": "watch_time", "mode": "x"}), json!({"field": "mode", "allowed": ["regular", "random"]})),
        (json!({"type": "tell", "to": "a!", "body": "x"}), json!({"field": "to"})),
    ];
    for (request, expected) in cases {
        assert_eq!(fault(&request.to_string()), expected, "{request}");
    }
    let types: Vec<&str> = request_types().collect();
    assert_eq!(fault(r#"{"type":"shout"}"#), json!({"field": "type", "allowed": types}));
    let binary = decode(Incoming::Binary(b"{}")).expect_err("binary").1;
    assert_eq!(binary.fault, None);
}

#[test]
fn what_is_no_json_object_is_bad_json() {
    let deep = "[".repeat(60_000);
    for text in ["", " ", "hello", "{", r#"{"type":"ping"}x"#, "[]", "7", "null", "\"x\"", r#"{"type":"ping",}"#, &deep]
    {
        assert!(refused(text).starts_with("bad_json: a frame must "), "{text}");
    }
    assert_eq!(decode(Incoming::Binary(b"{}")).expect_err("binary").1.code, ErrorCode::BadJson);
}

#[test]
fn unknown_types_are_named_but_not_at_length() {
    let message = refused(&json!({"type": "x".repeat(1000)}).to_string());
    let cut = format!("unknown_type: there is no request \"{}…\"; there are resume, ", "x".repeat(40));
    assert!(message.starts_with(&cut), "{message}");
    assert!(message.ends_with("echo, ping"), "{message}");
}

#[test]
fn nothing_long_comes_back_in_a_message() {
    let long = "\u{1F600}x".repeat(5000);
    for kind in REQUESTS.map(|(kind, _)| kind) {
        for field in ["room", "name", "to", "body", "token", "key", "kind", "since", "mode", "column", "by", "after"] {
            let request = json!({"type": kind, "room": "lobby", "body": "x", field: &long});
            if let Err((_, refused)) = decoded(&request) {
                assert!(refused.message.chars().count() < 300, "{}", refused.message);
            }
        }
    }
}

#[test]
fn ids_come_back_if_they_are_valid() {
    let longest = "é".repeat(64);
    for (id, re) in [
        (json!("a"), RequestId::Text("a".into())),
        (json!(longest), RequestId::Text(longest.clone())),
        (json!(0), RequestId::Signed(0)),
        (json!(-7), RequestId::Signed(-7)),
        (json!(u64::MAX), RequestId::Unsigned(u64::MAX)),
    ] {
        assert_eq!(decoded(&json!({"type": "ping", "id": id})).unwrap().id, Some(re.clone()));
        assert_eq!(decoded(&json!({"type": "play", "id": id})).expect_err("no room").0, Some(re.clone()));
        assert_eq!(decoded(&json!({"type": "no", "id": id})).expect_err("unknown").0, Some(re));
    }
    for id in [json!(""), json!("x".repeat(65)), json!(1.5), json!(null), json!([]), json!({}), json!(true)] {
        let (re, refused) = decoded(&json!({"type": "ping", "id": id})).expect_err("bad id");
        assert_eq!(re, None);
        assert_eq!(refused.to_string(), "bad_request: \"id\" must be a string of 1 to 64 characters or an integer");
    }
}

#[test]
fn the_last_of_several_members_counts() {
    let request = decode(Incoming::Text(r#"{"type":"join","type":"ping","id":1,"id":2}"#)).unwrap();
    assert_eq!(request, Request { id: Some(RequestId::Signed(2)), ask: Ask::Ping });
    let (first, last) = (later(r#"{"column":1,"column":2}"#), later(r#"{"x":0,"column":2}"#));
    assert_eq!(first.raw("column").map(RawValue::get), Some("2"));
    assert_eq!(first, later(r#"{"column":2}"#));
    assert_ne!(first, later(r#"{"column":1}"#));
    assert_ne!(first, last);
    assert_ne!(last, first);
}

#[test]
fn names_and_strings_may_have_escapes_and_space_around_them() {
    let text = r#" { "ty\u0070e" : "sa\u0079" , "id" : "\u0061" , "room" : "t\u0065a" , "body" : "\"" } "#;
    let request = decode(Incoming::Text(text)).unwrap();
    assert_eq!(request.id, Some(RequestId::Text("a".into())));
    let said = Saying { body: "\"".into(), mentions: Vec::new() };
    assert_eq!(request.ask, Ask::Say { room: RoomName::parse("tea").unwrap(), said, key: None });
}

#[test]
fn echoes_keep_every_digit_and_no_line_break() {
    let text = "{\"type\":\"echo\", \"body\": {\"z\" : 0.10000000000000000001,\n\t\"a\": [12345678901234567890123, \" \\\" \\n \\\\\"] }}";
    let Ask::Echo { body } = decode(Incoming::Text(text)).unwrap().ask else { panic!("not an echo") };
    assert_eq!(body.as_str(), r#"{"z":0.10000000000000000001,"a":[12345678901234567890123," \" \n \\"]}"#);
    assert_eq!(asked(json!({"type": "echo", "body": null})), Ask::Echo { body: Json::new(RawValue::NULL) });
}

#[test]
fn a_32_digit_name_is_no_id() {
    let name = "0192d3a45b6c7d8e9fa0b1c2d3e4f506";
    let Ask::Tell { to, .. } = asked(json!({"type": "tell", "to": name, "body": "x"})) else { panic!("not a tell") };
    assert_eq!(to, Addressee::Name(Name::parse(name).unwrap()));
}

#[test]
fn the_answer_to_a_bad_frame_is_a_frame_without_a_close() {
    let reply =
        Request::from_incoming(Incoming::Text(r#"{"type":"history","id":"p1","room":"x","limit":0}"#)).unwrap_err();
    assert_eq!(
        reply.frame.unwrap().payload(),
        r#"{"type":"error","re":"p1","code":"bad_request","message":"\"limit\" must be an integer from 1 to 1000","field":"limit","min":1,"max":1000}"#
    );
    assert_eq!(reply.close, None);
}

/// JSON of any shape, with the fields that requests have among its members.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(any_field(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_field() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "id", "token", "name", "room", "key", "since", "epoch", "seq", "seat", "sit", "limit", "body", "to", "before",
        "after", "kind", "unlisted", "column", "by", "every_ms", "mode",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn any_text_is_decoded_or_refused(text in any::<String>()) {
        let _ = Request::from_incoming(Incoming::Text(&text));
    }

    #[test]
    fn any_fields_are_decoded_or_refused(
        kind in prop::sample::select(REQUESTS.map(|(kind, _)| kind).to_vec()),
        fields in prop::collection::hash_map(any_field(), any_json(), 0..8),
    ) {
        let mut request: serde_json::Map<String, Value> = fields.into_iter().collect();
        request.insert("type".into(), kind.into());
        if let Err(reply) = Request::from_incoming(Incoming::Text(&Value::Object(request).to_string())) {
            let answer: Value = serde_json::from_slice(&reply.frame.unwrap().payload()).unwrap();
            prop_assert_eq!(&answer["type"], "error");
            prop_assert_eq!(&answer["code"], "bad_request");
        }
    }

    #[test]
    fn any_json_is_echoed_as_it_is(body in any_json(), pretty in any::<bool>()) {
        let request = json!({"body": body, "type": "echo"});
        let text = if pretty { serde_json::to_string_pretty(&request).unwrap() } else { request.to_string() };
        let Ask::Echo { body: echoed } = decode(Incoming::Text(&text)).unwrap().ask else { panic!("not an echo") };
        prop_assert_eq!(echoed.as_str(), body.to_string());
    }
}
