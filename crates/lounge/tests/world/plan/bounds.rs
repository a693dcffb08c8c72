//! Values at and beyond their bounds: of settings, and of the fields of requests.

use serde_json::{Value, json};

use super::dice::Dice;

/// Settings at their bounds.
pub const SETTINGS: [(&str, &[u64]); 20] = [
    ("addresses", &[1, 3]),
    ("body_chars", &[1, 12]),
    ("client_queue", &[1, 3]),
    ("crowd_every", &[1, 5000]),
    ("forfeit_after", &[1000, 20_000]),
    ("name_reservation", &[1, 60_000]),
    ("presence_grace", &[0, 1, 60_000]),
    ("presence_room", &[1, 2, 3]),
    ("retain", &[1, 5, 20]),
    ("retain_age", &[60_000, 600_000]),
    ("room_batch", &[1, 2]),
    ("room_creation_burst", &[1, 5]),
    ("room_queue", &[1, 2]),
    ("room_retention", &[1_200_000, 3_600_000]),
    ("rooms", &[1, 4, 6]),
    ("rooms_per_address", &[1, 4]),
    ("rooms_per_client", &[1, 2]),
    ("user_creation_burst", &[1, 4]),
    ("user_retention", &[1_800_000, 7_200_000]),
    ("window_bytes", &[0, 300]),
];

/// Frames that are no requests. A line each.
pub const JUNK: &[&str] = &[
    "hello",
    "[]",
    "null",
    "7",
    "\"text\"",
    "{",
    "{}",
    "{\"type\":null}",
    "{\"type\":7,\"id\":1}",
    "{\"type\":\"ping\",\"id\":1.5}",
    "{\"type\":\"ping\",\"id\":{}}",
    "{\"type\":\"ping\",\"id\":\"\"}",
    "{\"type\":\"ping\",\"id\":18446744073709551616}",
    "{\"type\":\"ping\",\"id\":1e2}",
    "{\"type\":\"shout\",\"id\":\"x\"}",
    "{\"type\":\"ping\",\"type\":\"pong\",\"id\":3}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// Puts one value at or beyond its bounds into a request: any field, with or without a meaning there.
pub fn spoil(dice: &mut Dice, request: &str) -> String {
    let Ok(mut request) = serde_json::from_str::<Value>(request) else { return request.to_owned() };
    let fields: Vec<String> =
        request.as_object().into_iter().flatten().map(|(name, _)| name.clone()).filter(|name| name != "type").collect();
    const MORE: [&str; 12] =
        ["id", "room", "body", "key", "limit", "before", "since", "seat", "sit", "column", "mentions", "to"];
    let field = if fields.is_empty() || dice.one_in(3) {
        dice.one_of(&MORE).to_owned()
    } else {
        fields[dice.below(fields.len() as u64) as usize].clone()
    };
    let value = value(dice);
    if field == "id" && !(value.is_string() || value.is_i64() || value.is_u64()) {
        return request.to_string();
    }
    request[field] = value;
    request.to_string()
}

fn value(dice: &mut Dice) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(7),
        json!(1001),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.5),
        json!(""),
        json!(" "),
        json!("@inbox"),
        json!("@"),
        json!("hall"),
        json!("a\u{202e}b"),
        json!("\u{0}"),
        json!("$chars 32"),
        json!("$chars 33"),
        json!("$chars 64"),
        json!("$chars 65"),
        json!("$chars 4096"),
        json!("$chars 4097"),
        json!([]),
        json!({}),
        json!({"epoch": "", "seq": 0}),
        json!({"epoch": "x", "seq": u64::MAX}),
        json!({"epoch": 7, "seq": "x"}),
        json!("00000000-0000-0000-0000-000000000000"),
        json!(vec!["00000000-0000-0000-0000-000000000000"; 17]),
        json!("$token ann"),
        json!("$seat table ann"),
        json!("$user bob"),
    ];
    values[dice.below(values.len() as u64) as usize].clone()
}
