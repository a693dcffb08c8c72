//! Many writers, many readers.

use std::collections::BTreeMap;
use std::thread;

use parlor_testkit::{Client, number, text};
use serde_json::{Value, json};

use crate::stage::{House, On};

const WRITERS: usize = 6;
const MESSAGES: usize = 100;

/// The clients themselves see to it that there is no gap and no repeat.
pub fn everybody_sees_the_same_order(on: On) {
    for journal in ["memory", "parlor.db"] {
        let house = House::open(on, &["--journal", journal]);
        let mut readers: Vec<Client> = (0..6).map(|_| in_lobby(house.guest())).collect();
        let writers: Vec<Client> = (0..WRITERS).map(|n| in_lobby(house.person(&format!("writer {n}")))).collect();
        let logs: Vec<Vec<Value>> = thread::scope(|scope| {
            let written: Vec<_> = writers.into_iter().map(|writer| scope.spawn(move || write(writer))).collect();
            let read: Vec<_> = readers.iter_mut().map(|reader| scope.spawn(move || read(reader))).collect();
            let logs = read.into_iter().map(|reader| reader.join().unwrap()).collect();
            written.into_iter().for_each(|writer| writer.join().unwrap());
            logs
        });
        for log in &logs {
            assert_eq!(*log, logs[0], "the same events in the same order");
        }
        let mut by_writer: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for event in &logs[0] {
            by_writer.entry(event["from"].to_string()).or_default().push(text(&event["body"]));
        }
        assert_eq!(by_writer.len(), WRITERS);
        for said in by_writer.values() {
            assert_eq!(*said, (0..MESSAGES).map(|n| n.to_string()).collect::<Vec<_>>(), "each in its writer's order");
        }
    }
}

fn in_lobby(mut client: Client) -> Client {
    client.join("lobby");
    client
}

/// Without waiting for answers; each `ok` says the number that its event has.
fn write(mut writer: Client) {
    let asked: Vec<Value> =
        (0..MESSAGES).map(|n| writer.ask(json!({"type": "say", "room": "lobby", "body": n.to_string()}))).collect();
    for id in &asked {
        let said = writer.answer(id);
        let event = writer.event_where("message", |event| event["id"] == said["id"]);
        assert_eq!((number(&event["seq"]), &event["at"]), (number(&said["seq"]), &said["at"]));
    }
}

fn read(reader: &mut Client) -> Vec<Value> {
    (0..WRITERS * MESSAGES).map(|_| reader.event("message")).collect()
}
