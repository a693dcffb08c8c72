//! What an acknowledged message waits for the journal: `say` until its `ok`, on the real server over loopback, with the
//! journal in memory and in a file, in one run and in turns. Prints p50 and p99: a percentile is no mean, so this is not
//! for criterion. `PARLOR_BENCH_DIR` says on which disk (a temporary directory), `PARLOR_BENCH_ASKS` how often (2000).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures time and prints it"
)]

mod server;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parlor_testkit::{Client, Server};
use serde_json::json;

const JOURNALS: [(&str, &[&str]); 3] = [
    ("memory", &["--journal=memory"]),
    ("normal", &["--journal=parlor.db", "--synchronous=normal"]),
    ("full", &["--journal=parlor.db", "--synchronous=full"]),
];
/// Others who talk meanwhile, and how often each does: 500 messages a second in five rooms of ten.
const OTHERS: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);
/// Asks in a turn.
const TURN: usize = 50;

/// Until the answer.
fn say(client: &mut Client, room: &str) {
    client.ok(json!({"type": "say", "room": room, "body": "what a line of talk is like, more or less"}));
    client.take_heard();
}

fn enter(address: SocketAddr, room: &str) -> Client {
    let mut client = Client::connect(address);
    client.join(room);
    client
}

/// Talks every now and then, until it is over.
fn talk(address: SocketAddr, number: usize, is_over: &AtomicBool) {
    let room = format!("room {}", number % 5);
    let mut client = enter(address, &room);
    std::thread::sleep(PAUSE * u32::try_from(number).unwrap() / u32::try_from(OTHERS).unwrap());
    while !is_over.load(Ordering::Relaxed) {
        say(&mut client, &room);
        std::thread::sleep(PAUSE);
    }
}

fn measure(addresses: &[SocketAddr], asks: usize) -> Vec<Vec<Duration>> {
    let mut clients: Vec<Client> = addresses.iter().map(|address| enter(*address, "measured")).collect();
    let mut times = vec![Vec::new(); addresses.len()];
    for _ in 0..asks.div_ceil(TURN) {
        for (client, times) in clients.iter_mut().zip(&mut times) {
            for _ in 0..TURN {
                let begun = Instant::now();
                say(client, "measured");
                times.push(begun.elapsed());
            }
        }
    }
    times
}

fn print(title: &str, times: Vec<Vec<Duration>>) {
    println!("{title:<32} {:>10} {:>10} {:>10}", "p50 µs", "p99 µs", "worst µs");
    for ((name, _), mut times) in JOURNALS.iter().zip(times) {
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_micros();
        println!("  {name:<30} {:>10} {:>10} {:>10}", at(50), at(99), at(100));
    }
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return; // `cargo test` runs benches too, to see that they build
    }
    let asks = std::env::var("PARLOR_BENCH_ASKS").map_or(2000, |asks| asks.parse().unwrap());
    let servers: Vec<Server> = JOURNALS.iter().map(|(_, args)| server::start(args)).collect();
    let addresses: Vec<SocketAddr> = servers.iter().map(|server| server.address).collect();
    measure(&addresses, TURN); // the first pages of everything
    print("alone", measure(&addresses, asks));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for address in &addresses {
            for number in 0..OTHERS {
                let is_over = &is_over;
                scope.spawn(move || talk(*address, number, is_over));
            }
        }
        std::thread::sleep(PAUSE * 5);
        print("beside 500 messages a second", measure(&addresses, asks));
        is_over.store(true, Ordering::Relaxed);
    });
}
