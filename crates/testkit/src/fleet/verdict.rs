//! Compares what a fleet was told with what the server has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::Fleet;
use super::copies::Copies;
use super::writer::{Role, Writer};
use crate::connect4::Log;
use crate::{Client, number};

/// When all have settled: every copy is the log, everything told is in it where it was told to be, once and in order, and
/// nothing else is.
pub fn judge(fleet: &Fleet, server: SocketAddr) {
    let mut client = Client::connect(server);
    let mut logs = Copies::default();
    let rooms: BTreeSet<&str> = fleet.writers.iter().map(Writer::room).filter(|room| !room.starts_with('@')).collect();
    for room in rooms {
        let reply = logs.join(&mut client, room, &json!({}));
        let events = &logs.0[room].events;
        assert_eq!(reply["seq"], events.len());
        match reply["kind"].as_str().unwrap() {
            "counter" => judge_counter(events),
            "connect4" => judge_board(events, &reply["game"]),
            _ => {}
        }
    }
    for writer in &fleet.writers {
        judge_refusals(writer, fleet);
        match &writer.role {
            Role::Tell { .. } => judge_inbox(writer, fleet),
            Role::Talk { room } | Role::Count { room } | Role::Play { room, .. } => {
                let log = &logs.0[room].events;
                assert!(*log == writer.copies.0[room].events, "{}: the copy of {room} is not the log", writer.name);
                judge_told(writer, log);
            }
        }
    }
}

fn judge_counter(events: &[Value]) {
    let mut value = 0;
    for event in events.iter().filter(|event| event["type"] == "counted") {
        let now = event["value"].as_i64().unwrap();
        assert_eq!((now - value).abs(), 1);
        value = now;
    }
}

fn judge_board(events: &[Value], game: &Value) {
    let log = Log::of(events);
    assert_eq!(game["moves"], json!(log.rounds.last()));
    assert_eq!(game["turn"], json!(log.turn()));
    assert_eq!(game["status"] == "over", log.is_ended);
}

/// Nobody does anything here that is not allowed, but both players may ask for a rematch at once. Where answers are lost, a
/// move may stand that its player does not know of, and the storage may be `unavailable`.
fn judge_refusals(writer: &Writer, fleet: &Fleet) {
    for (request, answer) in &writer.refused {
        let is_excused = fleet.loses_answers
            && (answer["code"] == "unavailable" || matches!(request["type"].as_str(), Some("play" | "rematch")));
        assert!(is_excused || request["type"] == "rematch", "{request} → {answer}");
    }
}

fn judge_told(writer: &Writer, log: &[Value]) {
    let event = |answer: &Value| &log[number(&answer["seq"]) as usize - 1];
    for (request, answer) in &writer.told {
        let event = event(answer);
        match request["type"].as_str().unwrap() {
            "say" => assert_eq!((&event["body"], &event["id"]), (&request["body"], &answer["id"])),
            "count" => {
                assert_eq!((&event["type"], &event["value"]), (&json!("counted"), &answer["value"]));
                assert_eq!(event["by"]["id"].as_str(), writer.user.as_deref());
            }
            "play" => {
                assert_eq!((&event["column"], &event["row"]), (&request["column"], &answer["row"]));
                assert_eq!(event["player"].as_str(), writer.seat.as_ref().map(|(seat, _)| seat.as_str()));
            }
            "rematch" => assert!(matches!(event["type"].as_str().unwrap(), "rematch_offered" | "rematched")),
            other => panic!("nobody asked for {other}"),
        }
    }
    let by_me = |event: &&Value| {
        let who = if event["type"] == "counted" { &event["by"] } else { &event["from"] };
        who["id"].as_str() == writer.user.as_deref()
    };
    match &writer.role {
        Role::Talk { .. } => {
            let bodies: Vec<&Value> = log.iter().filter(by_me).map(|event| &event["body"]).collect();
            assert!(are_all(bodies, writer), "{}: not once each, or not in the order of the asking", writer.name);
        }
        Role::Count { .. } => {
            let mine = log.iter().filter(by_me).count();
            let (least, most) = (writer.told.len(), writer.told.len() + writer.lost.len());
            assert!((least..=most).contains(&mine), "{mine} clicks of {least} to {most}");
        }
        Role::Play { .. } | Role::Tell { .. } => {}
    }
}

/// The bodies of all that a writer asked with a key: answered in the end, all of it.
fn asked(writer: &Writer) -> Vec<&Value> {
    let mut by_number: BTreeMap<u64, &Value> = BTreeMap::new();
    for (request, _) in &writer.told {
        let key = request["key"].as_str().unwrap();
        by_number.insert(key.strip_prefix("key ").unwrap().parse().unwrap(), &request["body"]);
    }
    assert_eq!(by_number.len(), writer.told.len());
    by_number.into_values().collect()
}

/// Checks that these are all that a writer asked, once each; in order, unless some were refused for a while and sent again.
fn are_all<'a>(mut bodies: Vec<&'a Value>, writer: &'a Writer) -> bool {
    let mut asked = asked(writer);
    if writer.has_retried {
        for list in [&mut bodies, &mut asked] {
            list.sort_unstable_by_key(|body| body.to_string());
        }
    }
    bodies == asked
}

fn judge_inbox(writer: &Writer, fleet: &Fleet) {
    let inbox = &writer.copies.0["@inbox"].events;
    for (request, answer) in &writer.told {
        let event = &inbox[number(&answer["seq"]) as usize - 1];
        assert_eq!((&event["body"], &event["id"]), (&request["body"], &answer["id"]));
        assert_eq!(event["to"]["id"], request["to"]);
    }
    let sent = |inbox: &[Value], from: &Writer, to: &Writer| -> Vec<Value> {
        let is_it = |event: &&Value| {
            event["from"]["id"].as_str() == from.user.as_deref() && event["to"]["id"].as_str() == to.user.as_deref()
        };
        inbox.iter().filter(is_it).map(|event| event["body"].clone()).collect()
    };
    let tellers = fleet.writers.iter().filter(|writer| matches!(writer.role, Role::Tell { .. }));
    let mut others = 0;
    for other in tellers {
        let mine = sent(inbox, writer, other);
        others += mine.len() + sent(inbox, other, writer).len();
        if !mine.is_empty() {
            assert!(are_all(mine.iter().collect(), writer), "{}: not once each, or not in order", writer.name);
            let theirs = sent(&other.copies.0["@inbox"].events, writer, other);
            assert!(mine == theirs, "the two inboxes do not agree");
        }
    }
    assert_eq!(others, inbox.len(), "nothing else is in it");
}
