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

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

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

struct Server {
    process: Child,
    port: u16,
    _directory: TempDir,
}

impl Server {
    fn start(args: &[&str]) -> Server {
        let directory = match std::env::var_os("PARLOR_BENCH_DIR") {
            Some(directory) => tempfile::tempdir_in(directory).unwrap(),
            None => tempfile::tempdir().unwrap(),
        };
        let mut process = Command::new(env!("CARGO_BIN_EXE_parlor"))
            .args(["--port=0", "--rate-per-second=1000000", "--rate-burst=1000000", "--log=off"])
            .args(args)
            .env_clear()
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        Server { process, port, _directory: directory }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it may have ended by itself
        let _ = self.process.wait();
    }
}

struct Client(WebSocket<TcpStream>);

impl Client {
    fn join(port: u16, room: &str) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://127.0.0.1:{port}/ws"), stream).unwrap();
        let mut client = Client(socket);
        client.ask(&json!({"type": "join", "id": 0, "room": room}));
        client
    }

    /// Until the answer.
    fn ask(&mut self, request: &Value) {
        self.0.send(Message::text(request.to_string())).unwrap();
        loop {
            let Message::Text(text) = self.0.read().unwrap() else { continue };
            if text.contains("\"re\":") {
                assert!(text.contains("\"ok\""), "{text}");
                return;
            }
        }
    }

    fn say(&mut self, room: &str) {
        self.ask(&json!({"type": "say", "id": 1, "room": room, "body": "what a line of talk is like, more or less"}));
    }
}

/// Talks every now and then, until it is over.
fn talk(port: u16, number: usize, is_over: &AtomicBool) {
    let room = format!("room {}", number % 5);
    let mut client = Client::join(port, &room);
    std::thread::sleep(PAUSE * u32::try_from(number).unwrap() / u32::try_from(OTHERS).unwrap());
    while !is_over.load(Ordering::Relaxed) {
        client.say(&room);
        std::thread::sleep(PAUSE);
    }
}

fn measure(ports: &[u16], asks: usize) -> Vec<Vec<Duration>> {
    let mut clients: Vec<Client> = ports.iter().map(|port| Client::join(*port, "measured")).collect();
    let mut times = vec![Vec::new(); ports.len()];
    for _ in 0..asks.div_ceil(TURN) {
        for (client, times) in clients.iter_mut().zip(&mut times) {
            for _ in 0..TURN {
                let begun = Instant::now();
                client.say("measured");
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
    let servers: Vec<Server> = JOURNALS.iter().map(|(_, args)| Server::start(args)).collect();
    let ports: Vec<u16> = servers.iter().map(|server| server.port).collect();
    measure(&ports, TURN); // the first pages of everything
    print("alone", measure(&ports, asks));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for port in &ports {
            for number in 0..OTHERS {
                let is_over = &is_over;
                scope.spawn(move || talk(*port, number, is_over));
            }
        }
        std::thread::sleep(PAUSE * 5);
        print("beside 500 messages a second", measure(&ports, asks));
        is_over.store(true, Ordering::Relaxed);
    });
}
