//! What several nodes on Redis cost: a `say` until its `ok` beside SQLite; the CPU of a node for events of rooms that nobody
//! there is in, and of Redis; a message's delivery to a crowd on one node and on three. On the real server over loopback, all
//! with one worker, in one run and in turns. `PARLOR_BENCH_ROUNDS` says how long (20).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures time and prints it"
)]

mod server;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use parlor_testkit::redis::Redis;
use parlor_testkit::{Client, Server};

/// Events in a round.
const EVENTS: usize = 500;
/// Messages that are under way together.
const TOGETHER: usize = 16;
/// Clients that hear a message.
const CROWD: usize = 300;
const FLAGS: [&str; 4] =
    ["--workers=1", "--rate-per-second=1000000", "--rate-burst=1000000", "--max-clients-per-address=100000"];

fn start(journal: &str) -> Server {
    server::start(&[&FLAGS[..], &[&format!("--journal={journal}")]].concat())
}

fn on_redis(redis: &Redis) -> Server {
    start(&redis.url())
}

fn enter(address: SocketAddr, room: &str) -> Client {
    let mut client = Client::connect(address);
    client.join(room);
    client
}

fn cpu(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks = fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap();
    Duration::from_millis(10) * ticks
}

fn micros(time: Duration, events: usize) -> f64 {
    time.as_secs_f64() * 1e6 / events as f64
}

/// A `say` until its `ok`, nothing else going on.
fn latency(rounds: usize) {
    let redis = Redis::start_with(&["--appendonly", "yes", "--appendfsync", "everysec"]);
    let names = ["memory", "SQLite normal", "SQLite full", "Redis everysec", "Redis always"];
    let servers = [
        start("memory"),
        start("parlor.db"),
        server::start(&["--journal=parlor.db", "--synchronous=full"]),
        on_redis(&redis),
    ];
    let sure = Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let on_sure = on_redis(&sure);
    let mut clients: Vec<Client> =
        servers.iter().chain([&on_sure]).map(|server| enter(server.address, "tea")).collect();
    let mut times = vec![Vec::new(); clients.len()];
    for _ in 0..rounds {
        for (client, times) in clients.iter_mut().zip(&mut times) {
            for _ in 0..50 {
                let begun = Instant::now();
                client.say("tea", "what a line of talk is like, more or less");
                times.push(begun.elapsed());
                client.take_heard();
            }
        }
    }
    println!("a say until its ok               p50 µs     p99 µs");
    for (name, mut times) in names.iter().zip(times) {
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_micros();
        println!("  {name:<26} {:>10} {:>10}", at(50), at(99));
    }
}

/// CPU of three nodes and of Redis while somebody talks on the first, in a room that nobody on the others is in.
fn elsewhere(rounds: usize) {
    let redis = Redis::start();
    let nodes = [on_redis(&redis), on_redis(&redis), on_redis(&redis)];
    println!("CPU, µs an event                 its node   another    Redis");
    for together in [1, TOGETHER] {
        let mut talker = enter(nodes[0].address, "tea");
        let ids = [nodes[0].id(), nodes[1].id(), redis.id()];
        let before = ids.map(cpu);
        for _ in 0..rounds {
            for batch in 0..EVENTS / together {
                talker.say_all("tea", (0..together).map(|n| format!("line {n} of batch {batch} of the talk in there")));
            }
            talker.take_heard();
        }
        let events = rounds * (EVENTS / together) * together;
        let spent: Vec<f64> = ids.iter().zip(before).map(|(id, before)| micros(cpu(*id) - before, events)).collect();
        println!("  {together:>2} under way {:>25.1} {:>10.1} {:>8.1}", spent[0], spent[1], spent[2]);
    }
}

/// Until a crowd has heard everything, on so many nodes.
fn crowd(rounds: usize) {
    println!("delivered to {CROWD} clients         messages/s   CPU µs/message, all nodes");
    for many in [0, 1, 3] {
        let redis = Redis::start();
        let nodes: Vec<Server> = match many {
            0 => vec![start("parlor.db")],
            many => (0..many).map(|_| on_redis(&redis)).collect(),
        };
        let mut talker = enter(nodes[0].address, "tea");
        let mut listeners: Vec<Client> =
            (0..CROWD).map(|number| enter(nodes[number % nodes.len()].address, "tea")).collect();
        let cpu_of = || nodes.iter().map(|node| cpu(node.id())).sum::<Duration>();
        let (begun, before) = (Instant::now(), cpu_of());
        for round in 0..rounds {
            talker.say_all("tea", (0..TOGETHER).map(|n| format!("line {n} of round {round} of what is said")));
            for listener in &mut listeners {
                listener.event_where("message", |event| {
                    event["body"] == format!("line {} of round {round} of what is said", TOGETHER - 1)
                });
                listener.take_heard();
            }
            talker.take_heard();
        }
        let delivered = rounds * TOGETHER * (CROWD + 1);
        let name = if many == 0 { "one on SQLite".to_owned() } else { format!("{many} on Redis") };
        let rate = delivered as f64 / begun.elapsed().as_secs_f64();
        println!("  {name:<26} {rate:>14.0} {:>12.2}", micros(cpu_of() - before, delivered));
    }
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return; // `cargo test` runs benches too, to see that they build
    }
    let rounds = std::env::var("PARLOR_BENCH_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    latency(rounds);
    elsewhere(rounds);
    crowd(rounds);
}
