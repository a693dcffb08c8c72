//! The app behind the sessions: each message comes back, as often as its first digit says.

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits};

/// Bytes of a line.
pub const LINE_MAX: usize = 1024;
/// Bytes of a send.
pub const BODY_MAX: usize = 4 * LINE_MAX;
/// Bytes that may wait for a client, with a frame's header for each.
pub const OUTBOX_MAX: usize = 4096;

pub struct Repeats;

/// The frames that a line is answered with.
pub fn answers(line: &str) -> Vec<String> {
    let count = line.bytes().next().filter(u8::is_ascii_digit).map_or(1, |digit| usize::from(digit - b'0'));
    vec![serde_json::Value::from(line).to_string(); count]
}

impl App for Repeats {
    type Request = String;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        hub.send(client.id, "\"welcome\"");
    }

    fn message_received(&mut self, client: ClientId, line: String, hub: &mut Hub<'_>) {
        answers(&line).into_iter().for_each(|answer| hub.send(client, answer));
    }

    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}

    fn limits(&self) -> Limits {
        Limits::open().frame_bytes(LINE_MAX).outbox_bytes(OUTBOX_MAX)
    }
}
