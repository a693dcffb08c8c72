//! Steady load: the server serves it without growing. `PARLOR_TEST_SOAK` is how many seconds it lasts.

use std::time::Duration;

use parlor_testkit::chance::number_from;

use super::in_directory;
use parlor_testkit::fleet::{Fleet, judge};

const PARTS: u64 = 4;
/// The memory that later parts may need beyond the first, which fills every window and cache.
const GROWTH_BYTES_MAX: usize = 32 << 20;

#[test]
fn steady_load_loses_nothing_and_memory_stays() {
    let seconds = number_from("PARLOR_TEST_SOAK", 4);
    let directory = tempfile::tempdir().unwrap();
    let mut server = in_directory(&directory).start();
    let mut fleet = Fleet::new();
    let mut held = Vec::new();
    for _ in 0..PARTS {
        let mut clients = fleet.connect(server.address);
        fleet.write_for(&mut clients, Duration::from_millis(seconds * 1000 / PARTS));
        fleet.settle(&mut clients);
        held.push(server.resident_bytes());
    }
    let told: usize = fleet.writers.iter().map(|writer| writer.told.len()).sum();
    println!("{told} requests answered; MiB held: {:?}", held.iter().map(|bytes| bytes >> 20).collect::<Vec<_>>());
    assert!(held[PARTS as usize - 1] < held[0] + GROWTH_BYTES_MAX, "{held:?}");
    judge(&fleet, server.address);
    assert_eq!(server.stop(), Some(0));
}
