//! A client of a session, which checks each answer against its model.

use actix_web::http::{Method, StatusCode};
use serde_json::Value;

use crate::app::OUTBOX_MAX;
use crate::model::{Model, lines, position, send_number, wait, wire_len};
use crate::site::{Answer, SESSIONS, Site};

pub struct Client<'a> {
    site: &'a Site,
    path: String,
    model: Model,
    body: Option<Body>,
}

/// A body that goes on.
struct Body {
    answer: Answer,
    /// The newest frame of it: one within these bounds.
    after: (u64, u64),
    /// Bytes of an item that has not come to its end.
    begun: String,
}

impl<'a> Client<'a> {
    pub async fn open(site: &'a Site) -> Self {
        let answer = site.ask(Method::POST, SESSIONS, None, b"").await.expect("a target");
        assert_eq!(answer.status, StatusCode::CREATED);
        let told = answer.json().await;
        assert_eq!(told["welcome"], "welcome");
        let path = format!("{SESSIONS}/{}", told["session"].as_str().expect("a secret"));
        Client { site, path, model: Model::default(), body: None }
    }

    pub async fn send(&mut self, query: &str, body: &[u8]) {
        let target = format!("{}/send?{query}", self.path);
        let Some(answer) = self.site.ask(Method::POST, &target, None, body).await else { return };
        if self.is_end(answer.status) {
            return;
        }
        let (Some(lines), Ok(n), Ok(ack)) = (lines(body), send_number(query), position(query, None)) else {
            return assert!(matches!(answer.status.as_u16(), 400 | 413), "{}", answer.status);
        };
        let next = self.model.sends + 1;
        match answer.status.as_u16() {
            202 => {
                self.model.acknowledge(ack);
                assert!(n.is_none_or(|n| n <= next), "a gap was taken");
                if n.is_none_or(|n| n == next) {
                    self.model.sends = n.unwrap_or(self.model.sends);
                    self.model.sent(&lines);
                }
            }
            409 => {
                self.model.acknowledge(ack);
                assert!(n.is_some_and(|n| n > next), "{n:?} is no gap");
                assert_eq!(answer.json().await["max"], next);
            }
            400 => self.model.ahead(ack),
            other => panic!("a send is answered {other}"),
        }
    }

    pub async fn poll(&mut self, query: &str, last: Option<&[u8]>) {
        let target = format!("{}/poll?{query}", self.path);
        let Some(answer) = self.site.ask_briefly(Method::GET, &target, last).await else { return };
        let after = position(query, last).and_then(|after| wait(query).map(|_| after));
        match answer {
            Some(answer) => drop(self.polled(answer, after).await),
            None => self.model.perhaps_acknowledge(after.expect("what is wrong is answered at once")),
        }
    }

    pub async fn stream(&mut self, way: &str, query: &str, last: Option<&[u8]>) {
        let target = format!("{}/{way}?{query}", self.path);
        let Some(answer) = self.site.ask(Method::GET, &target, last, b"").await else { return };
        let after = position(query, last);
        if self.may_receive(&answer, after) {
            let after = after.expect("a position");
            self.model.acknowledge(after);
            self.model.is_streamed = true;
            let after = self.model.beginning(after);
            self.body = Some(Body { answer, after, begun: String::new() });
        }
    }

    /// Reads a part of the body that goes on.
    pub async fn read(&mut self) {
        let Some(mut body) = self.body.take() else { return };
        let Some(part) = body.answer.part().await else {
            self.body = Some(body);
            return;
        };
        let Some(part) = part else { return };
        body.begun.push_str(std::str::from_utf8(&part).expect("UTF-8"));
        while let Some((line, rest)) = body.begun.split_once('\n') {
            let item = match line.strip_prefix("id: ") {
                Some(n) => match rest.split_once('\n') {
                    Some((data, rest)) => {
                        let item =
                            (n.parse().expect("a number"), data.strip_prefix("data: ").expect("data").to_owned());
                        body.begun = rest.to_owned();
                        Some(item)
                    }
                    None => break,
                },
                None => {
                    let item = serde_json::from_str::<Value>(line).ok().and_then(|line| numbered(&line));
                    let is_close = line.contains("\"code\":4000");
                    body.begun = rest.to_owned();
                    if is_close && item.is_none() {
                        self.model.too_slow();
                    }
                    item
                }
            };
            if let Some(item) = item {
                self.model.got(std::slice::from_ref(&item), self.model.going_on(body.after));
                body.after = (item.0, item.0);
            }
        }
        self.body = Some(body);
    }

