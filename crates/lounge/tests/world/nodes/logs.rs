//! The model: the logs that all clients of all servers see, and what was acknowledged.

use std::collections::BTreeMap;

use serde_json::Value;

use super::step::{ROOMS, TABLE, TALLY};
use crate::fault::{Checked, hold};
use crate::model::games::Referee;

/// Everything that any client has seen or been told.
#[derive(Debug, Default)]
pub struct Logs {
    /// By room and epoch.
    rooms: BTreeMap<(String, String), BTreeMap<u64, Value>>,
    /// By owner and epoch.
    inboxes: BTreeMap<(String, String), BTreeMap<u64, Value>>,
    pub acknowledged: Acknowledged,
}

/// What the journal must have. An older copy of it has what was acknowledged when that was made.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    /// Bodies that were acknowledged: the room, the number and the id.
    said: BTreeMap<String, (String, u64, Value)>,
    /// Values that were acknowledged, by number.
    counted: BTreeMap<u64, i64>,
    /// Bodies of private messages, with their users and ids.
    told: BTreeMap<String, (String, String, Value)>,
}

impl Logs {
    pub fn event(&mut self, room: &str, epoch: &str, event: &Value) -> Checked {
        let log = self.rooms.entry((room.to_owned(), epoch.to_owned())).or_default();
        let seq = event["seq"].as_u64().unwrap_or(0);
        let known = log.entry(seq).or_insert_with(|| event.clone());
        hold!("one-log", known == event, "{room} {seq} is {known} for one and {event} for another");
        Ok(())
    }

    /// The newest number that anybody has seen in a room, by epoch.
    pub fn newest(&self, room: &str) -> Vec<(String, u64)> {
        let logs = self.rooms.iter().filter(|((name, _), _)| name == room);
        logs.filter_map(|((_, epoch), log)| Some((epoch.clone(), *log.last_key_value()?.0))).collect()
    }

    pub fn private(&mut self, owner: &str, epoch: &str, event: &Value) -> Checked {
        let log = self.inboxes.entry((owner.to_owned(), epoch.to_owned())).or_default();
        let known = log.entry(event["seq"].as_u64().unwrap_or(0)).or_insert_with(|| event.clone());
        hold!("one-log", known == event, "an inbox has {known} for one session and {event} for another");
        Ok(())
    }

    /// A `say` was answered. The same key has the same answer, wherever it is used.
    pub fn said(&mut self, room: &str, body: &str, answer: &Value) -> Checked {
        let (seq, id) = (answer["seq"].as_u64().unwrap_or(0), answer["id"].clone());
        let known = self.acknowledged.said.entry(body.to_owned()).or_insert_with(|| (room.to_owned(), seq, id.clone()));
        hold!("once", known.1 == seq && known.2 == id, "{body} was answered {known:?} and {answer}");
        Ok(())
    }

    pub fn counted(&mut self, answer: &Value) {
        self.acknowledged.counted.insert(answer["seq"].as_u64().unwrap_or(0), answer["value"].as_i64().unwrap_or(0));
    }

    pub fn told(&mut self, from: &str, to: &str, body: &str, answer: &Value) -> Checked {
        let id = answer["id"].clone();
        let known = self
            .acknowledged
            .told
            .entry(body.to_owned())
            .or_insert_with(|| (from.to_owned(), to.to_owned(), id.clone()));
        hold!("once", known.2 == id, "{body} was answered {known:?} and {answer}");
        Ok(())
    }

    /// All is over, and somebody has read every room whole: these are their epochs.
    pub fn check_rooms(&self, epochs: &BTreeMap<String, String>) -> Checked {
        for (room, epoch) in epochs {
            let Some(log) = self.rooms.get(&(room.clone(), epoch.clone())) else { continue };
            let is_whole = log.keys().copied().eq(1..=log.len() as u64);
            hold!("no-gap", is_whole, "{room} has the numbers {:?}", log.keys().collect::<Vec<_>>());
            let mut bodies: Vec<&Value> =
                log.values().filter(|event| event["type"] == "message").map(|event| &event["body"]).collect();
            bodies.sort_unstable_by_key(|body| body.to_string());
            let count = bodies.len();
            bodies.dedup();
            hold!("once", bodies.len() == count, "something was said twice in {room}");
        }
        for (body, (room, seq, id)) in &self.acknowledged.said {
            let log = self.rooms.get(&(room.clone(), epochs.get(room).cloned().unwrap_or_default()));
            let event = log.and_then(|log| log.get(seq));
            let is_there = event.is_some_and(|event| event["id"] == *id && event["body"] == **body);
            hold!("acknowledged-is-there", is_there, "{body} is not number {seq} of {room}: {event:?}");
        }
        self.check_tally(epochs)?;
        self.check_table(epochs)
    }

    fn current(&self, room: &str, epochs: &BTreeMap<String, String>) -> impl Iterator<Item = (&u64, &Value)> {
        let epoch = epochs.get(room).cloned().unwrap_or_default();
        self.rooms.get(&(room.to_owned(), epoch)).into_iter().flatten()
    }

    fn check_tally(&self, epochs: &BTreeMap<String, String>) -> Checked {
        let counted = self.current(TALLY, epochs).filter(|(_, event)| event["type"] == "counted");
        let mut values = BTreeMap::new();
        for ((seq, event), expected) in counted.zip(1..) {
            hold!("counters-add-up", event["value"] == expected, "{event} is count {expected}");
            values.insert(*seq, expected);
        }
        for (seq, value) in &self.acknowledged.counted {
            hold!("acknowledged-is-there", values.get(seq) == Some(value), "count {value} is not number {seq}");
        }
        Ok(())
    }

    fn check_table(&self, epochs: &BTreeMap<String, String>) -> Checked {
        let mut referee = Referee::default();
        for (_, event) in self.current(TABLE, epochs).filter(|(_, event)| event["type"] != "message") {
            referee.apply(event)?;
        }
        Ok(())
    }

    /// The ids in an inbox that was read whole.
    pub fn check_inbox(&self, owner: &str, ids: &[Value]) -> Checked {
        for (body, (_, _, id)) in
            self.acknowledged.told.iter().filter(|(_, (from, to, _))| from == owner || to == owner)
        {
            let times = ids.iter().filter(|there| *there == id).count();
            hold!("once", times == 1, "{body} is in an inbox {times} times");
        }
        Ok(())
    }

    /// Rooms that somebody has heard of.
    pub fn rooms() -> impl Iterator<Item = &'static str> {
        ROOMS.into_iter()
    }
}
