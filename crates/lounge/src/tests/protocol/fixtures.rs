//! A frame of every kind that the server sends, made by the types that make them for clients.

use crate::games::GameList;
use crate::games::game::{Command, Who};
use crate::games::host::{HostedGame, SeatName};
use crate::identity::name::Name;
use crate::identity::token::Signer;
use crate::person::Person;
use crate::protocol::client::{RequestId, TickMode};
use crate::protocol::codec::decode;
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::fields::Fields;
use crate::protocol::json::Json;
use crate::protocol::kind::RoomKind;
use crate::protocol::record::{Event, Record};
use crate::protocol::rfc3339::Rfc3339;
use crate::protocol::server::replies::{self, Game, Joined, Players, Sitter};
use crate::protocol::server::{self, List, events, welcome};
use crate::refusals;
use crate::secret::Secret;
use parlor_core::Frame;
use parlor_core::Incoming;
use parlor_core::Time;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::{Uuid, uuid};

/// The name of an example, and its JSON.
pub type Fixture = (&'static str, String);

pub fn sections() -> Vec<(&'static str, Vec<Fixture>)> {
    vec![
        ("opening", opening()),
        ("errors", errors()),
        ("logs", logs()),
        ("talking", talking()),
        ("presence", presence()),
        ("making", making()),
        ("counters_and_clock", counters_and_clock()),
        ("connect4", connect4()),
    ]
}

pub fn all() -> Vec<Fixture> {
    sections().into_iter().flat_map(|(_, frames)| frames).collect()
}

fn opening() -> Vec<Fixture> {
    let limits = welcome::ClientLimits {
        frame_bytes: 65_536,
        body_chars: 4096,
        presence_room: 64,
        recover_events: 1000,
        rooms: 64,
        rate_per_second: Some(20.0),
        rate_burst: Some(40.0),
    };
    let guest = Person { name: "guest-7".into(), ..ann() };
    let welcome = welcome::Welcome {
        protocol: welcome::PROTOCOL,
        session: uuid!("6f1c2a9e-0d43-4a57-9b1e-7c5d2f80a6b4"),
        user: &guest,
        token: &token("guest-7", 0),
        server_time: after(0),
        limits: &limits,
        heartbeat_ms: 25_000,
    };
    let identified = replies::Identified { user: &ann(), token: &token("Ann", 1000) };
    let signer = Signer::new(b"the secret of the examples");
    let signed_out = signer.sign(ann().id, &Name::parse("Ann").unwrap(), 1, at(30_000));
    let closing = events::Closing { reason: "the server is being restarted", reconnect_after_ms: 1000 };
    vec![
        ("welcome", event(&welcome)),
        ("resume and rename: ok", ok(1, &identified)),
        ("renamed", event(&events::Renamed { user: &ann(), was: "guest-7" })),
        ("sign_out: ok", ok(40, &replies::Identified { user: &ann(), token: &signed_out })),
        ("closing", event(&closing)),
    ]
}

fn errors() -> Vec<Fixture> {
    let error = |re: i64, refused: &Refused| text(&server::error(Some(&RequestId::Signed(re)), refused));
    let asked = |request: &str| decode(Incoming::Text(request)).unwrap_err().1;
    let wait = Refused::new(ErrorCode::RateLimited, "too many requests: wait a little").retry_after_ms(50);
    let play = GameList::default().check_move(&column(7)).unwrap_err();
    let id = asked(r#"{"type":"ping","id":1.5}"#);
    vec![
        ("an error with a string for an id", text(&server::error(Some(&RequestId::Text("p-2".into())), &play))),
        ("an error without an id", text(&server::error(None, &id))),
        ("bad_json", text(&server::error(None, &asked("[]")))),
        ("an error with a time", text(&server::error(Some(&RequestId::Signed(8)), &wait))),
        ("unknown_type", error(9, &asked(r#"{"type":"shout"}"#))),
        ("bad_request", error(10, &asked(r#"{"type":"say","room":"lobby"}"#))),
        ("bad_request: body", error(11, &refusals::body_too_long(4096))),
        ("rename: name_taken", error(4, &refusals::name_taken())),
        ("create: name_taken", error(18, &refusals::room_taken())),
        ("not_in_room", error(8, &refusals::not_in_room())),
        ("no_such_user", error(12, &refusals::no_such_user().about("to"))),
    ]
}

fn logs() -> Vec<Fixture> {
    let both = people(&[&ann(), &bo()]);
    let join = |seq, recovered, events| Joined::<()> {
        room: "lobby",
        kind: "chat",
        epoch: "k3v9",
        seq,
        recovered,
        events,
        members: &both,
        online: 2,
        value: None,
        game: None,
    };
    let (first, third) = (list(&[first_message()]), list(&[third_message()]));
    vec![
        ("join: ok", text(&join(1, false, &first).frame(&RequestId::Signed(2)))),
        ("join: ok, recovered", text(&join(3, true, &third).frame(&RequestId::Signed(2)))),
        ("leave: ok", ok(5, &replies::Done {})),
        ("history: ok", text(&replies::History { events: &first, more: false }.frame(&RequestId::Signed(6)))),
    ]
}

fn talking() -> Vec<Fixture> {
    let said = replies::Said { id: uuid!("01a1fbba-7cb0-7000-8000-6a5b4c3d2e1f"), seq: 2, at: after(5141) };
    let message = events::Message { id: said.id, at: said.at, from: &ann(), body: "I am!", mentions: &[] };
    let told =
        replies::Told { id: uuid!("01a1fbba-de10-7000-8000-5566778899aa"), seq: 1, at: after(30_069), delivered: 1 };
    let private = events::Private { id: told.id, at: told.at, from: &ann(), to: &bo(), body: "Chess tonight?" };
    let inbox = Joined::<()> {
        room: "@inbox",
        kind: replies::INBOX_KIND,
        epoch: "m0x2",
        seq: 1,
        recovered: true,
        events: &List::new(),
        members: &people(&[&ann()]),
        online: 1,
        value: None,
        game: None,
    };
    vec![
        ("say: ok", ok(3, &said)),
        ("say with a key: ok", ok(7, &said)),
        ("message", in_room("lobby", 2, &message)),
        ("typing", event(&events::Typing { room: "lobby", user: &bo() })),
        ("tell: ok", ok(11, &told)),
        ("private", text(&Record::new(&private).unwrap().private_event(1).frame())),
        ("join @inbox: ok", text(&inbox.frame(&RequestId::Signed(13)))),
    ]
}

fn presence() -> Vec<Fixture> {
    let mut users = List::new();
    assert!(users.try_push(&replies::UserEntry { id: ann().id, name: "Ann", online_since: after(0) }));
    let mut rooms = List::new();
    let lobby = replies::RoomEntry {
        room: "lobby",
        kind: RoomKind::Chat,
        online: 2,
        seq: 3,
        last_at: after(13_957),
        seats_free: None,
        game: None,
    };
    let quiet =
        replies::RoomEntry { room: "quiet", online: 0, seq: 1, last_at: Rfc3339(Time(1_795_224_600_123)), ..lobby };
    let table = replies::RoomEntry {
        room: "table",
        kind: RoomKind::Game("connect4"),
        online: 1,
        seq: 2,
        seats_free: Some(1),
        ..lobby
    };
    assert!([lobby, quiet, table].iter().all(|entry| rooms.try_push(entry)));
    let users = replies::Users { users: &users, count: 1, next: None };
    let rooms = replies::Rooms { rooms: &rooms, next: Some("table") };
    vec![
        ("joined", event(&events::Joined { room: "lobby", user: &bo(), online: 2 })),
        ("left", event(&events::Left { room: "lobby", user: &bo(), online: 1 })),
        ("crowd", event(&events::Crowd { room: "stadium", online: 9731 })),
        ("users: ok", text(&users.frame(&RequestId::Signed(14)))),
        ("rooms: ok", text(&rooms.frame(&RequestId::Signed(15)))),
    ]
}

fn making() -> Vec<Fixture> {
    vec![
        ("create: ok", ok(17, &replies::Created { room: "votes", secrets: None })),
        ("created", in_room("votes", 1, &events::Created { kind: RoomKind::Counter, at: after(59_877) })),
    ]
}

fn counters_and_clock() -> Vec<Fixture> {
    let counted = Record::new(&events::Counted { value: -1, by: &ann() }).unwrap().event("votes", 2);
    let join = Joined::<()> {
        room: "votes",
        kind: "counter",
        epoch: "p8d1",
        seq: 2,
        recovered: false,
        events: &list(std::slice::from_ref(&counted)),
        members: &people(&[&ann()]),
        online: 1,
        value: Some(-1),
        game: None,
    };
    let body = serde_json::from_str(r#"{"b":[1.50,null],"a":12345678901234567890123}"#).unwrap();
    let tick = events::Tick { n: 1_795_224_661, at: after(877), every_ms: 1000 };
    let pong = replies::Pong { server_time: after(0) };
    vec![
        ("count: ok", ok(19, &replies::Counted { seq: 2, value: -1 })),
        ("counted", text(&counted.frame())),
        ("join of a counter: ok", text(&join.frame(&RequestId::Signed(20)))),
        ("watch_time: ok", ok(21, &replies::Watching { every_ms: 1000, mode: TickMode::Regular })),
        ("watch_time at random: ok", ok(22, &replies::Watching { every_ms: 1000, mode: TickMode::Random })),
        ("unwatch_time: ok", ok(23, &replies::Done {})),
        ("tick", event(&tick)),
        ("echo: ok", ok(24, &replies::Echoed { body: &Json::new(body) })),
        ("ping: ok", ok(25, &pong)),
        ("ping with a string for an id: ok", text(&server::ok(&RequestId::Text("p-1".into()), &pong))),
    ]
}

fn connect4() -> Vec<Fixture> {
    let secrets = replies::GameSecrets {
        join: &Secret::new("jX3v0sRk2mYqT8uWbN5cLg"),
        watch: &Secret::new("wP7d1fHa9zQeK4iVxM6oSg"),
        seat: &Secret::new("sB2n8tJc5yUrG0lFpD3hEw"),
    };
    let mut frames = vec![("create a game: ok", ok(26, &replies::Created { room: "table", secrets: Some(secrets) }))];

    let mut table = Table::new();
    table.sit(&ann());
    table.sit(&bo());
    let seat = Secret::new("sK9m4wZx7eRtV1aQoC6jYg");
    let (ann, bo) = (ann(), bo());
    let sitting = |user| Some(Sitter { user, online: true, forfeits_at: None });
    let join = Joined {
        room: "table",
        kind: "connect4",
        epoch: "z6c4",
        seq: 3,
        recovered: false,
        events: &list(&table.log),
        members: &people(&[&ann, &bo]),
        online: 2,
        value: None,
        game: Some(Game {
            view: table.game.view().unwrap(),
            players: Players(vec![("red", sitting(&ann)), ("yellow", sitting(&bo))]),
            you: Some("yellow"),
            spectators: 0,
            seat: Some(&seat),
        }),
    };
    frames.push(("join a game: ok", text(&join.frame(&RequestId::Signed(28)))));

    let receipt = table.play("red", 3);
    frames.push(("play: ok", ok(29, &replies::Moved { seq: 4, receipt })));
    frames.push(("played", table.newest()));
    let early = table.refusal("red", Command::Play(column(3)));
    frames.push(("play: not_your_turn", text(&server::error(Some(&RequestId::Signed(30)), &early))));
    let mut resigned = table.clone();
    let receipt = resigned.act("red", Command::Resign);
    frames.push(("resign: ok", ok(31, &replies::Moved { seq: 5, receipt })));
    frames.push(("ended by resignation", resigned.newest()));

    for (player, column) in [("yellow", 0), ("red", 3), ("yellow", 0), ("red", 3), ("yellow", 0), ("red", 3)] {
        table.play(player, column);
    }
    frames.push(("the last disc", text(&table.log[table.log.len() - 2].frame())));
    frames.push(("ended by a line", table.newest()));
    let receipt = table.act("red", Command::Rematch);
    frames.push(("rematch: ok", ok(32, &replies::Moved { seq: table.seq(), receipt })));
    frames.push(("rematch_offered", table.newest()));
    table.act("yellow", Command::Rematch);
    frames.push(("rematched", table.newest()));

    let away = events::Away { room: "table", player: "red", forfeits_at: after(119_877) };
    frames.push(("away", event(&away)));
    frames.push(("back", event(&events::Back { room: "table", player: "red" })));
    frames
}

/// A game's room as the lounge keeps one, as far as its log goes.
struct Table {
    game: Box<dyn HostedGame>,
    log: Vec<Event>,
}

impl Clone for Table {
    fn clone(&self) -> Self {
        Table { game: self.game.boxed_clone(), log: self.log.clone() }
    }
}

impl Table {
    fn new() -> Self {
        let created = Record::new(&events::Created { kind: RoomKind::Game("connect4"), at: after(59_877) }).unwrap();
        Table { game: GameList::default().find("connect4").unwrap().begin(), log: vec![created.event("table", 1)] }
    }

    fn sit(&mut self, person: &Person) {
        self.decide(Who::Visitor(person), Command::Sit);
    }

    fn play(&mut self, player: &str, at: u8) -> Map<String, Value> {
        self.act(player, Command::Play(column(at)))
    }

    fn act(&mut self, player: &str, command: Command<Fields<'static>>) -> Map<String, Value> {
        let seat = self.seat(player);
        self.decide(Who::Player(seat), command)
    }

    fn refusal(&self, player: &str, command: Command<Fields<'static>>) -> Refused {
        match self.game.decide(Who::Player(self.seat(player)), command.as_ref()) {
            Err(refused) => refused,
            Ok(_) => panic!("{player} may do that"),
        }
    }

    fn decide(&mut self, who: Who<'_, SeatName>, command: Command<Fields<'static>>) -> Map<String, Value> {
        let decided = self.game.decide(who, command.as_ref()).unwrap();
        self.game = decided.after;
        for record in decided.records {
            self.log.push(record.event("table", self.seq() + 1));
        }
        decided.receipt
    }

    fn seat(&self, player: &str) -> SeatName {
        self.game.seat(player).unwrap()
    }

    fn seq(&self) -> u64 {
        self.log.len() as u64
    }

    fn newest(&self) -> String {
        text(&self.log.last().unwrap().frame())
    }
}

fn column(column: u8) -> Fields<'static> {
    Fields::parse(&json!({ "column": column }).to_string()).unwrap().to_be_read_later()
}

fn ann() -> Person {
    Person { id: uuid!("0b7e9c52-3f64-4d1a-8a2e-5c9d7e1f4b30"), name: "Ann".into() }
}

fn bo() -> Person {
    Person { id: uuid!("c41d8f70-92b6-4e3a-b5d7-08f6a1e2c934"), name: "Bo".into() }
}

/// Milliseconds after the examples' first instant, which is 2026-11-21T01:31:00.123Z.
fn at(after_ms: u64) -> Time {
    Time(1_795_224_660_123 + after_ms)
}

fn after(ms: u64) -> Rfc3339 {
    Rfc3339(at(ms))
}

fn token(name: &str, after_ms: u64) -> Secret {
    Signer::new(b"the secret of the examples").sign(ann().id, &Name::parse(name).unwrap(), 0, at(after_ms))
}

fn message(seq: u64, id: Uuid, at: Time, body: &str) -> Event {
    Record::new(&events::Message { id, at: Rfc3339(at), from: &bo(), body, mentions: &[] }).unwrap().event("lobby", seq)
}

fn first_message() -> Event {
    let at = Time(1_795_224_660_123 - 47_623);
    message(1, uuid!("01a1fbb9-ae94-7000-8000-1f2e3d4c5b6a"), at, "Anybody here?")
}

fn third_message() -> Event {
    message(3, uuid!("01a1fbba-9f20-7000-8000-0918273645ab"), at(13_957), "Good to see you.")
}

fn list(events: &[Event]) -> List {
    List::of_events(events)
}

fn people(people: &[&Person]) -> List {
    let mut list = List::new();
    assert!(people.iter().all(|person| list.try_push(person)));
    list
}

fn ok(re: i64, result: &impl Serialize) -> String {
    text(&server::ok(&RequestId::Signed(re), result))
}

fn event(told: &impl Serialize) -> String {
    text(&server::event(told))
}

fn in_room(room: &str, seq: u64, logged: &impl Serialize) -> String {
    text(&Record::new(logged).unwrap().event(room, seq).frame())
}

fn text(frame: &Frame) -> String {
    String::from_utf8(frame.payload().to_vec()).unwrap()
}
