//! `kill -9` at a random instant, twenty times. `PARLOR_TEST_SEED` repeats the delays of a run, `PARLOR_TEST_KILLS` sets
//! the number of kills.

use std::time::Duration;

use parlor_testkit::chance::{Chance, seed_from};

use super::fleet::Fleet;
use super::in_directory;
use super::verdict::judge;

const KILLS: u32 = 20;

#[test]
fn nothing_acknowledged_is_lost() {
    let seed = seed_from("PARLOR_TEST_SEED");
    let kills = std::env::var("PARLOR_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    println!("PARLOR_TEST_SEED={seed} repeats the delays");
    let mut chance = Chance::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut fleet = Fleet::new();
    for round in 1..=kills {
        let mut server = in_directory(&directory).start();
        let mut clients = fleet.connect(&server);
        fleet.settle(&mut clients);
        judge(&fleet, &server);
        let delay = Duration::from_micros(1_000 + chance.below(399_000));
        fleet.write(clients, || {
            std::thread::sleep(delay);
            server.kill();
        });
        let told: usize = fleet.writers.iter().map(|writer| writer.told.len()).sum();
        println!("round {round}: killed after {delay:?}, {told} requests answered so far");
    }
    let mut server = in_directory(&directory).start();
    let mut clients = fleet.connect(&server);
    fleet.settle(&mut clients);
    judge(&fleet, &server);
    for writer in &fleet.writers {
        assert!(!writer.told.is_empty(), "{} was never heard", writer.name);
    }
    drop(clients);
    assert_eq!(server.stop(), Some(0));
}
