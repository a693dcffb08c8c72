//! The machine by hand: what it sends, and what the program hears.

use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::oneshot;

use super::*;
use crate::error::ErrorCode;

struct Stage {
    machine: Machine,
    updates: Receiver<Update>,
    status: watch::Receiver<Status>,
    now: Instant,
}

type Answer = oneshot::Receiver<Result<Value, Error>>;

impl Stage {
    /// Connected, with places for so many updates.
    fn open(updates_max: usize) -> Self {
        let status = Status { state: State::Connecting, user: None, token: None, limits: None };
        let (tell, status) = watch::channel(status);
        let (give, updates) = channel(updates_max);
        #[expect(clippy::disallowed_methods, reason = "a test begins at any instant")]
        let now = Instant::now();
        let mut stage = Stage { machine: Machine::new(tell, give), updates, status, now };
        stage.hear(welcome("u1", "guest-1"));
        assert!(matches!(stage.updates.try_recv(), Ok(Update::Connected { is_new: false, .. })));
        stage
    }

    fn hear(&mut self, frame: Value) {
        self.machine.hear(&frame.to_string(), self.now).unwrap();
    }

    fn sent(&mut self) -> Vec<Value> {
        self.machine.outgoing.drain(..).map(|text| serde_json::from_str(&text).unwrap()).collect()
    }

    /// The one frame that was sent.
    fn one_sent(&mut self, kind: &str) -> Value {
        let sent = self.sent();
        assert!(sent.len() == 1 && sent[0]["type"] == kind, "one {kind}: {sent:?}");
        sent[0].clone()
    }

    fn ask(&mut self, kind: &str, fields: Value, repeats: bool) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.machine.command(Command::Ask { frame: request(kind, fields), repeats, reply }, self.now);
        answer
    }

    fn say(&mut self, body: &str) -> Answer {
        self.ask("say", json!({"room": "tea", "body": body, "key": body}), true)
    }

    fn join(&mut self, join: Join, seq: u64) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.machine.command(Command::Join(join, reply), self.now);
        let asked = self.one_sent("join");
        self.hear(joined(&asked, seq, &[], false));
        answer
    }

    fn reconnect(&mut self) {
        self.machine.disconnected(Close::broken("test"), Duration::ZERO);
        self.hear(welcome("u2", "guest-2"));
        let resume = self.one_sent("resume");
        assert_eq!(resume["token"], "token of u1");
        self.hear(json!({"type": "ok", "re": resume["id"], "user": user("u1"), "token": "token of u1"}));
    }

    /// Numbers of the events that the program was given, also with a room; and whether it had to forget.
    fn given(&mut self) -> Vec<u64> {
        let number = |event: &Event| match event {
            Event::Message(message) => message.seq,
            other => panic!("{other:?}"),
        };
        let mut given = Vec::new();
        while let Ok(update) = self.updates.try_recv() {
            match update {
                Update::Event(event) => given.push(number(&event)),
                Update::Entered(room) => {
                    if !room.recovered {
                        given.clear();
                    }
                    given.extend(room.events.iter().map(number));
                }
                _ => {}
            }
        }
        given
    }
}

fn user(id: &str) -> Value {
    json!({"id": id, "name": id})
}

fn welcome(id: &str, name: &str) -> Value {
    json!({"type": "welcome", "protocol": 1, "session": "s", "user": {"id": id, "name": name},
        "token": format!("token of {id}"), "server_time": "2026-11-21T01:31:00.123Z", "heartbeat_ms": 25000,
        "limits": {"frame_bytes": 1000, "body_chars": 4096, "presence_room": 64, "recover_events": 1000, "rooms": 64,
                   "rate_per_second": 20, "rate_burst": null}})
}

fn message(seq: u64) -> Value {
    json!({"type": "message", "room": "tea", "seq": seq, "id": "m", "at": "2026-11-21T01:31:00.123Z",
        "from": user("u9"), "body": "x"})
}

fn joined(asked: &Value, seq: u64, events: &[u64], recovered: bool) -> Value {
    let events: Vec<Value> = events.iter().map(|seq| message(*seq)).collect();
    json!({"type": "ok", "re": asked["id"], "room": "tea", "kind": "chat", "epoch": "e", "seq": seq,
        "recovered": recovered, "events": events, "members": [], "online": 1})
}

