//! Idempotency keys: the same key gets the first answer, over reconnects and restarts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{SLACK_MS, Scene};
use crate::fault::{Checked, hold};

/// Answers by user, scope and key.
#[derive(Debug, Default)]
pub struct Keys {
    answers: BTreeMap<(String, String, String), Answered>,
    /// Keys that a user has used.
    counts: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Answered {
    answer: Value,
    at: u64,
    number: u64,
}

/// Keys that a user's newest ones are for sure, whatever is under way.
const SURE: u64 = 200;

impl Keys {
    /// A request with a key is sent.
    pub fn uses(&mut self, user: Option<&String>) {
        // A user who is not known may be any.
        match user {
            Some(user) => *self.counts.entry(user.clone()).or_default() += 1,
            None => self.counts.values_mut().for_each(|count| *count += 1),
        }
    }

    /// A request with a key was answered `ok`. Returns whether it was the first answer to that key.
    pub fn answered(
        &mut self,
        user: &str,
        request: &Value,
        answer: &Value,
        scene: &Scene,
    ) -> Result<bool, crate::fault::Fault> {
        let Some(key) = request["key"].as_str() else { return Ok(true) };
        let scope = match request["type"].as_str() {
            Some("say") => format!("say {}", request["room"].as_str().unwrap_or_default()),
            _ => "tell".to_owned(),
        };
        let number = self.counts.get(user).copied().unwrap_or_default();
        let place = (user.to_owned(), scope, key.to_owned());
        let answer = facts(answer);
        if let Some(first) = self.answers.get_mut(&place) {
            let is_kept = number - first.number.min(number) < SURE
                && (scene.running - first.at) + SLACK_MS < scene.settings.get("user_retention") / 2;
            if is_kept {
                check(&first.answer, &answer)?;
                return Ok(false);
            }
            if first.answer["id"] == answer["id"] {
                return Ok(false);
            }
        }
        self.answers.insert(place, Answered { answer, at: scene.running, number });
        Ok(true)
    }
}

/// The `seq` in an inbox is 0 when the inbox does not reach back any more; `delivered` is of the first time only.
fn check(first: &Value, again: &Value) -> Checked {
    let same = first["id"] == again["id"]
        && first["at"] == again["at"]
        && (first["seq"] == again["seq"] || first["seq"] == 0 || again["seq"] == 0);
    hold!("keys-hold", same, "two answers to one key: {first}, then {again}");
    Ok(())
}

fn facts(answer: &Value) -> Value {
    serde_json::json!({"id": answer["id"], "seq": answer["seq"], "at": answer["at"]})
}
