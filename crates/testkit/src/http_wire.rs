//! Sessions over HTTP, one way for each way to receive. As a real client, each receives all the time, on a thread of its own.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::http_peer::{HttpPeer, Part};
use crate::socket::Dial;
use crate::wire::{Closed, Opening, Received, Refused, Transport, Wire};
use crate::{PATIENCE, http};

/// A way to receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverHttp {
    Events,
    Stream,
    LongPoll,
    ShortPoll,
}

/// Frames that have come and were not looked at; with more, nothing is received.
const WAITING_MAX: usize = 4096;
/// Before an interrupted receiver asks again.
const AGAIN_PAUSE: Duration = Duration::from_millis(5);
/// Between short polls.
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// A lost client is found after this, and not after a minute as with the server's defaults.
const SETTINGS: &[(&str, &str)] = &[("PARLOR_HEARTBEAT", "1s"), ("PARLOR_HEARTBEAT_TIMEOUT", "5s")];

impl Transport for OverHttp {
    fn connect(&self, to: SocketAddr, how: &Opening) -> Result<Box<dyn Wire>, Refused> {
        let dial = Dial { from: how.from, ..Dial::default() };
        let origin = how.origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
        let mut sender = HttpPeer::over(dial.connect(to), to);
        let answer = sender.request("POST", "/api/sessions", &origin, b"");
        if answer.status != 201 {
            return Err(Refused(answer.status));
        }
        let opened = members(&answer.body);
        let path = format!("/api/sessions/{}", text(&opened["session"]));
        let (frames, received) = sync_channel(WAITING_MAX);
        frames.send(Received::Frame(opened["welcome"].get().to_owned())).unwrap();
        let stop = Arc::new(Stop::default());
        let pump =
            Pump { to, dial, origin: origin.clone(), path: path.clone(), seen: 0, frames, stop: Arc::clone(&stop) };
        let way = *self;
        thread::spawn(move || pump.run(way));
        Ok(Box::new(HttpWire { to, dial, origin, path, sends: 0, sender, received, stop }))
    }

    /// Empty lines are left out.
    fn has_empty_frames(&self) -> bool {
        false
    }

    fn settings(&self) -> &'static [(&'static str, &'static str)] {
        SETTINGS
    }
}

struct HttpWire {
    to: SocketAddr,
    dial: Dial,
    origin: String,
    path: String,
    /// Sends that were taken.
    sends: u64,
    sender: HttpPeer,
    received: Receiver<Received>,
    stop: Arc<Stop>,
}

/// Ends the receiving thread.
#[derive(Default)]
struct Stop {
    is_set: AtomicBool,
    /// The connection that is read from.
    reading: Mutex<Option<TcpStream>>,
}

impl HttpWire {
    /// Sends a request on the connection that is kept, or on a new one if that was closed.
    fn request(&mut self, method: &str, rest: &str, body: &[u8]) -> Option<http::Response> {
        let target = format!("{}{rest}", self.path);
        if let Ok(answer) = self.sender.try_request(method, &target, &self.origin, body) {
            return Some(answer);
        }
        self.sender = HttpPeer::over(self.dial.try_connect(self.to).ok()?, self.to);
        self.sender.try_request(method, &target, &self.origin, body).ok()
    }
}

impl Wire for HttpWire {
    /// Repeated with the same number until it is taken.
    fn send(&mut self, frame: &str) {
        loop {
            let rest = format!("/send?n={}", self.sends + 1);
            match self.request("POST", &rest, frame.as_bytes()) {
                Some(answer) if answer.status == 202 => self.sends += 1,
                Some(answer) if answer.status == 429 => {
                    thread::sleep(Duration::from_millis(10));
                    continue;
                }
                Some(answer) if [404, 502].contains(&answer.status) => {}
                Some(answer) => panic!("{frame} → {answer:?}"),
                None => {}
            }
            return;
        }
    }

    fn receive(&mut self, within: Duration) -> Received {
        match self.received.recv_timeout(within) {
            Ok(received) => received,
            Err(RecvTimeoutError::Timeout) => Received::Nothing,
            Err(RecvTimeoutError::Disconnected) => Received::Closed(lost()),
        }
    }

    fn close(&mut self) {
        let _ = self.request("DELETE", "", b"");
    }
}