fn refusal(asked: &Value, code: &str) -> Value {
    json!({"type": "error", "re": asked["id"], "code": code, "message": "no", "retry_after_ms": 100})
}

#[test]
fn an_answer_goes_to_its_caller() {
    let mut stage = Stage::open(9);
    let (mut one, mut two) = (stage.ask("ping", json!({}), true), stage.ask("ping", json!({}), true));
    let sent = stage.sent();
    stage.hear(json!({"type": "ok", "re": sent[1]["id"], "is": "two"}));
    stage.hear(refusal(&sent[0], "internal"));
    assert_eq!(two.try_recv().unwrap().unwrap()["is"], "two");
    assert_eq!(one.try_recv().unwrap().unwrap_err().code(), Some(ErrorCode::Internal));
}

#[test]
fn a_refusal_says_which_field_and_which_bound() {
    let mut stage = Stage::open(9);
    let mut answer = stage.ask("ping", json!({}), true);
    let mut frame = refusal(&stage.sent()[0], "bad_request");
    for (name, value) in [("field", json!("body")), ("max", json!(4096)), ("unit", json!("characters"))] {
        frame[name] = value;
    }
    stage.hear(frame);
    let Error::Refused(refused) = answer.try_recv().unwrap().unwrap_err() else { panic!("not refused") };
    let fault = refused.fault;
    assert_eq!((fault.field.as_deref(), fault.unit.as_deref()), (Some("body"), Some("characters")));
    assert_eq!((fault.min, fault.max, fault.allowed.len()), (None, Some(4096), 0));
}

#[test]
fn a_room_goes_on_where_it_was_on_the_next_connection() {
    let mut stage = Stage::open(99);
    let mut answer = stage.join(Join::room("tea"), 5);
    assert_eq!(answer.try_recv().unwrap().unwrap()["seq"], 5);
    [6, 7].into_iter().for_each(|seq| stage.hear(message(seq)));
    assert_eq!(stage.given(), [6, 7]);
    stage.reconnect();
    let asked = stage.one_sent("join");
    assert_eq!((&asked["room"], &asked["since"]), (&json!("tea"), &json!({"epoch": "e", "seq": 7})));
    stage.hear(joined(&asked, 9, &[8, 9], true));
    stage.hear(message(10));
    assert_eq!(stage.given(), [8, 9, 10]);
}

#[test]
fn what_came_before_is_not_shown_again_and_a_gap_is_filled() {
    let mut stage = Stage::open(99);
    drop(stage.join(Join::room("other").newest(3), 0));
    let _answer = stage.join(Join::room("tea"), 5);
    [5, 6, 6, 4, 9].into_iter().for_each(|seq| stage.hear(message(seq)));
    assert_eq!(stage.given(), [6]);
    let asked = stage.sent().pop().unwrap();
    assert_eq!((&asked["type"], &asked["since"]["seq"]), (&json!("join"), &json!(6)));
    stage.hear(message(10));
    stage.hear(joined(&asked, 10, &[7, 8, 9, 10], true));
    stage.hear(message(11));
    assert_eq!(stage.given(), [7, 8, 9, 10, 11]);
}

#[test]
fn a_slow_program_loses_no_numbered_event() {
    let mut stage = Stage::open(4);
    let _answer = stage.join(Join::room("tea"), 0);
    for seq in 1..=50 {
        stage.hear(message(seq));
    }
    assert!(stage.machine.needs_space());
    assert_eq!(stage.sent(), [Value::Null; 0], "while it is full nothing is asked");
    let before = stage.given();
    assert_eq!(before, [1, 2, 3, 4]);
    stage.machine.has_space();
    let asked = stage.one_sent("join");
    assert_eq!(asked["since"]["seq"], 4);
    stage.hear(joined(&asked, 51, &(5..=51).collect::<Vec<_>>(), true));
    stage.hear(message(52));
    assert_eq!(stage.given(), (5..=52).collect::<Vec<_>>());
    assert!(!stage.machine.needs_space());
}

#[test]
fn a_log_that_is_gone_begins_anew() {
    let mut stage = Stage::open(9);
    let _answer = stage.join(Join::room("tea"), 5);
    stage.hear(message(6));
    stage.reconnect();
    let asked = stage.one_sent("join");
    stage.hear(joined(&asked, 2, &[1, 2], false));
    stage.hear(message(3));
    assert_eq!(stage.given(), [1, 2, 3], "the program forgets what it had");
}

