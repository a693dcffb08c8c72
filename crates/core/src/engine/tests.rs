//! Requests in flight, timers, events and tasks.

use std::time::Duration;

use super::*;
use crate::harness::Harness;
use crate::journal::Commit;
use crate::wire::Message;

/// Says "wait" to be kept waiting until somebody says anything else.
#[derive(Default)]
struct Waiting(Vec<Hold>);

impl App for Waiting {
    type Request = Message;

    fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}

    fn message_received(&mut self, _: ClientId, request: Message, hub: &mut Hub<'_>) {
        match request {
            Message::Text(text) if text == "wait" => self.0.push(hub.hold()),
            Message::Text(text) if text == "detached" => {
                hub.commit_detached(Commit::default());
            }
            Message::Text(_) | Message::Binary(_) => {
                hub.commit(Commit::default());
                self.0.drain(..).for_each(|hold| hub.release(hold));
            }
        }
    }

    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
}

#[test]
fn a_held_request_is_open_until_it_is_released() {
    let mut harness = Harness::new(Waiting::default(), 1);
    let (one, other) = (harness.connect(), harness.connect());
    harness.say(one, "wait");
    harness.say(one, "wait");
    assert_eq!(harness.in_flight(one), 2);
    harness.hold_journal();
    harness.say(other, "go");
    assert_eq!((harness.in_flight(one), harness.in_flight(other)), (0, 1));
    harness.release_journal(Ok(()));
    assert_eq!(harness.in_flight(other), 0);
}

#[test]
fn nobody_waits_for_a_commit_detached() {
    let mut harness = Harness::new(Waiting::default(), 1);
    let client = harness.connect();
    harness.hold_journal();
    harness.say(client, "detached");
    assert_eq!(harness.in_flight(client), 0);
    harness.release_journal(Ok(()));
    assert_eq!(harness.in_flight(client), 0);
}

/// Events: the words that it was told, and tasks that end with one.
#[derive(Default)]
struct Diary {
    lines: Vec<String>,
    started: bool,
}

impl App<String> for Diary {
    type Request = String;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_, String>) {
        assert!(self.started, "started comes first");
        hub.send_all(format!("{} of {}", client.id.slot, hub.count()));
    }

    fn message_received(&mut self, client: ClientId, request: String, hub: &mut Hub<'_, String>) {
        match request.as_str() {
            "spawn" => drop(hub.spawn(async { "spawned".to_owned() })),
            "mine" => drop(hub.spawn_for(client, std::future::pending())),
            "wake" => hub.wake_client(client, Duration::from_secs(2)),
            "wake app" => hub.wake_in(Duration::from_secs(3)),
            other => self.lines.push(other.to_owned()),
        }
    }

    fn client_left(&mut self, _: ClientId, _: &Close, hub: &mut Hub<'_, String>) {
        self.lines.push(format!("left, {} stay", hub.count()));
    }

    fn client_timer(&mut self, client: ClientId, hub: &mut Hub<'_, String>) {
        hub.send(client, "your time");
    }

    fn timer(&mut self, hub: &mut Hub<'_, String>) {
        hub.send_all("my time");
    }

    fn told(&mut self, event: String, _: &mut Hub<'_, String>) {
        self.lines.push(event);
    }

    fn task_failed(&mut self, _: TaskId, failure: TaskFailure, _: &mut Hub<'_, String>) {
        self.lines.push(failure.to_string());
    }

    fn started(&mut self, _: &mut Hub<'_, String>) {
        self.started = true;
    }
}

#[test]
fn a_request_is_open_until_its_task_has_ended() {
    let mut harness = Harness::new(Diary::default(), 1);
    let client = harness.connect();
    harness.say(client, "spawn");
    assert_eq!(harness.in_flight(client), 1);
    harness.poll_tasks();
    assert_eq!(harness.app().lines, ["spawned"]);
    assert_eq!(harness.in_flight(client), 0);
    harness.say(client, "spawn");
    let task = harness.tasks()[0];
    harness.end_task(task, Err(TaskFailure::Panicked("oh".into())));
    harness.end_task(task, Ok("twice".into()));
    assert_eq!(harness.app().lines, ["spawned", "the task panicked: oh"]);
    assert_eq!(harness.in_flight(client), 0);
}

#[test]
fn a_clients_tasks_end_with_it() {
    let mut harness = Harness::new(Diary::default(), 1);
    let (one, other) = (harness.connect(), harness.connect());
    harness.say(one, "mine");
    harness.say(other, "mine");
    let of_one = harness.tasks()[0];
    harness.drop_client(one);
    assert_eq!(harness.tasks().len(), 1);
    harness.end_task(of_one, Ok("too late".into()));
    assert_eq!(harness.app().lines, ["left, 1 stay"]);
    assert_eq!(harness.open_requests(), 1);
}

#[test]
fn events_come_in_the_order_of_their_telling() {
    let mut harness = Harness::new(Diary::default(), 1);
    harness.tell("one".into());
    harness.tell("two".into());
    assert_eq!(harness.app().lines, ["one", "two"]);
}

#[test]
fn timers_of_clients_and_of_the_app() {
    let mut harness = Harness::new(Diary::default(), 1);
    let (one, other) = (harness.connect(), harness.connect());
    for client in [one, other] {
        harness.say(client, "wake");
        harness.heard(client);
    }
    harness.say(other, "wake app");
    harness.drop_client(one);
    harness.advance(Duration::from_secs(2));
    assert_eq!(harness.heard(other), ["your time"]);
    harness.advance(Duration::from_secs(2));
    assert_eq!(harness.heard(other), ["my time"]);
    harness.advance(Duration::from_secs(100));
    assert_eq!(harness.heard(other), [""; 0]);
}

#[test]
fn the_newcomer_counts_and_who_leaves_does_not() {
    let mut harness = Harness::new(Diary::default(), 1);
    let one = harness.connect();
    let other = harness.connect();
    assert_eq!(harness.heard(one), ["0 of 1", "1 of 2"]);
    harness.drop_client(other);
    assert_eq!(harness.app().lines, ["left, 1 stay"]);
}

#[test]
fn binary_messages_are_refused_where_text_is_asked_for() {
    let mut harness = Harness::new(Diary::default(), 1);
    let client = harness.connect();
    harness.say_binary(client, b"\x00");
    assert_eq!(harness.closed(client).map(|close| close.code), Some(1003));
}
