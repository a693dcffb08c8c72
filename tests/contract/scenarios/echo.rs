//! `echo` and `ping`.

use parlor_testkit::text;
use serde_json::json;

use crate::stage::{House, On};

pub fn any_json_comes_back_digit_by_digit(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let bodies = [
        "null",
        "1.50",
        "12345678901234567890123",
        "-0.0e+10",
        r#"{"b":[1,2.50,null],"a":{"b":"\u00e9\ud83e\udd80"},"":[]}"#,
        r#"[[[[]]]]"#,
        r#""a \" \\ \/ \b""#,
    ];
    for (n, body) in bodies.into_iter().enumerate() {
        let id = json!(format!("echo {n}"));
        let answer = ann.answer_to_text(&id, &format!(r#"{{"type":"echo","id":{id},"body":{body}}}"#));
        assert!(answer.ends_with(&format!(r#""body":{body}}}"#)), "{answer}");
    }
    let big = "x".repeat(60_000);
    assert_eq!(ann.ok(json!({"type": "echo", "body": big}))["body"], json!(big));
}

pub fn ping_tells_the_time(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let times: Vec<String> = (0..3).map(|_| text(&ann.ok(json!({"type": "ping"}))["server_time"])).collect();
    assert!(
        times.is_sorted() && times.iter().all(|time| chrono::DateTime::parse_from_rfc3339(time).is_ok()),
        "{times:?}"
    );
}