#[test]
fn a_message_is_sent_again_under_its_key_behind_its_room() {
    let mut stage = Stage::open(9);
    let _answer = stage.join(Join::room("tea"), 5);
    let mut said = stage.say("hello");
    let first = stage.one_sent("say");
    stage.reconnect();
    let asked = stage.one_sent("join");
    stage.hear(joined(&asked, 5, &[], true));
    let second = stage.one_sent("say");
    assert_eq!((&first["key"], &first["body"]), (&second["key"], &second["body"]));
    stage.hear(json!({"type": "ok", "re": second["id"], "id": "m", "seq": 6, "at": "t"}));
    assert_eq!(said.try_recv().unwrap().unwrap()["seq"], 6);
}

#[test]
fn what_may_not_be_done_twice_is_not_sent_again() {
    let mut stage = Stage::open(9);
    let mut sent = stage.ask("count", json!({"by": 1}), false);
    stage.one_sent("count");
    stage.machine.disconnected(Close::broken("test"), Duration::ZERO);
    assert_eq!(sent.try_recv().unwrap(), Err(Error::ConnectionLost));
    let _unsent = stage.ask("count", json!({"by": -1}), false);
    stage.reconnect();
    assert_eq!(stage.one_sent("count")["by"], -1, "it was not sent before");
}

#[test]
fn somebody_new_repeats_no_message() {
    let mut stage = Stage::open(9);
    let mut tried = stage.ask("tell", json!({"to": "u9", "body": "x", "key": "x"}), true);
    stage.sent();
    stage.machine.disconnected(Close::broken("test"), Duration::ZERO);
    let _fresh = stage.ask("tell", json!({"to": "u9", "body": "y", "key": "y"}), true);
    stage.hear(welcome("u2", "guest-2"));
    let resume = stage.one_sent("resume");
    stage.hear(refusal(&resume, "forbidden"));
    assert_eq!(tried.try_recv().unwrap(), Err(Error::ConnectionLost));
    assert_eq!(stage.one_sent("tell")["key"], "y");
    assert_eq!(stage.status.borrow().user.as_ref().unwrap().id, "u2");
    let news: Vec<Update> = std::iter::from_fn(|| stage.updates.try_recv().ok()).collect();
    assert!(matches!(&news[1], Update::Connected { is_new: true, .. }), "{news:?}");
}

#[test]
fn a_storage_that_is_down_while_resuming_does_not_cost_the_identity() {
    let mut stage = Stage::open(9);
    stage.machine.disconnected(Close::broken("test"), Duration::ZERO);
    stage.hear(welcome("u2", "guest-2"));
    let resume = stage.one_sent("resume");
    let close = stage.machine.hear(&refusal(&resume, "unavailable").to_string(), stage.now).unwrap_err();
    assert!(close.may_return());
    assert_eq!(stage.status.borrow().token.as_deref(), Some("token of u1"));
}

#[test]
fn the_rate_is_waited_for() {
    let mut stage = Stage::open(9);
    let mut said = stage.say("hello");
    let asked = stage.one_sent("say");
    stage.hear(refusal(&asked, "rate_limited"));
    assert_eq!(stage.machine.next_due(stage.now), Some(stage.now + Duration::from_millis(100)));
    stage.machine.flush(stage.now + Duration::from_millis(99));
    assert_eq!(stage.sent(), [Value::Null; 0]);
    stage.machine.flush(stage.now + Duration::from_millis(100));
    assert_eq!(stage.one_sent("say")["id"], asked["id"]);
    assert!(said.try_recv().is_err(), "not answered yet");
    assert_eq!(stage.machine.next_due(stage.now + Duration::from_millis(100)), None, "what is due is not waited for");
    let mut counted = stage.ask("count", json!({"by": 1}), false);
    let asked = stage.one_sent("count");
    stage.hear(refusal(&asked, "rate_limited"));
    assert_eq!(counted.try_recv().unwrap().unwrap_err().code(), Some(ErrorCode::RateLimited));
}

