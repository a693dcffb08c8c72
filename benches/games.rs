//! Games of Connect Four per second through the whole server, on loopback: 32 tables at once, each move waiting for the
//! answer to the one before, the journal in memory and in a file in one run. `PARLOR_BENCH_GAMES` at each table (50).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures time and prints it"
)]

mod server;

use std::net::SocketAddr;
use std::time::Instant;

use parlor_testkit::Client;
use serde_json::json;

const JOURNALS: [(&str, &[&str]); 2] =
    [("memory", &["--journal=memory"]), ("normal", &["--journal=parlor.db", "--synchronous=normal"])];
const TABLES: usize = 32;
/// Who begins has four in the fourth column.
const MOVES: [u8; 7] = [3, 0, 3, 0, 3, 0, 3];

struct Table {
    room: String,
    /// Red, who begins the first game, and yellow.
    players: [Client; 2],
}

impl Table {
    fn lay(address: SocketAddr) -> Table {
        let mut players = [Client::connect(address), Client::connect(address)];
        let made = players[0].ok(json!({"type": "create", "kind": "connect4", "unlisted": true}));
        players[0].ok(json!({"type": "join", "room": made["room"], "seat": made["seat"]}));
        players[1].ok(json!({"type": "join", "key": made["join"]}));
        Table { room: made["room"].as_str().unwrap().to_owned(), players }
    }

    fn play(&mut self, games: usize) {
        for game in 0..games {
            for (turn, column) in MOVES.iter().enumerate() {
                let play = json!({"type": "play", "room": self.room, "column": column});
                self.players[(game + turn) % 2].ok(play);
            }
            for player in &mut self.players {
                player.ok(json!({"type": "rematch", "room": self.room}));
                player.take_heard();
            }
        }
    }
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return; // `cargo test` runs benches too, to see that they build
    }
    let games = std::env::var("PARLOR_BENCH_GAMES").map_or(50, |games| games.parse().unwrap());
    for (name, args) in JOURNALS {
        let server = server::start(args);
        let mut tables: Vec<Table> = (0..TABLES).map(|_| Table::lay(server.address)).collect();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for table in &mut tables {
                scope.spawn(|| table.play(games));
            }
        });
        let per_second = (TABLES * games) as f64 / begun.elapsed().as_secs_f64();
        println!("{name:<8} {per_second:>8.0} games/s, {:>8.0} moves/s", per_second * MOVES.len() as f64);
    }
}