    /// Goes away from the body.
    pub fn cut(&mut self) {
        self.body = None;
    }

    pub async fn end(&mut self) {
        let answer = self.site.ask(Method::DELETE, &self.path, None, b"").await.expect("a target");
        assert!(matches!(answer.status.as_u16(), 204 | 404), "{}", answer.status);
        (self.model.is_over, self.model.is_deleted) = (true, true);
    }

    /// Asks for a session that is not there.
    pub async fn knock(&self, below: &str) {
        let target = format!("{SESSIONS}/{below}");
        if let Some(answer) = self.site.ask_briefly(Method::GET, &target, None).await.flatten() {
            assert!(matches!(answer.status.as_u16(), 404 | 405), "{below:?} is answered {}", answer.status);
        }
    }

    /// Gets all that is left, and ends the session.
    pub async fn finish(mut self) {
        while !self.model.is_over && self.model.seen < self.model.frames.len() as u64 {
            let after = self.model.seen;
            let target = format!("{}/poll?ack={after}&wait_ms=30000", self.path);
            let answer = self.site.ask(Method::GET, &target, None, b"").await.expect("a target");
            if !self.polled(answer, Ok(Some(after))).await {
                break;
            }
        }
        self.end().await;
        let answer = self.site.ask(Method::GET, &format!("{}/poll", self.path), None, b"").await.expect("a target");
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "a session goes on after its end");
    }

    /// Returns whether there were frames, or none yet.
    async fn polled(&mut self, answer: Answer, after: Result<Option<u64>, ()>) -> bool {
        if !self.may_receive(&answer, after) {
            return false;
        }
        let told = answer.json().await;
        let frames: Vec<(u64, String)> =
            told["frames"].as_array().expect("frames").iter().filter_map(numbered).collect();
        assert_eq!(frames.len(), told["frames"].as_array().map_or(0, Vec::len), "each has a number");
        let after = after.expect("a position");
        assert!(
            frames.iter().map(|(_, frame)| wire_len(frame)).sum::<usize>() <= OUTBOX_MAX,
            "more is kept than may be"
        );
        if told["close"].is_object() {
            assert_eq!(told["close"]["code"], 4000);
            self.model.too_slow();
            self.model.is_over = true;
            return false; // a session that was too slow begins anywhere
        }
        self.model.acknowledge(after);
        self.model.got(&frames, self.model.beginning(after));
        true
    }

    /// Checks the status of an answer to a receiver. Returns whether it is one with frames.
    fn may_receive(&mut self, answer: &Answer, after: Result<Option<u64>, ()>) -> bool {
        if self.is_end(answer.status) {
            return false;
        }
        match (answer.status.as_u16(), after) {
            (200, Ok(after)) => {
                self.model.readable(after);
                return true;
            }
            (410, Ok(after)) => self.model.dropped(after),
            (400, Ok(after)) => self.model.ahead(after),
            (400, Err(())) => {}
            (other, after) => panic!("a receiver after {after:?} is answered {other}"),
        }
        false
    }

    /// Returns whether the session is over.
    fn is_end(&mut self, status: StatusCode) -> bool {
        if status == StatusCode::NOT_FOUND && !self.model.is_over {
            self.model.too_slow();
            self.model.is_over = true;
        }
        // A parameter that makes no sense may be told before; a close, more than once.
        let is_refused = matches!(status.as_u16(), 400 | 404 | 413);
        assert!(!self.model.is_deleted || is_refused, "{status} after the end");
        self.model.is_over
    }
}

/// A frame and its number.
fn numbered(item: &Value) -> Option<(u64, String)> {
    Some((item["n"].as_u64()?, item["frame"].to_string()))
}
