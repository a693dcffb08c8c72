//! The envelopes.

use serde::Serialize;

use crate::protocol::client::RequestId;
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::fault::Fault;
use parlor_core::Frame;

/// `{"type":"ok","re":…}` with the members of `result`, which serializes to an object.
pub fn ok(re: &RequestId, result: &impl Serialize) -> Frame {
    Frame::text(ok_text(re, &json(result)))
}

/// `{"type":"error",…}`; without `re` if the request had no (valid) `id`.
pub fn error(re: Option<&RequestId>, refused: &Refused) -> Frame {
    #[derive(Serialize)]
    struct Error<'a> {
        r#type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        re: Option<&'a RequestId>,
        code: ErrorCode,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        #[serde(flatten)]
        fault: Option<&'a Fault>,
    }
    event(&Error {
        r#type: "error",
        re,
        code: refused.code,
        message: &refused.message,
        retry_after_ms: refused.retry_after_ms,
        fault: refused.fault.as_deref(),
    })
}

/// A frame of anything that serializes to an object with its `type` first: an unsequenced event.
pub fn event(event: &impl Serialize) -> Frame {
    Frame::text(json(event))
}

/// JSON text. Types of the contract always have one; whatever has none (a map with keys that are no strings, a `Serialize`
/// that gives up) becomes the error `internal`, which is at least true.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| {
        r#"{"type":"error","code":"internal","message":"the answer could not be written down"}"#.to_owned()
    })
}

/// The `ok` with the members of the object `result`.
pub(crate) fn ok_text(re: &RequestId, result: &str) -> String {
    let members = result.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    let comma = if members.is_empty() { "" } else { "," };
    ["{\"type\":\"ok\",\"re\":", &json(re), comma, members, "}"].concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_has_no_json_is_an_internal_error() {
        let no_json = BTreeMap::from([((1, 2), 3)]);
        let frame = event(&no_json);
        let answer: serde_json::Value = serde_json::from_slice(&frame.payload()).unwrap();
        assert_eq!(answer["code"], "internal");
    }

    #[test]
    fn an_ok_may_carry_nothing() {
        assert_eq!(ok(&RequestId::Signed(-1), &()).payload(), r#"{"type":"ok","re":-1}"#);
    }
}
