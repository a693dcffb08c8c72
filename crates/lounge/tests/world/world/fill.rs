//! What a script can't write down, since it is made in the run: tokens, ids, epochs, secrets. A string that begins with `$`
//! stands for it.
//!
//! | text | value |
//! |---|---|
//! | `$token ann`, `$transfer ann` | Ann's newest token, or the one she asked for, for another device |
//! | `$user ann`, `$name ann` | her id, her name |
//! | `$since hall` | up to where the asker knows a room |
//! | `$seat table ann`, `$join table ann`, `$watch table ann` | the secrets that she has |
//! | `$chars 4097` | so many letters |

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::Client;

/// Fills in a request; members whose value is not known are left out.
pub fn fill(request: &Value, asker: &str, clients: &BTreeMap<String, Client>) -> Value {
    match request {
        Value::String(text) => match text.strip_prefix('$') {
            Some(of) => value(of, asker, clients).unwrap_or(Value::Null),
            None => request.clone(),
        },
        Value::Array(items) => items.iter().map(|item| fill(item, asker, clients)).collect(),
        Value::Object(members) => {
            let filled = members.iter().filter_map(|(name, member)| {
                let filled = fill(member, asker, clients);
                (member.is_null() || !filled.is_null()).then(|| (name.clone(), filled))
            });
            Value::Object(filled.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => request.clone(),
    }
}

fn value(of: &str, asker: &str, clients: &BTreeMap<String, Client>) -> Option<Value> {
    let words: Vec<&str> = of.split(' ').collect();
    let text = |text: Option<&String>| text.map(|text| json!(text));
    match words[..] {
        ["token", who] => text(clients.get(who)?.token.as_ref()),
        ["transfer", who] => text(clients.get(who)?.transfer.as_ref()),
        ["user", who] => text(clients.get(who)?.link.as_ref()?.user.as_ref()),
        ["name", who] => text(clients.get(who)?.link.as_ref().map(|link| &link.name)),
        ["since", room] => {
            let (epoch, seq) = clients.get(asker)?.known.get(room)?;
            Some(json!({"epoch": epoch, "seq": seq}))
        }
        ["seat", room, who] => text(clients.get(who)?.seats.get(room)),
        ["join" | "watch", room, who] => text(clients.get(who)?.keys.get(&format!("{} {room}", words[0]))),
        ["chars", count] => Some(json!("x".repeat(count.parse().ok()?))),
        _ => None,
    }
}
