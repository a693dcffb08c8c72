//! The examples of docs/protocol.md as this crate reads them: none is unknown, and none is unreadable.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use parlor_client::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Frames of one code block, each with the arrow before it.
fn frames(block: &str) -> Vec<(char, Value)> {
    let mut frames: Vec<(char, String)> = Vec::new();
    for line in block.lines() {
        match line.chars().next() {
            Some(arrow @ ('→' | '←')) => frames.push((arrow, line[arrow.len_utf8()..].to_owned())),
            _ => frames.last_mut().unwrap().1.push_str(line),
        }
    }
    frames.into_iter().map(|(arrow, text)| (arrow, serde_json::from_str(&text).expect(&text))).collect()
}

fn read<T: DeserializeOwned>(frame: &Value) -> T {
    serde_json::from_value(frame.clone()).unwrap_or_else(|error| panic!("{error}: {frame}"))
}

fn known(event: Event) {
    assert!(!matches!(event, Event::Unknown(_)), "{event:?}");
}

fn read_answer(kind: &str, answer: &Value) {
    match kind {
        "join" => read::<Joined>(answer).events.into_iter().for_each(known),
        "history" => read::<History>(answer).events.into_iter().for_each(known),
        "say" => drop(read::<Said>(answer)),
        "tell" => drop(read::<Told>(answer)),
        "create" => drop(read::<Created>(answer)),
        "count" => drop(read::<Counted>(answer)),
        "play" | "resign" | "rematch" => drop(read::<Moved>(answer)),
        "rooms" => drop(read::<RoomList>(answer)),
        "users" => drop(read::<OnlineUsers>(answer)),
        "watch_time" => drop(read::<Watching>(answer)),
        "rename" | "resume" => drop(read::<User>(&answer["user"])),
        "leave" | "unwatch_time" | "echo" | "ping" => {}
        _ => {} // a request that this crate has no method for
    }
}

#[test]
fn every_example_is_understood() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol.md")).unwrap();
    let (mut events, mut answers, mut errors) = (0, 0, 0);
    let mut asked: BTreeMap<String, String> = BTreeMap::new();
    for block in text.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        for (arrow, frame) in frames(block) {
            if arrow == '→' {
                let kind = frame["type"].as_str().unwrap_or_default();
                asked.insert(frame["id"].to_string(), kind.to_owned());
                continue;
            }
            match frame["type"].as_str().unwrap() {
                "welcome" => drop(read::<Limits>(&frame["limits"])),
                "error" => {
                    let refused: Refused = read(&frame);
                    assert_ne!(refused.code, ErrorCode::Unknown, "{frame}");
                    errors += 1;
                }
                "ok" => {
                    read_answer(&asked[&frame["re"].to_string()], &frame);
                    answers += 1;
                }
                _ => {
                    known(read(&frame));
                    events += 1;
                }
            }
        }
    }
    assert!(events > 15 && answers > 20 && errors > 5, "{events} events, {answers} answers, {errors} errors");
}
