//! An HTTP connection that is kept: requests one after the other, and bodies that go on.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::PATIENCE;
use crate::http::{Response, status};
use crate::socket::Dial;

pub struct HttpPeer {
    pub tcp: TcpStream,
    host: String,
    read: Vec<u8>,
    /// The bytes of a body that goes on, without the marks of its chunks.
    body: Vec<u8>,
    has_ended: bool,
}

/// A part of a body that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A line, without its end.
    Line(String),
    /// The body ended as it should.
    End,
    /// The connection ended before the body did.
    Lost,
}

impl HttpPeer {
    pub fn dial(to: SocketAddr) -> Self {
        Self::over(Dial::default().connect(to), to)
    }

    pub fn over(tcp: TcpStream, to: SocketAddr) -> Self {
        HttpPeer { tcp, host: to.to_string(), read: Vec::new(), body: Vec::new(), has_ended: false }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Panics
    /// If the connection ends before.
    pub fn request(&mut self, method: &str, target: &str, more: &str, body: &[u8]) -> Response {
        self.try_request(method, target, more, body).unwrap_or_else(|error| panic!("{method} {target}: {error}"))
    }

    /// # Errors
    /// If the connection ends before the answer does.
    pub fn try_request(&mut self, method: &str, target: &str, more: &str, body: &[u8]) -> io::Result<Response> {
        self.send(method, target, more, body)?;
        self.answer(method == "HEAD")
    }

    /// Sends a request. `more` is further header lines, each of which ends with `\r\n`.
    ///
    /// # Errors
    /// If the connection has ended.
    pub fn send(&mut self, method: &str, target: &str, more: &str, body: &[u8]) -> io::Result<()> {
        let length = if method == "POST" { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
        let head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n{length}{more}\r\n", self.host);
        self.tcp.write_all(&[head.as_bytes(), body].concat())
    }

    /// Reads an answer with its body.
    ///
    /// # Errors
    /// If the connection ends before.
    pub fn answer(&mut self, without_body: bool) -> io::Result<Response> {
        let response = self.head()?;
        if without_body || response.status == 204 {
            return Ok(response);
        }
        self.body_of(response)
    }

    /// Reads the body of an answer whose head was read.
    ///
    /// # Errors
    /// If the connection ends before.
    pub fn body_of(&mut self, mut response: Response) -> io::Result<Response> {
        let length = response.header("content-length").map(|length| length.parse::<usize>().unwrap());
        let body = match length {
            Some(length) => {
                while self.read.len() < length {
                    self.more(None)?;
                }
                self.read.drain(..length).collect()
            }
            None => {
                while !self.unchunk() {
                    self.more(None)?;
                }
                std::mem::take(&mut self.body)
            }
        };
        response.body = String::from_utf8(body).unwrap();
        Ok(response)
    }

    /// Reads the head of an answer. The parts of its body are read by [`part`](HttpPeer::part).
    ///
    /// # Errors
    /// If the connection ends before.
    pub fn head(&mut self) -> io::Result<Response> {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            self.more(None)?;
        };
        let head: Vec<u8> = self.read.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let (first, headers) = head.split_once("\r\n").unwrap();
        let headers = headers.lines().filter_map(|line| line.split_once(": "));
        self.body.clear();
        self.has_ended = false;
        Ok(Response {
            status: status(first),
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
            body: String::new(),
        })
    }

    /// The next line of a body that goes on, or its end; `None` if neither comes in time.
    pub fn part(&mut self, within: Duration) -> Option<Part> {
        let until = Instant::now() + within;
        loop {
            if let Some(end) = self.body.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.body.drain(..=end).collect();
                return Some(Part::Line(String::from_utf8(line).unwrap().trim_end().to_owned()));
            }
            let has_ended = self.unchunk();
            if !self.body.contains(&b'\n') {
                if has_ended {
                    return Some(Part::End);
                }
                match self.more(Some(until)) {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(_) => return Some(Part::Lost),
                }
            }
        }
    }

    /// The next line that is not empty.
    ///
    /// # Panics
    /// If the body ends, or nothing comes.
    pub fn line(&mut self) -> String {
        loop {
            match self.part(PATIENCE) {
                Some(Part::Line(line)) if line.is_empty() => {}
                Some(Part::Line(line)) => return line,
                other => panic!("{other:?} instead of a line"),
            }
        }
    }

    /// Reads lines until the body or the connection ends.
    pub fn end(&mut self) -> (Vec<String>, Part) {
        let mut lines = Vec::new();
        loop {
            match self.part(PATIENCE) {
                Some(Part::Line(line)) if line.is_empty() => {}
                Some(Part::Line(line)) => lines.push(line),
                Some(end) => return (lines, end),
                None => panic!("it does not end; so far: {lines:?}"),
            }
        }
    }

    /// Returns whether nothing comes for so long.
    pub fn is_quiet(&mut self, time: Duration) -> bool {
        matches!(self.more(Some(Instant::now() + time)), Ok(false))
    }

    /// Waits until the server ends the connection. Returns false if it does not in time.
    pub fn is_closed_within(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            match self.more(Some(until)) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(_) => return true,
            }
        }
    }

    pub fn cut(&self) {
        let _ = self.tcp.shutdown(Shutdown::Both);
    }

    /// Takes whole chunks (RFC 9112 §7.1). Returns whether the last one has come.
    fn unchunk(&mut self) -> bool {
        while !self.has_ended {
            let Some(end) = self.read.windows(2).position(|two| two == b"\r\n") else { break };
            let size = std::str::from_utf8(&self.read[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap_or_else(|_| panic!("no chunk: {size}"));
            if self.read.len() < end + 2 + size + 2 {
                break;
            }
            self.body.extend_from_slice(&self.read[end + 2..end + 2 + size]);
            self.read.drain(..end + 2 + size + 2);
            self.has_ended = size == 0;
        }
        self.has_ended
    }

    /// Reads once. `false`: nothing came in time.
    fn more(&mut self, until: Option<Instant>) -> io::Result<bool> {
        let left = until.map_or(PATIENCE, |until| until.saturating_duration_since(Instant::now()));
        self.tcp.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let mut buffer = [0; 64 * 1024];
        match self.tcp.read(&mut buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(bytes) => {
                self.read.extend(&buffer[..bytes]);
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if until.is_none() { Err(error) } else { Ok(false) }
            }
            Err(error) => Err(error),
        }
    }
}
