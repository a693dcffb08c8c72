//! Replays the examples of docs/protocol.md: in its ```json blocks, `→` begins a client's frame and `←` a server's, and
//! indented lines go on with it.

use std::collections::BTreeSet;

use crate::protocol::codec::{decode, request_types};
use crate::protocol::error::ErrorCode;
use crate::protocol::json::Json;
use crate::protocol::server;
use parlor_core::Incoming;
use serde_json::Value;

use super::fixtures;

const GUIDE: &str = include_str!("../../../../../docs/protocol.md");

struct Example {
    line: usize,
    is_clients: bool,
    json: String,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut in_block = false;
    for (index, text) in GUIDE.lines().enumerate() {
        let line = index + 1;
        match text {
            "```json" => in_block = true,
            "```" => in_block = false,
            _ if !in_block => {}
            _ => match (text.strip_prefix("→ "), text.strip_prefix("← ")) {
                (Some(json), _) => examples.push(Example { line, is_clients: true, json: json.to_owned() }),
                (_, Some(json)) => examples.push(Example { line, is_clients: false, json: json.to_owned() }),
                _ => {
                    assert!(text.starts_with("   "), "line {line}: an example begins with → or ←, or goes on indented");
                    let example = examples.last_mut().expect("something to go on with");
                    // A line break in the middle of a text stands for a space.
                    let space = if example.json.ends_with(',') && in_text(&example.json) { " " } else { "" };
                    example.json.push_str(space);
                    example.json.push_str(text.trim_start());
                }
            },
        }
    }
    examples
}

/// Returns whether JSON that begins so ends within a string.
fn in_text(json: &str) -> bool {
    json.replace("\\\"", "").matches('"').count() % 2 == 1
}

/// Without the white space between its parts; numbers stay as they are written.
fn compact(json: &str) -> String {
    Json::new(serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))).as_str().to_owned()
}

#[test]
fn every_client_example_decodes_or_gets_the_error_that_follows() {
    let examples = examples();
    for (index, example) in examples.iter().enumerate().filter(|(_, example)| example.is_clients) {
        if let Err((re, refused)) = decode(Incoming::Text(&example.json)) {
            let answer = server::error(re.as_ref(), &refused).payload();
            let shown = examples.get(index + 1).map(|next| compact(&next.json)).unwrap_or_default();
            assert_eq!(shown.as_bytes(), &answer, "line {}: {}", example.line, String::from_utf8_lossy(&answer));
        }
    }
}

#[test]
fn every_server_example_is_what_the_server_writes() {
    let written: Vec<String> = fixtures::all().into_iter().map(|(_, json)| json).collect();
    for example in examples().iter().filter(|example| !example.is_clients) {
        let json = compact(&example.json);
        let begins: String = json.chars().take(25).collect();
        let similar: Vec<&String> = written.iter().filter(|frame| frame.starts_with(&begins)).collect();
        assert!(written.contains(&json), "line {}:\n{json}\nwritten: {similar:#?}", example.line);
    }
}

#[test]
fn every_frame_there_is_has_an_example() {
    let examples = examples();
    let shown: BTreeSet<String> = examples.iter().map(|example| compact(&example.json)).collect();
    for (name, json) in fixtures::all() {
        assert!(shown.contains(&json), "{name} is not in docs/protocol.md:\n{json}");
    }
    let asked: BTreeSet<String> = examples
        .iter()
        .filter(|example| example.is_clients)
        .filter_map(|example| serde_json::from_str::<Value>(&example.json).ok()?["type"].as_str().map(str::to_owned))
        .collect();
    for kind in request_types() {
        assert!(asked.contains(kind), "no example of {kind}");
    }
}

#[test]
fn every_error_is_explained() {
    for code in ErrorCode::ALL {
        assert!(GUIDE.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn every_link_has_a_target() {
    let anchors: BTreeSet<String> = GUIDE
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|title| title.to_lowercase().replace(' ', "-"))
        .collect();
    for link in GUIDE.split("](#").skip(1) {
        let target = link.split(')').next().unwrap();
        assert!(anchors.contains(target), "#{target}");
    }
}
