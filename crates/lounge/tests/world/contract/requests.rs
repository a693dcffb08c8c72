//! The rules for requests, as docs/protocol.md has them: a request is right, or the answer names what is wrong.

use serde_json::Value;

/// The answer that a request may have for its form alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Right,
    /// `bad_request`.
    Wrong,
    /// `unknown_type`.
    Unknown,
}

/// A text that came as a frame.
pub enum Frame {
    /// No JSON object: `bad_json`, without a `re`.
    NoObject,
    /// An object without an `id`: only errors are answered.
    Silent(Value),
    /// An object whose `id` is none: `bad_request`, without a `re`.
    WrongId,
    /// An object with an `id`.
    Request(Value),
}

pub fn read(text: &str) -> Frame {
    let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(text) else { return Frame::NoObject };
    match value.get("id") {
        None => Frame::Silent(value),
        Some(Value::String(id)) if (1..=64).contains(&id.chars().count()) => Frame::Request(value),
        Some(id) if id.is_i64() || id.is_u64() => Frame::Request(value),
        Some(_) => Frame::WrongId,
    }
}

/// How long a body may be is a setting, and not judged here.
pub fn form(request: &Value) -> Form {
    let Some(kind) = request["type"].as_str() else { return Form::Wrong };
    let has = |field: &str, rule: fn(&Value) -> bool| request.get(field).is_some_and(rule);
    let may =
        |field: &str, rule: fn(&Value) -> bool| request.get(field).is_none_or(|value| value.is_null() || rule(value));
    let is_right = match kind {
        "resume" => has("token", Value::is_string),
        "rename" => has("name", is_name),
        "sign_out" => has("everywhere", |value| *value == Value::Bool(true)),
        "transfer" | "unwatch_time" | "ping" => true,
        "join" => {
            let given = |field| request.get(field).is_some_and(|value: &Value| !value.is_null());
            given("room") != given("key")
                && may("room", is_log)
                && may("key", Value::is_string)
                && may("since", is_since)
                && may("seat", Value::is_string)
                && may("sit", Value::is_boolean)
                && may("limit", is_limit)
        }
        "leave" | "resign" => has("room", is_room),
        "say" => has("room", is_room) && has("body", is_body) && may("key", is_key) && may("mentions", are_users),
        "tell" => has("to", is_addressee) && has("body", is_body) && may("key", is_key),
        "history" => has("room", is_log) && may("before", Value::is_u64) && may("limit", is_limit),
        "rooms" => may("after", Value::is_string) && may("games", Value::is_boolean),
        "users" => may("room", is_room) && may("after", Value::is_string),
        "typing" => match request.get("to").filter(|to| !to.is_null()) {
            Some(to) => is_user(to) && request.get("room").is_none() && may("on", Value::is_boolean),
            None => has("room", is_room) && may("on", Value::is_boolean),
        },
        "create" => has("kind", is_room_kind) && may("room", is_room) && may("unlisted", Value::is_boolean),
        "play" => has("room", is_room) && has("column", |value| value.as_u64().is_some_and(|column| column <= 6)),
        "rematch" => has("room", is_room) && may("offer", Value::is_boolean),
        "count" => has("room", is_room) && has("by", |value| matches!(value.as_i64(), Some(-1 | 1))),
        "watch_time" => {
            may("every_ms", |value| value.as_u64().is_some_and(|every| every > 0))
                && may("mode", |value| matches!(value.as_str(), Some("regular" | "random")))
        }
        "echo" => request.get("body").is_some(),
        _ => return Form::Unknown,
    };
    if is_right { Form::Right } else { Form::Wrong }
}

/// Of the names that scripts try: the server knows more of Unicode.
fn is_name(value: &Value) -> bool {
    let Some(name) = value.as_str() else { return false };
    let words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    let chars = words.join(" ").chars().count();
    (1..=32).contains(&chars) && name.chars().all(|char| char.is_alphanumeric() || " _-.".contains(char))
}

fn is_room(value: &Value) -> bool {
    let Some(room) = value.as_str() else { return false };
    let is_hidden =
        |char: char| char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{a0}');
    (1..=64).contains(&room.chars().count())
        && !room.starts_with(['@', ' '])
        && !room.ends_with(' ')
        && !room.contains(is_hidden)
}

fn is_log(value: &Value) -> bool {
    *value == "@inbox" || is_room(value)
}

fn is_body(value: &Value) -> bool {
    value.as_str().is_some_and(|body| !body.is_empty())
}

fn is_key(value: &Value) -> bool {
    value.as_str().is_some_and(|key| (1..=64).contains(&key.chars().count()))
}

fn is_limit(value: &Value) -> bool {
    value.as_u64().is_some_and(|limit| (1..=1000).contains(&limit))
}

fn is_since(value: &Value) -> bool {
    value.get("epoch").is_some_and(Value::is_string) && value.get("seq").is_some_and(Value::is_u64)
}

fn is_user(value: &Value) -> bool {
    let Some(id) = value.as_str() else { return false };
    let is_at = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    id.len() == 36 && id.bytes().enumerate().all(is_at)
}

fn are_users(value: &Value) -> bool {
    value.as_array().is_some_and(|ids| ids.len() <= 16 && ids.iter().all(is_user))
}

fn is_addressee(value: &Value) -> bool {
    is_user(value) || is_name(value)
}

fn is_room_kind(value: &Value) -> bool {
    matches!(value.as_str(), Some("chat" | "counter" | "connect4"))
}