#[test]
fn a_room_that_is_closed_to_us_is_lost() {
    let mut stage = Stage::open(9);
    let _answer = stage.join(Join::room("tea"), 5);
    stage.reconnect();
    let asked = stage.one_sent("join");
    stage.hear(refusal(&asked, "unavailable"));
    stage.now += Duration::from_secs(1);
    stage.machine.flush(stage.now);
    let again = stage.one_sent("join");
    stage.hear(refusal(&again, "forbidden"));
    let lost = std::iter::from_fn(|| stage.updates.try_recv().ok()).last();
    assert!(matches!(lost, Some(Update::Lost { room, .. }) if room == "tea"));
    stage.reconnect();
    assert_eq!(stage.sent(), [Value::Null; 0]);
}

#[test]
fn a_join_whose_caller_gave_up_is_taken_back() {
    let mut stage = Stage::open(9);
    let (reply, answer) = oneshot::channel();
    stage.machine.command(Command::Join(Join::room("tea"), reply), stage.now);
    let asked = stage.one_sent("join");
    drop(answer);
    stage.hear(joined(&asked, 5, &[], false));
    assert_eq!(stage.one_sent("leave")["room"], "tea");
}

#[test]
fn a_frame_that_would_close_the_connection_is_not_sent() {
    let mut stage = Stage::open(9);
    let mut said = stage.say(&"x".repeat(1000));
    assert!(matches!(said.try_recv().unwrap(), Err(Error::TooLong { bound: 1000, .. })));
    assert_eq!(stage.sent(), [Value::Null; 0]);
}

#[test]
fn so_much_waits_and_no_more() {
    let mut stage = Stage::open(9);
    stage.machine.disconnected(Close::broken("test"), Duration::ZERO);
    let mut waiting: Vec<Answer> = (0..1024).map(|_| stage.ask("ping", json!({}), true)).collect();
    assert_eq!(stage.ask("ping", json!({}), true).try_recv().unwrap(), Err(Error::TooMuchWaiting));
    drop(waiting.pop());
    assert!(stage.ask("ping", json!({}), true).try_recv().is_err(), "a caller gave its place up");
}

#[test]
fn the_clock_and_the_seat_are_taken_back() {
    let mut stage = Stage::open(9);
    let (reply, _answer) = oneshot::channel();
    stage.machine.command(Command::Watch(request("watch_time", json!({"every_ms": 100})), reply), stage.now);
    let asked = stage.one_sent("watch_time");
    stage.hear(json!({"type": "ok", "re": asked["id"], "every_ms": 100, "mode": "regular"}));
    let _answer = stage.join(Join::key("secret").sitting(), 5);
    stage.reconnect();
    let sent = stage.sent();
    assert_eq!((&sent[0]["key"], &sent[0]["sit"], &sent[0]["room"]), (&json!("secret"), &Value::Null, &Value::Null));
    assert_eq!(sent[1]["every_ms"], 100);
    let game = json!({"moves": [], "begins": "red", "turn": null, "status": "waiting", "result": null, "winner": null,
        "line": [], "round": 1, "rematch_offered": null, "players": {"red": null, "yellow": null}, "you": "red",
        "spectators": 0, "seat": "the seat"});
    let mut answer = joined(&sent[0], 5, &[], true);
    answer["game"] = game;
    stage.hear(answer);
    stage.reconnect();
    let back = stage.sent().remove(0);
    assert_eq!((&back["seat"], &back["room"], &back["key"]), (&json!("the seat"), &json!("tea"), &Value::Null));
}

#[test]
fn junk_ends_the_connection_and_later_events_do_not() {
    let mut stage = Stage::open(9);
    stage.hear(json!({"type": "danced", "room": "tea", "seq": 1}));
    assert!(matches!(stage.updates.try_recv(), Ok(Update::Event(Event::Unknown(value))) if value["type"] == "danced"));
    let _answer = stage.join(Join::room("tea"), 1);
    stage.hear(json!({"type": "danced", "room": "tea", "seq": 2}));
    stage.hear(message(3));
    assert!(matches!(stage.updates.try_recv(), Ok(Update::Event(Event::Unknown(_)))));
    assert_eq!(stage.given(), [3], "an unknown event counts in its room");
    assert!(stage.machine.hear("no json", stage.now).is_err());
}

#[test]
fn a_seat_stays_when_the_room_is_joined_again_without_it() {
    let mut stage = Stage::open(9);
    let _answer = stage.join(Join::room("tea").on_seat("the seat"), 5);
    let _answer = stage.join(Join::room("tea"), 5);
    stage.reconnect();
    assert_eq!(stage.one_sent("join")["seat"], "the seat");
}
