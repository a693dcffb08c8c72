//! Scenarios written down: what each side said, with whatever differs from run to run made the same. Insta freezes it.

use std::collections::BTreeMap;

use parlor_testkit::Client;
use serde_json::Value;

/// Frames in the order in which a scenario looks at them.
#[derive(Default)]
pub struct Script {
    lines: Vec<String>,
    /// Ids and the like, by what they are called here: the same one has the same name throughout.
    names: BTreeMap<String, String>,
}

impl Script {
    /// A stage direction.
    pub fn note(&mut self, words: &str) {
        self.lines.push(format!("# {words}"));
    }

    pub fn welcome(&mut self, client: &Client) {
        let frame = client.welcome.clone();
        self.server(&frame);
    }

    /// A request, and what it is answered.
    pub fn ask(&mut self, client: &mut Client, request: Value) -> Value {
        let shown = self.redacted(&request);
        self.lines.push(format!("→ {shown}"));
        let answer = client.request(request);
        self.server(&answer);
        answer
    }

    /// An event that a client has heard, or is about to.
    pub fn hear(&mut self, client: &mut Client, kind: &str) -> Value {
        let event = client.event(kind);
        self.server(&event);
        event
    }

    pub fn server(&mut self, frame: &Value) {
        let frame = self.redacted(frame);
        self.lines.push(format!("← {frame}"));
    }

    /// Compares with what was frozen; the transport makes no difference.
    pub fn freeze(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("../snapshots");
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.lines.join("\n")));
    }

    fn redacted(&mut self, value: &Value) -> Value {
        self.redact("", value)
    }

    fn redact(&mut self, key: &str, value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                Value::Object(members.iter().map(|(key, value)| (key.clone(), self.redact(key, value))).collect())
            }
            Value::Array(values) if ["members", "users"].contains(&key) => {
                // In no order that is promised.
                let mut values = values.clone();
                values.sort_by_key(|value| value["name"].to_string());
                values.iter().map(|value| self.redact("", value)).collect()
            }
            Value::Array(values) => values.iter().map(|value| self.redact(key, value)).collect(),
            Value::String(text) => match key {
                "token" => "<token>".into(),
                "epoch" => self.name("epoch", text).into(),
                "join" | "watch" | "seat" => self.name("secret", text).into(),
                "key" => self.names.get(text).unwrap_or(text).as_str().into(),
                _ if is_time(text) => "<time>".into(),
                _ if is_uuid(text) => self.name("id", text).into(),
                _ => value.clone(),
            },
            Value::Number(_) if ["n", "retry_after_ms", "re", "id"].contains(&key) => format!("<{key}>").into(),
            Value::Number(_) | Value::Bool(_) | Value::Null => value.clone(),
        }
    }

    fn name(&mut self, kind: &str, text: &str) -> String {
        let count = self.names.values().filter(|name| name.starts_with(&format!("<{kind}"))).count();
        self.names.entry(text.to_owned()).or_insert_with(|| format!("<{kind} {}>", count + 1)).clone()
    }
}

fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000Z"
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok() && text.to_lowercase() == text
}
