//! `kill -9` at a random instant, twenty times.

use std::time::Duration;

use super::fleet::Fleet;
use super::server::Server;
use super::verdict::judge;

const ROUNDS: u32 = 20;

#[test]
fn nothing_acknowledged_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let mut fleet = Fleet::new();
    for round in 1..=ROUNDS {
        let server = Server::start(directory.path());
        let mut clients = fleet.connect(server.port);
        fleet.settle(&mut clients);
        judge(&fleet, server.port);
        let delay = Duration::from_micros(rand::random_range(1_000..400_000));
        fleet.write(clients, || {
            std::thread::sleep(delay);
            server.kill();
        });
        let told: usize = fleet.writers.iter().map(|writer| writer.told.len()).sum();
        println!("round {round}: killed after {delay:?}, {told} requests answered so far");
    }
    let server = Server::start(directory.path());
    let mut clients = fleet.connect(server.port);
    fleet.settle(&mut clients);
    judge(&fleet, server.port);
    for writer in &fleet.writers {
        assert!(!writer.told.is_empty(), "{} was never heard", writer.name);
    }
    drop(clients);
    assert_eq!(server.stop(), Some(0));
}
