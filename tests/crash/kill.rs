//! `kill -9` at random instants. `PARLOR_TEST_SEED` repeats the instants of a run; `PARLOR_TEST_SEEDS` is how many seeds are
//! tried, one after the other, each from an empty journal on.

use std::time::Duration;

use parlor_testkit::chance::{Chance, number_from, seed_from};

use super::in_directory;
use parlor_testkit::fleet::{Fleet, judge};

const KILLS: u32 = 20;

#[test]
fn nothing_acknowledged_is_lost() {
    let first = seed_from("PARLOR_TEST_SEED");
    for seed in first..first + number_from("PARLOR_TEST_SEEDS", 1) {
        println!("PARLOR_TEST_SEED={seed} repeats the instants");
        kill_again_and_again(seed);
    }
}

fn kill_again_and_again(seed: u64) {
    let mut chance = Chance::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut fleet = Fleet::new();
    for round in 1..=KILLS {
        let mut server = in_directory(&directory).start();
        let mut clients = fleet.connect(server.address);
        fleet.settle(&mut clients);
        judge(&fleet, server.address);
        let delay = Duration::from_micros(1_000 + chance.below(399_000));
        fleet.write(clients, || {
            std::thread::sleep(delay);
            server.kill();
        });
        let told: usize = fleet.writers.iter().map(|writer| writer.told.len()).sum();
        println!("round {round}: killed after {delay:?}, {told} requests answered so far");
    }
    let mut server = in_directory(&directory).start();
    let mut clients = fleet.connect(server.address);
    fleet.settle(&mut clients);
    judge(&fleet, server.address);
    for writer in &fleet.writers {
        assert!(!writer.told.is_empty(), "{} was never heard", writer.name);
    }
    drop(clients);
    assert_eq!(server.stop(), Some(0));
}
