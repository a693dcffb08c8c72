//! The events of logs: how they are kept, and how they are told.

use bytes::Bytes;
use serde::Serialize;

use super::error::{ErrorCode, Refused};
use parlor_core::Frame;

/// A sequenced event as the journal keeps it: a JSON object that begins with the version of its format and its `type`, without
/// `room` and `seq`, which the place it is kept at says. A clone costs a reference count.
///
/// The version grows when servers that know only the one before would read an event wrong. A new type of event, or a new
/// member, is none of these: they hand on what they don't know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record(Bytes);

/// The beginning of records of this version.
const VERSION: &str = "{\"v\":1,";

impl Record {
    /// Of an event that serializes to an object with its `type` first, such as a game's.
    pub fn new(event: &impl Serialize) -> Result<Self, NotARecord> {
        let mut record = Vec::with_capacity(256);
        record.extend_from_slice(VERSION.as_bytes());
        serde_json::to_writer(&mut record, event).map_err(|_| NotARecord)?;
        if record.get(VERSION.len()) != Some(&b'{') {
            return Err(NotARecord);
        }
        record.remove(VERSION.len());
        Self::from_bytes(record)
    }

    /// Of what a journal kept. Looks at the beginning and the end alone: the rest is believed. Records of earlier files have
    /// no version, and the format of the first.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self, NotARecord> {
        let record = Record(bytes.into());
        let text = std::str::from_utf8(&record.0).map_err(|_| NotARecord)?;
        if type_end(members(text)).is_some() && text.ends_with('}') { Ok(record) } else { Err(NotARecord) }
    }

    /// Returns the bytes that the journal keeps.
    pub fn bytes(&self) -> Bytes {
        self.0.clone()
    }

    /// The event as everybody in `room` hears it, live, on joining and in `history`.
    pub fn event(&self, room: &str, seq: u64) -> Event {
        self.spliced(",\"room\":", &super::server::json(&room), seq)
    }

    /// The event as the owner of an inbox hears it: `private` has no room.
    pub fn private_event(&self, seq: u64) -> Event {
        self.spliced("", "", seq)
    }

    /// The room, with its member's name before it, and the number go in right after the type.
    fn spliced(&self, member: &str, room: &str, seq: u64) -> Event {
        let text = std::str::from_utf8(&self.0).unwrap_or_default();
        let members = members(text);
        let (kind, rest) = members.split_at(type_end(members).unwrap_or_default());
        Event(Frame::text(["{", kind, member, room, ",\"seq\":", &seq.to_string(), rest].concat()))
    }
}

/// Returns a record without its brace and its version.
fn members(text: &str) -> &str {
    text.strip_prefix(VERSION).or_else(|| text.strip_prefix('{')).unwrap_or_default()
}

/// Returns the place where the type's closing quote ends in `"type":"…"…}`.
fn type_end(text: &str) -> Option<usize> {
    const BEFORE: &str = "\"type\":\"";
    let from_type = text.strip_prefix(BEFORE)?;
    let word = from_type.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))?;
    from_type[word..].starts_with('"').then_some(BEFORE.len() + word + 1)
}

/// An encoded event: to be sent as it is, and to be put into lists ([`List`](super::server::List)). A clone costs a
/// reference count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event(Frame);

impl Event {
    pub fn frame(&self) -> Frame {
        self.0.clone()
    }

    /// Its JSON, in UTF-8.
    pub fn json(&self) -> Bytes {
        self.0.payload()
    }
}

impl From<Event> for Frame {
    fn from(event: Event) -> Frame {
        event.0
    }
}

/// It is no object with a `type` that comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARecord;

impl std::fmt::Display for NotARecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an event must be a JSON object that begins with its type, in a format that this server knows")
    }
}

impl std::error::Error for NotARecord {}

impl From<NotARecord> for Refused {
    fn from(_: NotARecord) -> Self {
        Refused::new(ErrorCode::Internal, "the event could not be written down")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn place_and_number_stand_after_the_type() {
        let record = Record::new(&json!({"type": "message", "body": "\"},{"})).unwrap();
        assert_eq!(record.bytes(), r#"{"v":1,"type":"message","body":"\"},{"}"#);
        assert_eq!(record.event("a\"b", 7).json(), r#"{"type":"message","room":"a\"b","seq":7,"body":"\"},{"}"#);
        assert_eq!(record.private_event(8).json(), r#"{"type":"message","seq":8,"body":"\"},{"}"#);
    }

    #[test]
    fn an_event_may_have_nothing_but_a_type() {
        let record = Record::new(&json!({"type": "drawn"})).unwrap();
        assert_eq!(record.event("x", 1).json(), r#"{"type":"drawn","room":"x","seq":1}"#);
    }

    #[test]
    fn what_does_not_begin_with_its_type_is_no_record() {
        for text in [
            "",
            "{}",
            "{{",
            "[]",
            "null",
            r#"{"id":1,"type":"x"}"#,
            r#"{"type":7}"#,
            r#"{"type":"x"#,
            r#"{"type":"x\"""#,
        ] {
            assert_eq!(Record::from_bytes(text.as_bytes()), Err(NotARecord), "{text}");
        }
        assert_eq!(Record::from_bytes(&b"{\"type\":\"x\",\"y\":\"\xFF\"}"[..]), Err(NotARecord));
        assert_eq!(Record::new(&"text"), Err(NotARecord));
        assert_eq!(Refused::from(NotARecord).code, ErrorCode::Internal);
    }

    #[test]
    fn records_of_earlier_files_have_no_version_and_those_of_later_servers_are_refused() {
        let record = Record::from_bytes(&br#"{"type":"message","body":"x"}"#[..]).unwrap();
        assert_eq!(record.event("r", 7).json(), r#"{"type":"message","room":"r","seq":7,"body":"x"}"#);
        assert_eq!(Record::from_bytes(&br#"{"v":2,"type":"message","body":"x"}"#[..]), Err(NotARecord));
    }

    #[test]
    fn live_and_in_history_it_is_the_same_bytes() {
        let record = Record::new(&json!({"type": "message", "body": "x"})).unwrap();
        let kept = Record::from_bytes(record.bytes()).unwrap();
        assert_eq!(kept.event("x", 7).frame().payload(), record.event("x", 7).json());
    }

    proptest! {
        #[test]
        fn splicing_adds_two_members_and_changes_none(room in any::<String>(), body in any::<String>(), seq in any::<u64>()) {
            let record = Record::new(&json!({"type": "message", "body": body})).unwrap();
            let event: Value = serde_json::from_slice(&record.event(&room, seq).json()).unwrap();
            prop_assert_eq!(event, json!({"type": "message", "room": room, "seq": seq, "body": body}));
        }

        #[test]
        fn junk_is_never_more_than_refused(junk in any::<Vec<u8>>()) {
            let _ = Record::from_bytes(junk);
        }
    }
}
