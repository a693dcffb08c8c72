//! The cost of the lounge without sockets and threads: requests decoded, decided, committed to memory, applied and encoded.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use parlor_core::ClientId;
use parlor_core::engine::Effect;
use parlor_core::engine::{Engine, Input};
use parlor_core::journal::Journal;
use parlor_core::journal::MemoryJournal;
use parlor_core::{App, Client, Close, Handshake};
use parlor_core::{Frame, Incoming};
use parlor_core::{Now, Steady, Time};
use parlor_lounge::{Lounge, LoungeSettings, Signer};
use serde_json::{Value, json};

/// Columns of a game that red wins in its fourth move.
const GAME: [u8; 7] = [0, 1, 0, 1, 0, 1, 0];

struct Server {
    engine: Engine<Lounge>,
    journal: MemoryJournal,
    effects: Vec<Effect>,
    inputs: VecDeque<Input<<Lounge as App>::Request>>,
    clients: u32,
    now: Time,
    /// The last frame to a single client.
    last: Option<Frame>,
}

impl Server {
    fn new() -> Self {
        let mut settings = LoungeSettings::new(Signer::new(b"a bench"));
        settings.room_creation.burst = u32::MAX;
        settings.user_creation.burst = u32::MAX;
        settings.rooms = usize::MAX;
        settings.rooms_per_address = usize::MAX;
        Server {
            engine: Engine::new(Lounge::new(settings), [7; 32], 0),
            journal: MemoryJournal::new(1000),
            effects: Vec::new(),
            inputs: VecDeque::new(),
            clients: 0,
            now: Time(1_795_224_660_000),
            last: None,
        }
    }

    fn connect(&mut self) -> ClientId {
        self.clients += 1;
        let id = ClientId { worker: 0, slot: self.clients, generation: 0 };
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let client = Client::new(id, Handshake::new(address, "/ws"));
        self.inputs.push_back(Input::Connected(client));
        self.run();
        id
    }

    fn leave(&mut self, client: ClientId) {
        self.inputs.push_back(Input::Left(client, Close::lost()));
        self.run();
    }

    fn ask(&mut self, client: ClientId, text: &str) {
        let request = Lounge::decode(Incoming::Text(text)).unwrap();
        self.inputs.push_back(Input::Request(client, request));
    }

    /// Until nothing is under way.
    fn run(&mut self) {
        while let Some(input) = self.inputs.pop_front() {
            self.engine.step(Now { wall: self.now, steady: Steady(self.now.0) }, input, &mut self.effects);
            for effect in self.effects.drain(..) {
                match effect {
                    Effect::Commit { ticket, commit } => {
                        let outcome = self.journal.commit_all(vec![commit]).pop().unwrap();
                        self.inputs.push_back(Input::Committed(ticket, outcome));
                    }
                    Effect::Load { ticket, load } => {
                        self.inputs.push_back(Input::Loaded(ticket, self.journal.load(load)));
                    }
                    Effect::Send { frame, .. } => self.last = Some(frame),
                    Effect::Broadcast { frame, .. } | Effect::All { frame, .. } => {
                        black_box(&frame);
                    }
                    Effect::Join { .. } | Effect::Leave { .. } | Effect::Close { .. } | Effect::Done { .. } => {}
                    Effect::Spawn { .. } | Effect::Cancel { .. } => unreachable!("the lounge spawns nothing"),
                }
            }
        }
    }

    fn ok(&mut self, client: ClientId, frame: &Value) -> Value {
        self.ask(client, &frame.to_string());
        self.run();
        let answer: Value = serde_json::from_slice(&self.last.take().unwrap().payload()).unwrap();
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// A room with people in it.
    fn room(&mut self, people: usize) -> Vec<ClientId> {
        let clients: Vec<_> = (0..people).map(|_| self.connect()).collect();
        for client in &clients {
            self.ok(*client, &json!({"id": 1, "type": "join", "room": "lobby"}));
        }
        clients
    }
}

fn talk(c: &mut Criterion) {
    let mut group = c.benchmark_group("say into a room of 1000");
    for in_flight in [1, 16] {
        group.throughput(Throughput::Elements(in_flight));
        for (word, key) in [("plain", ""), ("with a dedup key", ",\"key\":\"KEY\"")] {
            group.bench_function(BenchmarkId::new(word, format!("{in_flight} in flight")), |b| {
                let mut server = Server::new();
                let clients = server.room(1000);
                let mut said = 0u64;
                b.iter(|| {
                    for client in &clients[..in_flight as usize] {
                        said += 1;
                        let key = key.replace("KEY", &said.to_string());
                        let text =
                            format!(r#"{{"id":1,"type":"say","room":"lobby","body":"Good evening, everybody"{key}}}"#);
                        server.ask(*client, &text);
                    }
                    server.run();
                });
            });
        }
    }
    group.finish();
}

fn coming(c: &mut Criterion) {
    let mut group = c.benchmark_group("a client comes, joins a room and goes");
    for people in [10, 1000, 10_000] {
        group.bench_function(BenchmarkId::new("room of", people), |b| {
            let mut server = Server::new();
            let clients = server.room(people);
            for client in &clients[..10] {
                server
                    .ok(*client, &json!({"id": 1, "type": "say", "room": "lobby", "body": "Good evening, everybody"}));
            }
            b.iter(|| {
                let client = server.connect();
                server.ask(client, r#"{"id":1,"type":"join","room":"lobby"}"#);
                server.run();
                server.ask(client, r#"{"id":2,"type":"leave","room":"lobby"}"#);
                server.run();
                server.leave(client);
            });
        });
    }
    group.finish();
}

fn games(c: &mut Criterion) {
    let mut group = c.benchmark_group("games");
    group.throughput(Throughput::Elements(1));
    group.bench_function("made, joined by two, won in seven moves, left", |b| {
        let mut server = Server::new();
        b.iter(|| {
            // Old games are forgotten, as the sweep would do.
            if server.clients > 20_000 {
                server = Server::new();
            }
            let (red, yellow) = (server.connect(), server.connect());
            let made = server.ok(red, &json!({"id": 1, "type": "create", "kind": "connect4"}));
            server.ok(red, &json!({"id": 2, "type": "join", "room": made["room"], "seat": made["seat"]}));
            server.ok(yellow, &json!({"id": 1, "type": "join", "key": made["join"]}));
            for (column, player) in GAME.into_iter().zip([red, yellow].into_iter().cycle()) {
                server.ok(player, &json!({"id": 3, "type": "play", "room": made["room"], "column": column}));
            }
            server.leave(red);
            server.leave(yellow);
        });
    });
    group.finish();
}

criterion_group!(benches, talk, coming, games);
criterion_main!(benches);
