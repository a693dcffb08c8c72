//! Plain HTTP: one request, then the connection ends.

use std::io::{Read, Write};
use std::net::SocketAddr;

use crate::socket::Dial;

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub fn get(to: SocketAddr, path: &str) -> Response {
    send(to, "GET", path, "", "")
}

/// Sends a request. `more` is further header lines, each of which ends with `\r\n`.
pub fn send(to: SocketAddr, method: &str, path: &str, more: &str, body: &str) -> Response {
    let mut stream = Dial::default().connect(to);
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {to}\r\n{length}{more}Connection: close\r\n\r\n{body}").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let (first, headers) = head.split_once("\r\n").unwrap();
    let headers = headers.lines().filter_map(|line| line.split_once(": "));
    Response {
        status: status(first),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: body.to_owned(),
    }
}

/// The status in an answer's first line.
pub fn status(head: &str) -> u16 {
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no HTTP status: {head}"))
}