impl Drop for HttpWire {
    fn drop(&mut self) {
        self.stop.is_set.store(true, Ordering::SeqCst);
        if let Some(tcp) = &*self.stop.reading.lock().unwrap() {
            let _ = tcp.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// Receives until the end.
struct Pump {
    to: SocketAddr,
    dial: Dial,
    origin: String,
    path: String,
    seen: u64,
    frames: SyncSender<Received>,
    stop: Arc<Stop>,
}

impl Pump {
    fn run(mut self, way: OverHttp) {
        // A connection that is lost is no end: the next one goes on. A server that is gone is.
        while !self.stop.is_set.load(Ordering::SeqCst) {
            let Ok(tcp) = self.dial.try_connect(self.to) else { return self.end(lost()) };
            *self.stop.reading.lock().unwrap() = tcp.try_clone().ok();
            let peer = HttpPeer::over(tcp, self.to);
            let closed = match way {
                OverHttp::Events | OverHttp::Stream => self.stream(peer, way),
                OverHttp::LongPoll | OverHttp::ShortPoll => self.poll(peer, way),
            };
            if let Some(closed) = closed {
                return self.end(closed);
            }
            thread::sleep(AGAIN_PAUSE);
        }
    }

    fn end(self, closed: Closed) {
        let _ = self.frames.send(Received::Closed(closed)); // a test that is over hears nothing
    }

    /// Receives by one body. `None`: it was interrupted.
    fn stream(&mut self, mut peer: HttpPeer, way: OverHttp) -> Option<Closed> {
        let (rest, more) = match way {
            OverHttp::Stream => (format!("/stream?ack={}", self.seen), self.origin.clone()),
            _ => ("/events".to_owned(), format!("{}Last-Event-ID: {}\r\n", self.origin, self.seen)),
        };
        peer.send("GET", &format!("{}{rest}", self.path), &more, b"").ok()?;
        let head = peer.head().ok()?;
        if head.status != 200 {
            return Some(Self::refusal(&peer.body_of(head).ok()?));
        }
        let mut event = Event::default();
        loop {
            let Some(Part::Line(line)) = peer.part(PATIENCE) else { return None };
            if way == OverHttp::Stream {
                if !line.is_empty()
                    && let Some(closed) = self.item(&members(&line))
                {
                    return Some(closed);
                }
            } else if let Some((n, data, is_close)) = event.line(&line) {
                if is_close {
                    return Some(close(&data));
                }
                self.frame(n, data);
            }
        }
    }

    /// Receives by polls. `None`: the connection was lost.
    fn poll(&mut self, mut peer: HttpPeer, way: OverHttp) -> Option<Closed> {
        let wait = if way == OverHttp::LongPoll { 30_000 } else { 0 };
        while !self.stop.is_set.load(Ordering::SeqCst) {
            let target = format!("{}/poll?ack={}&wait_ms={wait}", self.path, self.seen);
            let answer = peer.try_request("GET", &target, &self.origin, b"").ok()?;
            if answer.status != 200 {
                return Some(Self::refusal(&answer));
            }
            let mut body = members(&answer.body);
            let items: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(body["frames"].get()).unwrap();
            items.iter().for_each(|item| drop(self.item(item)));
            if let Some(told) = body.remove("close") {
                return Some(close(told.get()));
            }
            if wait == 0 {
                thread::sleep(SHORT_PAUSE);
            }
        }
        None
    }

    fn item(&mut self, item: &BTreeMap<String, Box<RawValue>>) -> Option<Closed> {
        if let Some(told) = item.get("close") {
            return Some(close(told.get()));
        }
        self.frame(item["n"].get().parse().unwrap(), item["frame"].get().to_owned());
        None
    }

    fn frame(&mut self, n: u64, frame: String) {
        assert_eq!(n, self.seen + 1, "a gap or a repeat: {frame}");
        self.seen = n;
        let _ = self.frames.send(Received::Frame(frame)); // likewise
    }

    /// The end, as requests of a session that is over are told.
    fn refusal(answer: &http::Response) -> Closed {
        if answer.status == 502 {
            return lost(); // a balancer finds no server
        }
        assert_eq!(answer.status, 404, "{answer:?}");
        let told = members(&answer.body);
        assert_eq!(told["code"].get(), "\"no_such_session\"");
        told.get("close").map_or_else(lost, |told| close(told.get()))
    }
}

/// The fields of an event that has begun (the HTML standard, Server-Sent Events).
#[derive(Default)]
struct Event {
    id: u64,
    data: String,
    is_close: bool,
}

impl Event {
    /// Takes a line. An empty one ends an event: its number, its data, and whether it is the close.
    fn line(&mut self, line: &str) -> Option<(u64, String, bool)> {
        if line.is_empty() {
            let event = std::mem::replace(self, Event { id: self.id, ..Event::default() });
            return (!event.data.is_empty()).then_some((event.id, event.data, event.is_close));
        }
        match line.split_once(": ") {
            Some(("id", id)) => self.id = id.parse().unwrap(),
            Some(("data", data)) => self.data.push_str(data),
            Some(("event", "close")) => self.is_close = true,
            Some(("retry", _)) => {}
            _ => assert!(line.starts_with(':'), "a field that is not known: {line}"),
        }
        None
    }
}

fn members(json: &str) -> BTreeMap<String, Box<RawValue>> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn text(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap()
}

fn close(told: &str) -> Closed {
    let told = members(told);
    Closed { code: told["code"].get().parse().unwrap(), reason: text(&told["reason"]) }
}

/// A connection that ended without a close.
fn lost() -> Closed {
    Closed { code: 1006, reason: String::new() }
}
