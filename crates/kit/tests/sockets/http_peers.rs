//! Clients of sessions over HTTP.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use parlor_testkit::http::Response;
use parlor_testkit::{HttpPeer, PATIENCE, Part};
use serde_json::Value;

/// A session, as its client has it.
pub struct HttpSession {
    pub to: SocketAddr,
    pub secret: String,
    /// Kept for everything but what goes on.
    pub peer: HttpPeer,
}

impl HttpSession {
    pub fn open(to: SocketAddr) -> Self {
        let mut peer = HttpPeer::dial(to);
        let answer = peer.request("POST", "/api/sessions", "", b"");
        assert_eq!(answer.status, 201, "{answer:?}");
        let secret = json(&answer)["session"].as_str().unwrap().to_owned();
        HttpSession { to, secret, peer }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/sessions/{}{rest}", self.secret)
    }

    /// Sends messages, one a line.
    pub fn send(&mut self, query: &str, messages: &[&str]) -> Response {
        let lines: Vec<String> = messages.iter().map(|message| Value::from(*message).to_string()).collect();
        self.post(query, lines.join("\n").as_bytes())
    }

    pub fn post(&mut self, query: &str, body: &[u8]) -> Response {
        let target = self.path(&format!("/send?{query}"));
        self.peer.request("POST", &target, "", body)
    }

    pub fn say(&mut self, messages: &[&str]) {
        assert_eq!(self.send("", messages).status, 202);
    }

    pub fn get(&mut self, rest: &str) -> Response {
        let target = self.path(rest);
        self.peer.request("GET", &target, "", b"")
    }

    /// Polls, and returns the messages with their numbers.
    pub fn poll(&mut self, query: &str) -> Vec<(u64, String)> {
        let answer = self.get(&format!("/poll?{query}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        frames(&answer)
    }

    /// Polls until so many messages after `ack` are there.
    pub fn wait_for(&mut self, ack: u64, count: usize) -> Vec<(u64, String)> {
        loop {
            let frames = self.poll(&format!("ack={ack}&wait_ms=1000"));
            if frames.len() >= count {
                return frames;
            }
        }
    }

    /// Begins to receive on a connection of its own.
    pub fn receive(&self, rest: &str, more: &str) -> HttpPeer {
        let mut peer = HttpPeer::dial(self.to);
        peer.send("GET", &self.path(rest), more, b"").unwrap();
        let head = peer.head().unwrap();
        assert_eq!(head.status, 200, "{head:?}");
        peer
    }

    /// Asks on a connection of its own, and does not wait for the answer.
    pub fn receive_later(&self, rest: &str) -> HttpPeer {
        let mut peer = HttpPeer::dial(self.to);
        peer.send("GET", &self.path(rest), "", b"").unwrap();
        // The server reads it before what comes on later connections is done.
        assert!(peer.is_quiet(Duration::from_millis(50)));
        peer
    }

    pub fn delete(&mut self) -> Response {
        let target = self.path("");
        self.peer.request("DELETE", &target, "", b"")
    }
}

/// A client that goes says so: else a server that stops would wait for its next request.
impl Drop for HttpSession {
    fn drop(&mut self) {
        if let Ok(tcp) = TcpStream::connect(self.to) {
            let _ = HttpPeer::over(tcp, self.to).try_request("DELETE", &self.path(""), "", b"");
        }
    }
}

pub fn json(answer: &Response) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

pub fn frames(answer: &Response) -> Vec<(u64, String)> {
    let frames = json(answer)["frames"].clone();
    frames.as_array().unwrap().iter().map(|item| (item["n"].as_u64().unwrap(), text(&item["frame"]))).collect()
}

/// A message as text; a binary one by its length in base64.
fn text(frame: &Value) -> String {
    match frame {
        Value::String(text) => text.clone(),
        other => format!("binary {}", other["binary"].as_str().unwrap().len()),
    }
}

/// The next frame of a stream of lines.
pub fn next_line(peer: &mut HttpPeer) -> (u64, String) {
    let item: Value = serde_json::from_str(&peer.line()).unwrap();
    (item["n"].as_u64().unwrap_or_else(|| panic!("no frame: {item}")), text(&item["frame"]))
}

/// The next event of a stream of events that is no keep-alive: its fields.
pub fn next_event(peer: &mut HttpPeer) -> Vec<String> {
    let mut fields = Vec::new();
    loop {
        match peer.part(PATIENCE) {
            Some(Part::Line(line)) if line.is_empty() && fields.is_empty() => {}
            Some(Part::Line(line)) if line.is_empty() => return fields,
            Some(Part::Line(line)) if line.starts_with(':') || line.starts_with("retry:") => {}
            Some(Part::Line(line)) => fields.push(line),
            other => panic!("{other:?} instead of an event"),
        }
    }
}

/// Nothing but keep-alives comes for so long.
pub fn is_silent(peer: &mut HttpPeer, time: Duration) -> bool {
    loop {
        match peer.part(time) {
            None => return true,
            Some(Part::Line(line)) if line.is_empty() || line.starts_with(':') || line.starts_with("retry:") => {}
            Some(_) => return false,
        }
    }
}
