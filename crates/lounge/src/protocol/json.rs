//! JSON that is passed on as it came.

use serde::Serialize;
use serde_json::value::RawValue;

/// Any JSON value, as its sender wrote it but for the white space between its parts: numbers keep all their digits,
/// objects the order of their members. Holds no line break, so that it fits in formats that end at one.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    pub fn new(value: &RawValue) -> Self {
        Json(RawValue::from_string(compact(value.get())).unwrap_or_else(|_| value.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Valid JSON without the white space outside its strings.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|&c| {
            if in_string {
                in_string = escaped || c != '"';
                escaped = !escaped && c == '\\';
                true
            } else {
                in_string = c == '"';
                !matches!(c, ' ' | '\t' | '\n' | '\r')
            }
        })
        .collect()
}
