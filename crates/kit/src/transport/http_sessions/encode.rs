//! Frames and closes as they stand in answers. A frame is JSON in all of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use crate::http_sessions::FrameForm;
use crate::transport::http_sessions::command::StreamForm;
use parlor_core::{Close, Frame, Incoming};

/// A body that is written piece by piece.
pub struct Encoder {
    form: FrameForm,
    bytes: BytesMut,
}

impl Encoder {
    pub fn new(form: FrameForm) -> Self {
        Encoder { form, bytes: BytesMut::new() }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn finish(self) -> Bytes {
        self.bytes.freeze()
    }

    /// Writes text as it is.
    pub fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Writes a frame as an item of a body that goes on.
    pub fn item(&mut self, form: StreamForm, n: u64, frame: &Frame) {
        match form {
            StreamForm::Events => {
                self.raw(&format!("id: {n}\ndata: "));
                self.value(frame);
                self.raw("\n\n");
            }
            StreamForm::Lines => {
                self.numbered(n, frame);
                self.raw("\n");
            }
        }
    }

    /// Writes `{"n":…,"frame":…}`.
    pub fn numbered(&mut self, n: u64, frame: &Frame) {
        self.raw(&format!("{{\"n\":{n},\"frame\":"));
        self.value(frame);
        self.raw("}");
    }

    /// Writes the end of a body that goes on.
    pub fn close(&mut self, form: StreamForm, close: &Close) {
        let close = close_value(close);
        match form {
            StreamForm::Events => self.raw(&format!("event: close\ndata: {close}\n\n")),
            StreamForm::Lines => self.raw(&format!("{}\n", json!({"close": close}))),
        }
    }

    /// Writes a frame as JSON on one line.
    pub fn value(&mut self, frame: &Frame) {
        let payload = frame.payload();
        let text = if frame.is_text() { std::str::from_utf8(&payload).ok() } else { None };
        match (text, self.form) {
            // A line break in JSON stands between its parts, where a space means the same.
            (Some(text), FrameForm::Json) if text.contains(['\n', '\r']) => self.raw(&text.replace(['\n', '\r'], " ")),
            (Some(text), FrameForm::Json) => self.raw(text),
            (Some(text), FrameForm::Text) => self.raw(&Value::from(text).to_string()),
            (None, _) => self.raw(&format!("{{\"binary\":\"{}\"}}", STANDARD.encode(&payload))),
        }
    }
}

/// A close as it stands in answers.
pub fn close_value(close: &Close) -> Value {
    json!({"code": close.code, "reason": close.reason})
}

/// Shows a client's line as the message that it is.
///
/// # Errors
/// Why it is none, for the client.
pub fn with_message<T>(form: FrameForm, line: &[u8], show: impl FnOnce(Incoming<'_>) -> T) -> Result<T, &'static str> {
    const TEXT: &str = "each line must be a JSON string, or {\"binary\": base64}";
    match form {
        FrameForm::Json => {
            let text = std::str::from_utf8(line).map_err(|_| "the body must be UTF-8")?;
            Ok(show(Incoming::Text(text)))
        }
        FrameForm::Text => match serde_json::from_slice(line).map_err(|_| TEXT)? {
            Value::String(text) => Ok(show(Incoming::Text(&text))),
            Value::Object(members) if members.len() == 1 => {
                let binary = members.get("binary").and_then(Value::as_str).ok_or(TEXT)?;
                let bytes = STANDARD.decode(binary).map_err(|_| TEXT)?;
                Ok(show(Incoming::Binary(&bytes)))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(TEXT),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(form: FrameForm, stream: StreamForm, frame: impl Into<Frame>) -> String {
        let mut encoder = Encoder::new(form);
        encoder.item(stream, 7, &frame.into());
        String::from_utf8(encoder.finish().to_vec()).unwrap()
    }

    #[test]
    fn json_stands_as_it_is_on_one_line() {
        use {FrameForm::Json, StreamForm::*};
        assert_eq!(items(Json, Lines, r#"{"a": 1}"#), "{\"n\":7,\"frame\":{\"a\": 1}}\n");
        assert_eq!(items(Json, Events, "{\n\r\"a\":1}"), "id: 7\ndata: {  \"a\":1}\n\n");
    }

    #[test]
    fn any_text_comes_through_as_a_string() {
        use {FrameForm::Text, StreamForm::*};
        assert_eq!(items(Text, Events, "two\nlines \"é\""), "id: 7\ndata: \"two\\nlines \\\"é\\\"\"\n\n");
        assert_eq!(items(Text, Lines, "5"), "{\"n\":7,\"frame\":\"5\"}\n");
        assert_eq!(items(Text, Lines, vec![0, 255]), "{\"n\":7,\"frame\":{\"binary\":\"AP8=\"}}\n");
    }

    #[test]
    fn the_end_has_its_code_and_reason() {
        let close = Close::new(1012, "so \"long\"");
        let mut encoder = Encoder::new(FrameForm::Json);
        encoder.close(StreamForm::Events, &close);
        encoder.close(StreamForm::Lines, &close);
        let told = r#"{"code":1012,"reason":"so \"long\""}"#;
        assert_eq!(encoder.finish(), format!("event: close\ndata: {told}\n\n{{\"close\":{told}}}\n"));
    }

    #[test]
    fn lines_of_clients_become_messages() {
        let shown = |form, line: &str| with_message(form, line.as_bytes(), |incoming| format!("{incoming:?}"));
        assert_eq!(shown(FrameForm::Json, "{oh").unwrap(), "Text(\"{oh\")", "the app judges it");
        assert_eq!(shown(FrameForm::Text, r#""a\nb""#).unwrap(), "Text(\"a\\nb\")");
        assert_eq!(shown(FrameForm::Text, r#"{"binary":"AP8="}"#).unwrap(), "Binary([0, 255])");
        for wrong in ["hello", "5", "{}", r#"{"binary":1}"#, r#"{"binary":"?"}"#, r#"{"binary":"","x":1}"#] {
            assert!(shown(FrameForm::Text, wrong).is_err(), "{wrong}");
        }
        assert!(with_message(FrameForm::Json, &[0xff], |_| ()).is_err());
    }
}
