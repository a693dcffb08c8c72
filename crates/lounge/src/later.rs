//! Members of a stored object that a later version of the server has written. They are handed on when the object is written
//! again, so that servers of two versions can work side by side.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

/// Members that this version does not know; none, mostly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Later(Option<Arc<Map<String, Value>>>);

impl Later {
    /// Returns the members of an object beside these, which this version knows.
    pub fn of(object: &[u8], known: &[&str]) -> Self {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(object) else { return Self::default() };
        members.retain(|name, _| !known.contains(&name.as_str()));
        Later((!members.is_empty()).then(|| Arc::new(members)))
    }

    /// Returns an object in JSON, with these members at its end.
    ///
    /// # Errors
    /// If it can't be written: a fault of its code.
    pub fn write(&self, object: &impl Serialize) -> serde_json::Result<Vec<u8>> {
        let Some(later) = &self.0 else { return serde_json::to_vec(object) };
        let mut value = serde_json::to_value(object)?;
        if let Value::Object(members) = &mut value {
            members.extend(later.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        serde_json::to_vec(&value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_is_handed_on() {
        let later = Later::of(br#"{"kind":"chat","topic":{"b":1,"a":2},"value":3}"#, &["kind", "value", "table"]);
        let written = later.write(&json!({"kind": "counter", "value": 4})).unwrap();
        assert_eq!(written, br#"{"kind":"counter","value":4,"topic":{"b":1,"a":2}}"#);
        let none = Later::of(br#"{"kind":"chat"}"#, &["kind"]);
        assert_eq!(none, Later::default());
        assert_eq!(none.write(&json!({"kind": "chat"})).unwrap(), br#"{"kind":"chat"}"#);
        assert_eq!(Later::of(b"junk", &[]), Later::default());
    }
}
