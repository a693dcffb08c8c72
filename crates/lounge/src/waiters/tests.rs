use parlor_core::harness::Harness;
use parlor_core::{App, Client, FromIncoming, Incoming, Reply};
use serde_json::json;

use super::*;
use crate::identity::dedup::Digest;
use crate::protocol::client::DedupKey;

/// An app that keeps every request waiting until a ping says how all of them end.
struct Hotel {
    waiters: Waiters,
    waiting: Vec<Asker>,
    /// How the waiting requests end.
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Ok,
    Refuse,
    Drop,
}

struct Asked(Request);

impl FromIncoming for Asked {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        Request::from_incoming(incoming).map(Asked)
    }
}

impl Hotel {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are alike here")]
    fn handle(&mut self, mut asker: Asker, ask: Ask, hub: &mut Hub<'_>) {
        match ask {
            Ask::Ping => {
                for asker in std::mem::take(&mut self.waiting) {
                    match self.end {
                        End::Ok => self.waiters.ok(asker, |re| server::ok(re, &json!({"done": true})), hub),
                        End::Refuse => self.waiters.refuse(asker, &refusals::unavailable(), hub),
                        End::Drop => drop(asker),
                    }
                }
                self.waiters.ok(asker, |re| server::ok(re, &json!({})), hub);
            }
            Ask::UnwatchTime => {
                self.waiters.block(&mut asker, hub);
                self.waiting.push(asker);
            }
            _ => {
                let room = crate::RoomName::parse("lobby").unwrap();
                let key = (Uuid::nil(), Digest::of_say(&room, &DedupKey("k".into())));
                if self.waiters.is_claimed(key) {
                    return self.waiters.follow(asker, key, hub);
                }
                self.waiters.claim(&mut asker, key);
                self.waiters.hold(&mut asker, hub);
                self.waiting.push(asker);
            }
        }
    }

    fn go_on(&mut self, hub: &mut Hub<'_>) {
        loop {
            self.waiters.answer_dropped(hub);
            let Some((asker, ask)) = self.waiters.next() else { break };
            self.handle(asker, ask, hub);
        }
    }
}

impl App for Hotel {
    type Request = Asked;

    fn new_client(&mut self, client: &Client, _: &mut Hub<'_>) {
        self.waiters.connect(client.id);
    }

    fn message_received(&mut self, client: ClientId, Asked(request): Asked, hub: &mut Hub<'_>) {
        if let Some((asker, ask)) = self.waiters.receive(client, request, hub) {
            self.handle(asker, ask, hub);
        }
        self.go_on(hub);
    }

    fn client_left(&mut self, client: ClientId, _close: &parlor_core::Close, hub: &mut Hub<'_>) {
        self.waiters.disconnect(client, hub);
        self.go_on(hub);
    }
}

fn hotel(end: End) -> Harness<Hotel> {
    Harness::new(Hotel { waiters: Waiters::new(3), waiting: Vec::new(), end }, 1)
}

fn ask(id: u64, kind: &str) -> String {
    json!({"id": id, "type": kind, "room": "x", "body": "y"}).to_string()
}

fn answers(harness: &mut Harness<Hotel>, client: ClientId) -> Vec<(u64, String)> {
    let heard = harness.heard(client);
    heard
        .iter()
        .map(|text| {
            let frame: serde_json::Value = serde_json::from_str(text).unwrap();
            let code = frame["code"].as_str().unwrap_or_else(|| frame["type"].as_str().unwrap());
            (frame["re"].as_u64().unwrap(), code.to_owned())
        })
        .collect()
}

fn all(ids: &[u64], word: &str) -> Vec<(u64, String)> {
    ids.iter().map(|id| (*id, word.to_owned())).collect()
}

#[test]
fn whatever_way_it_ends_everybody_is_answered_once() {
    for (end, word) in [(End::Ok, "ok"), (End::Refuse, "unavailable"), (End::Drop, "internal")] {
        let mut harness = hotel(end);
        let (ann, bob, cid) = (harness.connect(), harness.connect(), harness.connect());
        for (client, id) in [(ann, 1), (bob, 2), (ann, 3)] {
            harness.say(client, &ask(id, "say")); // one key: two follow the first
        }
        harness.say(bob, &ask(4, "unwatch_time")); // blocks
        harness.say(bob, &ask(5, "say"));
        assert_eq!((harness.in_flight(ann), harness.in_flight(bob)), (2, 3));
        harness.say(cid, &ask(9, "ping"));
        assert_eq!(answers(&mut harness, cid), all(&[9], "ok"));
        assert_eq!(answers(&mut harness, ann), all(&[1, 3], word));
        assert_eq!(answers(&mut harness, bob), all(&[2, 4], word));
        // The blocked one has become the first with its key.
        assert_eq!((harness.in_flight(ann), harness.in_flight(bob)), (0, 1));
        harness.say(cid, &ask(10, "ping"));
        assert_eq!(answers(&mut harness, bob), all(&[5], word));
        assert_eq!(harness.open_requests(), 0);
    }
}

#[test]
fn who_has_left_holds_nothing_up() {
    for end in [End::Ok, End::Refuse, End::Drop] {
        let mut harness = hotel(end);
        let (ann, bob, cid) = (harness.connect(), harness.connect(), harness.connect());
        harness.say(ann, &ask(1, "say"));
        harness.say(ann, &ask(2, "unwatch_time"));
        harness.say(ann, &ask(3, "say"));
        harness.say(bob, &ask(4, "say"));
        harness.drop_client(ann);
        harness.say(cid, &ask(9, "ping"));
        assert_eq!(answers(&mut harness, bob).len(), 1);
        assert_eq!(harness.open_requests(), 0);
    }
}

#[test]
fn a_line_is_bounded() {
    let mut harness = hotel(End::Ok);
    let (ann, cid) = (harness.connect(), harness.connect());
    harness.say(ann, &ask(0, "unwatch_time"));
    for id in 1..=4 {
        harness.say(ann, &ask(id, "unwatch_time"));
    }
    assert_eq!(answers(&mut harness, ann), all(&[4], "unavailable"));
    for id in 0..=3 {
        harness.say(cid, &ask(9, "ping"));
        assert_eq!(answers(&mut harness, ann), all(&[id], "ok"), "one after the other");
    }
    assert_eq!(harness.open_requests(), 0);
}
