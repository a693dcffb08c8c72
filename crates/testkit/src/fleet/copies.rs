//! A client's copies of the logs that it follows, checked against the protocol's promises.

use std::collections::BTreeMap;

use crate::{Client, number};
use serde_json::{Value, json};

/// A log from its beginning.
#[derive(Default)]
pub struct Copy {
    pub epoch: Option<String>,
    pub events: Vec<Value>,
    /// Newer ones, from before those between have come.
    early: BTreeMap<u64, Value>,
}

impl Copy {
    /// Takes an event in, live or of a page. One that is there already has to be the same.
    fn note(&mut self, event: Value) {
        let seq = number(&event["seq"]);
        assert_ne!(seq, 0);
        match self.events.get(seq as usize - 1) {
            Some(known) => assert_eq!(known, &event, "one seq, two events"),
            None => {
                if let Some(known) = self.early.insert(seq, event.clone()) {
                    assert_eq!(known, event, "one seq, two events");
                }
            }
        }
        while let Some(next) = self.early.remove(&(self.events.len() as u64 + 1)) {
            self.events.push(next);
        }
    }

    fn is_whole(&self) -> bool {
        self.early.is_empty()
    }
}

/// By room; `@inbox` is one.
#[derive(Default)]
pub struct Copies(pub BTreeMap<String, Copy>);

impl Copies {
    /// An event that came live, if it is of a log that is followed.
    pub fn note(&mut self, event: Value) {
        let is_private = event["type"] == "private";
        let room = if is_private { Some("@inbox") } else { event["room"].as_str() };
        if event["seq"].is_u64()
            && let Some(copy) = room.and_then(|room| self.0.get_mut(room))
        {
            copy.note(event);
        }
    }

    /// Joins a room, with `since` if there is a copy, and brings the copy up to date. Answers with the reply.
    pub fn join(&mut self, client: &mut Client, room: &str, extra: &Value) -> Value {
        self.try_join(client, room, extra).expect("the server is there")
    }

    /// The same; `None` if the connection ends or the server is `unavailable`.
    pub fn try_join(&mut self, client: &mut Client, room: &str, extra: &Value) -> Option<Value> {
        let copy = self.0.entry(room.to_owned()).or_default();
        let mut request = json!({"type": "join", "room": room, "limit": 1000});
        request.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let have = copy.events.len() as u64;
        if let Some(epoch) = &copy.epoch {
            request["since"] = json!({"epoch": epoch, "seq": have});
        }
        let mut reply = client.try_ok(request)?;
        let page = reply["events"].take().as_array().cloned().unwrap();
        let copy = self.0.get_mut(room).unwrap();
        let epoch = reply["epoch"].as_str().unwrap().to_owned();
        if have == 0 {
            copy.epoch = None; // an inbox that nothing was ever written to has none that lasts
        }
        assert_eq!(*copy.epoch.get_or_insert(epoch.clone()), epoch, "no seq was given twice, so no epoch changes");
        if reply["recovered"] == true {
            let seqs: Vec<u64> = page.iter().map(|event| number(&event["seq"])).collect();
            assert_eq!(seqs, (have + 1..=reply["seq"].as_u64().unwrap()).collect::<Vec<_>>(), "all or nothing");
        }
        let first = page.first().map_or(1, |event| number(&event["seq"]));
        page.into_iter().chain(client.take_heard()).for_each(|event| self.note(event));
        self.fill(client, room, first)?;
        Some(reply)
    }

    /// Reads what is missing before `first` by pages.
    fn fill(&mut self, client: &mut Client, room: &str, mut first: u64) -> Option<()> {
        while !self.0[room].is_whole() {
            let reply = client.try_ok(json!({"type": "history", "room": room, "before": first, "limit": 1000}))?;
            let page = reply["events"].as_array().unwrap();
            first = page.first().expect("there is more")["seq"].as_u64().unwrap();
            page.iter().cloned().chain(client.take_heard()).for_each(|event| self.note(event));
        }
        Some(())
    }
}
