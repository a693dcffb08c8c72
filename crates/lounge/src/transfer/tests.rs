use super::*;

/// Randomness that differs at each call.
fn counting() -> impl FnMut(&mut [u8]) {
    let mut calls = 0;
    move |bytes| {
        calls += 1;
        bytes.fill(calls);
    }
}

/// All lines of one room.
fn arrived(lines: &[&str]) -> Result<Arrived, String> {
    let mut random = counting();
    let mut arriving = None;
    for line in lines {
        let line = Line::parse(line)?;
        arriving.get_or_insert_with(|| Arriving::at(&line, GameList::default())).add(line, &mut random)?;
    }
    arriving.ok_or("no line")?.finish(&mut random)
}

fn content(arrived: &Arrived) -> Content {
    restored(&arrived.state, &GameList::default()).unwrap().0
}

const CREATED: &str = r#"{"type":"created","room":"a b","seq":1,"kind":"chat","at":"2026-11-21T01:31:00.123Z"}"#;
const MESSAGE: &str = r#"{"type":"message","room":"a b","seq":2,"id":"019a","at":"2026-11-21T01:31:01.000Z","from":{"id":"1","name":"Ada"},"body":"\"seq\":7 ü"}"#;

#[test]
fn what_goes_out_comes_in_as_it_was() {
    let arrived = arrived(&[CREATED, MESSAGE]).unwrap();
    assert_eq!((arrived.log.as_str(), arrived.first), ("room/a b", 1));
    assert_eq!(arrived.records[1].0, Time(1_795_224_661_000));
    for ((_, record), (seq, line)) in arrived.records.into_iter().zip([(1, CREATED), (2, MESSAGE)]) {
        assert_eq!(event(&arrived.told.room, seq, record).unwrap().json(), line);
    }
    assert_eq!(serde_json::to_string(&arrived.told).unwrap(), r#"{"room":"a b","kind":"chat","events":2}"#);
}

#[test]
fn a_room_may_begin_where_it_was_trimmed() {
    let arrived = arrived(&[MESSAGE]).unwrap();
    assert_eq!(arrived.first, 2);
    assert!(matches!(content(&arrived), Content::Chat));
}

#[test]
fn a_counter_has_the_value_it_had() {
    let counted = r#"{"type":"counted","room":"c","seq":7,"value":-3,"by":{"id":"1","name":"Ada"}}"#;
    let arrived = arrived(&[counted]).unwrap();
    assert!(matches!(content(&arrived), Content::Counter(-3)));
    assert_eq!(arrived.records[0].0, Time(0), "an event that tells no time");
}

fn game(events: &[&str]) -> Vec<String> {
    let created = r#""type":"created","kind":"connect4","at":"2026-11-21T01:31:00.123Z""#;
    let id = "01234567-89ab-cdef-0123-456789abcdef";
    let seated = ["red", "yellow"]
        .map(|player| format!(r#""type":"seated","player":"{player}","user":{{"id":"{id}","name":"Ada"}}"#));
    let all = [created.to_owned()].into_iter().chain(seated).chain(events.iter().map(|event| (*event).to_owned()));
    (1..).zip(all).map(|(seq, event): (u64, String)| format!(r#"{{"room":"g","seq":{seq},{event}}}"#)).collect()
}

#[test]
fn a_game_has_its_moves_and_new_secrets() {
    let lines = game(&[r#""type":"played","player":"red","column":3,"row":0,"turn":"yellow""#]);
    let arrived = arrived(&lines.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    let content = content(&arrived);
    let table = content.table().unwrap();
    assert_eq!(table.game.view().unwrap()["moves"], serde_json::json!([3]));
    let told = &arrived.told;
    assert_eq!(table.keys.access(told.join.as_ref().unwrap()), Some(table::Access::Join));
    assert_eq!(table.keys.access(told.watch.as_ref().unwrap()), Some(table::Access::Watch));
    for seat in ["red", "yellow"] {
        assert_eq!(table.seat_of(&told.seats[seat]).unwrap().as_str(), seat);
    }
    assert!(restored(&arrived.state, &GameList::default()).unwrap().1.is_unlisted, "unlisted");
}

#[test]
fn what_does_not_add_up_is_refused() {
    let gap = MESSAGE.replace("\"seq\":2", "\"seq\":4");
    let game = game(&[]);
    let (first, sat) = (game[0].as_str(), game[1].as_str());
    let played = r#"{"type":"played","room":"a b","seq":2,"player":"red","column":3,"row":0,"turn":null}"#;
    for (lines, words) in [
        (&["x"][..], "it is no event of a room"),
        (&[r#"{"type":"message","seq":1}"#], "missing field `room`"),
        (&[r#"{"type":"message","room":"@inbox","seq":1}"#], "it is no event of a room"),
        (&[r#"{"type":"message","room":"x","seq":0}"#], "its seq is 0, and 1 was to come"),
        (&[CREATED, &gap], "its seq is 4, and 2 was to come"),
        (&[CREATED, CREATED], "its seq is 1, and 2 was to come"),
        (&[MESSAGE, &CREATED.replace("\"seq\":1", "\"seq\":3")], "a room is created once"),
        (&[CREATED, played], "there is no `played` in a room of its kind"),
        (&[played], "the room's beginning is missing"),
        (&[first, sat, &sat.replace("\"seq\":2", "\"seq\":3").replace("seated", "exploded")], "it is no `exploded`"),
    ] {
        let refused = arrived(lines).unwrap_err();
        assert!(refused.contains(words), "{refused}");
    }
}
