//! Everything that anybody tried to say, by its text: scripts say no text twice, unless they mean the same message.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fault::{Checked, hold};

#[derive(Debug, Default)]
pub struct Talk(BTreeMap<String, Vec<Attempt>>);

#[derive(Debug)]
struct Attempt {
    /// The connection.
    link: u64,
    /// The room; the addressee of a private message.
    place: Place,
    key: Option<String>,
    /// The sender, if that was sure.
    user: Option<String>,
    end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Room(String),
    Private,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No answer yet, or lost with the connection.
    Unknown,
    Taken,
    /// Nothing happened.
    Refused,
}

impl Talk {
    pub fn tries(&mut self, link: u64, user: Option<String>, request: &Value) {
        let Some((place, body)) = place_of(request) else { return };
        let key = request["key"].as_str().map(str::to_owned);
        self.0.entry(body).or_default().push(Attempt { link, place, key, user, end: End::Unknown });
    }

    pub fn ends(&mut self, link: u64, request: &Value, end: End) {
        let Some((place, body)) = place_of(request) else { return };
        let attempts = self.0.entry(body).or_default();
        let open =
            |attempt: &&mut Attempt| attempt.link == link && attempt.place == place && attempt.end == End::Unknown;
        if let Some(attempt) = attempts.iter_mut().find(open) {
            attempt.end = end;
        }
    }

    /// Somebody's message was seen.
    pub fn check_message(&self, place: &Place, event: &Value) -> Checked {
        let (body, from) = (event["body"].as_str().unwrap_or_default(), event["from"]["id"].as_str());
        let attempts = self.0.get(body).map(Vec::as_slice).unwrap_or_default();
        let mut may = attempts.iter().filter(|attempt| attempt.place == *place);
        hold!("authors-are-true", may.clone().next().is_some(), "nobody said this: {event}");
        let by_them = |attempt: &Attempt| attempt.user.as_deref().is_none_or(|user| Some(user) == from);
        hold!("authors-are-true", may.clone().any(by_them), "somebody else said this: {event}");
        hold!("refused-is-not-done", may.any(|attempt| attempt.end != End::Refused), "it was refused: {event}");
        Ok(())
    }

    /// Checks a whole log: each message stands in it as often as it was said.
    pub fn check_log<'a>(&self, place: &Place, events: impl Iterator<Item = &'a Value>) -> Checked {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for event in events {
            let Some(body) = event["body"].as_str() else { continue };
            self.check_message(place, event)?;
            let times = seen.entry(body).or_default();
            *times += 1;
            let attempts = self.0.get(body).map(Vec::as_slice).unwrap_or_default();
            let done = || attempts.iter().filter(|attempt| attempt.place == *place && attempt.end != End::Refused);
            let keys: BTreeSet<(&Option<String>, &Option<String>)> =
                done().filter(|attempt| attempt.key.is_some()).map(|attempt| (&attempt.user, &attempt.key)).collect();
            let unkeyed = done().filter(|attempt| attempt.key.is_none()).count();
            hold!("said-once", *times <= keys.len() + unkeyed, "said once and there {times} times: {event}");
        }
        Ok(())
    }
}

fn place_of(request: &Value) -> Option<(Place, String)> {
    let place = match request["type"].as_str()? {
        "say" => Place::Room(request["room"].as_str()?.to_owned()),
        "tell" => Place::Private,
        _ => return None,
    };
    Some((place, request["body"].as_str()?.to_owned()))
}
