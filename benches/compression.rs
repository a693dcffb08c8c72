//! Compression: bytes on the wire and CPU of the server, plain and compressed, for a chat, a game and pages of history; and
//! a chat by the length of its messages, to see from which it pays. On the real server with one worker, over loopback,
//! both kinds in turns. `PARLOR_BENCH_ROUNDS` says how long (10).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures time and prints it"
)]

mod server;

use parlor_testkit::{Client, Peer, Server};
use serde_json::json;

const FLAGS: [&str; 9] = [
    "--journal=memory",
    "--workers=1",
    "--rate-per-second=1000000",
    "--rate-burst=1000000",
    "--max-clients-per-address=1000",
    "--room-creation-burst=1000000",
    "--user-creation-burst=1000000",
    "--presence-grace=5m",
    "--forfeit-after=1d",
];
/// Says of a speaker before everybody has to have heard them.
const TOGETHER: usize = 20;
const LINES: [&str; 4] = [
    "Has anybody seen the new page? I think that the list of rooms looks better than before.",
    "yes",
    "I'll be there at seven, if the train is not late again. Could you keep me a seat near the window, please?",
    "What a game! Did you see the last move?",
];

/// Clients that offer permessage-deflate, or not.
#[derive(Clone, Copy)]
struct Kind {
    is_compressed: bool,
}

impl Kind {
    fn connect(self, server: &Server) -> Client {
        let address = server.address;
        let peer = if self.is_compressed { Peer::deflating(address, "") } else { Peer::new(address) };
        Client::new(Box::new(peer))
    }
}

/// Bytes to clients, and microseconds of the server's CPU.
#[derive(Clone, Copy, Default)]
struct Cost {
    bytes: f64,
    cpu_us: f64,
}

impl Cost {
    fn now(server: &Server) -> Cost {
        let metrics = server.get("/metrics").body;
        let bytes = metrics.lines().find_map(|line| line.strip_prefix("parlor_bytes_out_total{app=\"/ws\"} "));
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        Cost { bytes: bytes.unwrap().parse().unwrap(), cpu_us: ticks * 10_000.0 }
    }

    fn add_since(&mut self, server: &Server, before: Cost) {
        let now = Cost::now(server);
        self.bytes += now.bytes - before.bytes;
        self.cpu_us += now.cpu_us - before.cpu_us;
    }
}

/// One kind of traffic on a server of its own. Returns what it sends in a round, and how many messages those are.
type Traffic = Box<dyn FnMut() -> usize>;

fn chat(server: &Server, kind: Kind, people: usize, body: impl Fn(usize) -> String + 'static) -> Traffic {
    let mut people: Vec<Client> = (0..people).map(|_| kind.connect(server)).collect();
    people.iter_mut().for_each(|person| drop(person.join("tea")));
    let mut said = 0;
    Box::new(move || {
        for _ in 0..10 {
            let bodies = (said..said + TOGETHER).map(&body);
            said += TOGETHER;
            people[0].say_all("tea", bodies);
            for person in &mut people[1..] {
                (0..TOGETHER).for_each(|_| drop(person.event("message")));
            }
            people.iter_mut().for_each(Client::forget_heard);
        }
        10 * TOGETHER * people.len()
    })
}

fn game(server: &Server, kind: Kind) -> Traffic {
    let mut players = [kind.connect(server), kind.connect(server)];
    let made = players[0].ok(json!({"type": "create", "kind": "connect4"}));
    let room = made["room"].as_str().unwrap().to_owned();
    players[0].ok(json!({"type": "join", "room": room, "seat": made["seat"]}));
    players[1].ok(json!({"type": "join", "key": made["join"]}));
    let mut watchers: Vec<Client> = (0..5).map(|_| kind.connect(server)).collect();
    watchers.iter_mut().for_each(|watcher| drop(watcher.ok(json!({"type": "join", "key": made["watch"]}))));
    let mut games = 0;
    Box::new(move || {
        for _ in 0..10 {
            for (turn, column) in [3, 0, 3, 0, 3, 0, 3].into_iter().enumerate() {
                players[(games + turn) % 2].ok(json!({"type": "play", "room": room, "column": column}));
            }
            watchers.iter_mut().for_each(|watcher| drop(watcher.event("ended")));
            for player in &mut players {
                player.ok(json!({"type": "rematch", "room": room}));
            }
            watchers.iter_mut().chain(&mut players).for_each(Client::forget_heard);
            games += 1;
        }
        10 * 8 * 7
    })
}

fn history(server: &Server, kind: Kind) -> Traffic {
    chat(server, Kind { is_compressed: false }, 1, line)();
    let mut reader = kind.connect(server);
    reader.join("tea");
    Box::new(move || {
        (0..50).for_each(|_| drop(reader.ok(json!({"type": "history", "room": "tea", "limit": 50}))));
        50
    })
}

fn line(number: usize) -> String {
    LINES[number % LINES.len()].to_owned()
}

/// Runs the same traffic plain and compressed, in turns, and prints what a delivered message costs.
fn compare(name: &str, flags: &[&str], rounds: usize, traffic: impl Fn(&Server, Kind) -> Traffic) {
    let servers = [(); 2].map(|()| server::start(&[&FLAGS, flags].concat()));
    let kinds = [false, true].map(|is_compressed| Kind { is_compressed });
    let mut runs = [0, 1].map(|at| traffic(&servers[at], kinds[at]));
    let (mut costs, mut messages) = ([Cost::default(); 2], [0; 2]);
    runs.iter_mut().for_each(|run| _ = run());
    for _ in 0..rounds {
        for at in 0..2 {
            let before = Cost::now(&servers[at]);
            messages[at] += runs[at]();
            costs[at].add_since(&servers[at], before);
        }
    }
    let each = |at: usize, figure: f64| figure / messages[at] as f64;
    let (bytes, cpu) = ([0, 1].map(|at| each(at, costs[at].bytes)), [0, 1].map(|at| each(at, costs[at].cpu_us)));
    let saved = 100.0 * (1.0 - bytes[1] / bytes[0]);
    println!("{name:<34} {:>9.0} {:>11.0} {saved:>7.0} % {:>9.1} {:>11.1}", bytes[0], bytes[1], cpu[0], cpu[1]);
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return; // `cargo test` runs benches too, to see that they build
    }
    let rounds = std::env::var("PARLOR_BENCH_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    println!(
        "{:<34} {:>9} {:>11} {:>9} {:>9} {:>11}",
        "a delivered message", "bytes", "compressed", "saved", "CPU µs", "compressed"
    );
    compare("a chat of 20", &[], rounds, |server, kind| chat(server, kind, 20, line));
    compare("a chat of 2", &[], rounds, |server, kind| chat(server, kind, 2, line));
    compare("a game and 5 who watch", &[], rounds, game);
    compare("50 events of history", &[], rounds, history);
    for people in [20, 2] {
        for bytes in [1, 64, 128, 256, 512, 1024, 4096] {
            let text = LINES.concat().repeat(20);
            let body = move |number: usize| text[number % 97..][..bytes].to_owned();
            let name = format!("all compressed: {bytes} bytes to {people}");
            compare(&name, &["--compress-from=0"], rounds, |server, kind| chat(server, kind, people, body.clone()));
        }
    }
}
