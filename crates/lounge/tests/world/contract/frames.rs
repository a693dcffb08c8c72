//! The fields that docs/protocol.md lists for each event and each answer.

use serde_json::Value;

use crate::fault::{Checked, Fault};

/// Fields that a frame must have, as `name:kind`; those with `?` may be missing. `|null` allows null.
const EVENTS: [(&str, &str); 25] = [
    ("welcome", "protocol:number session:id user:user token:text server_time:time limits:object heartbeat_ms:number"),
    ("message", "room:text seq:seq id:id at:time from:user body:text mentions:list?"),
    ("created", "room:text seq:seq kind:text at:time"),
    ("joined", "room:text user:user online:number"),
    ("left", "room:text user:user online:number"),
    ("crowd", "room:text online:number"),
    ("renamed", "user:user was:text"),
    ("typing", "room:text user:user"),
    ("typing_ended", "room:text user:user"),
    ("private_typing", "user:user on:bool"),
    ("private", "seq:seq id:id at:time from:user to:user body:text"),
    ("counted", "room:text seq:seq value:number by:user"),
    ("tick", "n:number at:time every_ms:number"),
    ("seated", "room:text seq:seq player:text user:user"),
    ("played", "room:text seq:seq player:text column:number row:number turn:text|null"),
    ("ended", "room:text seq:seq result:text winner:text|null line:list"),
    ("rematch_offered", "room:text seq:seq player:text"),
    ("rematch_withdrawn", "room:text seq:seq player:text"),
    ("rematched", "room:text seq:seq begins:text"),
    ("away", "room:text player:text forfeits_at:time"),
    ("back", "room:text player:text"),
    ("closing", "reason:text reconnect_after_ms:number"),
    (
        "error",
        "code:text message:text re:any? field:text? min:number? max:number? unit:text? allowed:list? \
         retry_after_ms:number?",
    ),
    // Parts of answers.
    ("user", "id:id name:text"),
    (
        "game",
        "moves:list begins:text turn:text|null status:text result:text|null winner:text|null line:list round:number \
         rematch_offered:text|null players:object you:text|null spectators:number seat:text?",
    ),
];

/// The fields of an `ok`, by the request's type.
const ANSWERS: [(&str, &str); 21] = [
    ("resume", "user:user token:text"),
    ("rename", "user:user token:text"),
    ("sign_out", "user:user token:text"),
    ("transfer", "token:text expires_at:time"),
    (
        "join",
        "room:text kind:text epoch:text seq:number recovered:bool events:list members:list online:number value:number? \
         game:object?",
    ),
    ("leave", ""),
    ("say", "id:id seq:seq at:time"),
    ("tell", "id:id seq:number at:time delivered:number"),
    ("history", "events:list more:bool"),
    ("rooms", "rooms:list more:bool next:text|null"),
    ("users", "users:list count:number more:bool next:text|null"),
    ("typing", ""),
    ("create", "room:text join:text? watch:text? seat:text?"),
    ("play", "seq:seq row:number"),
    ("resign", "seq:seq"),
    ("rematch", "seq:seq"),
    ("count", "seq:seq value:number"),
    ("watch_time", "every_ms:number mode:text"),
    ("unwatch_time", ""),
    ("echo", "body:any"),
    ("ping", "server_time:time"),
];

/// The error codes.
const CODES: [&str; 17] = [
    "bad_json",
    "bad_request",
    "unknown_type",
    "rate_limited",
    "not_in_room",
    "no_such_room",
    "no_such_user",
    "no_such_game",
    "name_taken",
    "not_your_turn",
    "column_full",
    "game_over",
    "not_a_player",
    "server_full",
    "forbidden",
    "unavailable",
    "internal",
];

const RULE: &str = "frames-as-documented";

/// Checks an event or an error.
pub fn check_event(frame: &Value) -> Checked {
    let kind = frame["type"].as_str().unwrap_or_default();
    let known = EVENTS.iter().find(|(name, _)| *name == kind && !matches!(kind, "user" | "game"));
    let Some((_, fields)) = known else { return broken("there is no such frame", frame) };
    if kind == "error" && !CODES.contains(&frame["code"].as_str().unwrap_or_default()) {
        return broken("there is no such code", frame);
    }
    check(frame, fields, &["type"])
}

/// Checks an `ok` to a request of that type.
pub fn check_answer(request: &str, frame: &Value) -> Checked {
    let Some((_, fields)) = ANSWERS.iter().find(|(name, _)| *name == request) else {
        return broken("ok to a request that there is not", frame);
    };
    check(frame, fields, &["type", "re"])?;
    for event in frame["events"].as_array().into_iter().flatten() {
        check_event(event)?;
    }
    for user in frame["members"].as_array().into_iter().flatten() {
        check(user, part("user"), &[])?;
    }
    match frame.get("game") {
        Some(game) => check(game, part("game"), &[]),
        None => Ok(()),
    }
}

fn part(name: &str) -> &'static str {
    EVENTS.iter().find(|(known, _)| *known == name).map_or("", |(_, fields)| fields)
}

fn check(frame: &Value, fields: &str, more: &[&str]) -> Checked {
    let Some(members) = frame.as_object() else { return broken("is no object", frame) };
    let mut known = more.to_vec();
    for field in fields.split_whitespace() {
        let (name, kind) = field.split_once(':').unwrap_or((field, "any"));
        let (kind, is_optional) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
        known.push(name);
        match members.get(name) {
            None if is_optional => {}
            None => return broken(&format!("{name} is missing"), frame),
            Some(value) if kind.split('|').any(|kind| is_kind(value, kind)) => {}
            Some(_) => return broken(&format!("{name} is no {kind}"), frame),
        }
    }
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => broken(&format!("{unknown} is not documented"), frame),
        None => Ok(()),
    }
}

fn is_kind(value: &Value, kind: &str) -> bool {
    let text = value.as_str();
    match kind {
        "any" => true,
        "null" => value.is_null(),
        "bool" => value.is_boolean(),
        "number" => value.is_i64() || value.is_u64(),
        "seq" => value.as_u64().is_some_and(|seq| seq > 0),
        "text" => text.is_some(),
        "list" => value.is_array(),
        "object" => value.is_object(),
        "id" => text.is_some_and(|id| id.len() == 36 && !id.bytes().any(|byte| byte.is_ascii_uppercase())),
        "time" => text.is_some_and(|time| time.len() == 24 && time.ends_with('Z')),
        "user" => check(value, part("user"), &[]).is_ok(),
        _ => false,
    }
}

fn broken(words: &str, frame: &Value) -> Checked {
    Err(Fault { rule: RULE, words: format!("{words}: {frame}") })
}
