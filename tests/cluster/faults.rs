//! Servers that die or sleep, and a Redis that does, under load. `PARLOR_TEST_SEED` repeats a run's choices;
//! `PARLOR_TEST_FAULTS` is how many there are.

use std::ops::Range;
use std::thread::sleep;
use std::time::{Duration, Instant};

use parlor_testkit::chance::{Chance, number_from, seed_from};
use parlor_testkit::fleet::{Doors, Fleet, judge};
use parlor_testkit::process::Signal;

use super::cluster::Cluster;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug)]
enum Fault {
    KillServer,
    KillRedis,
    /// For less than the patience, or for longer.
    StopRedis(u64),
    /// For longer than its lease, or not.
    StopServer(u64),
    CutFromRedis,
    /// Nothing passes between a server and Redis, and no connection ends.
    HoldFromRedis(u64),
    /// Requests reach Redis, and no answer comes.
    SwallowAnswers(u64),
    ForgetScripts,
}

const SHORT: [Fault; 7] = [
    Fault::KillServer,
    Fault::KillRedis,
    Fault::CutFromRedis,
    Fault::SwallowAnswers(300),
    Fault::StopRedis(500),
    Fault::HoldFromRedis(700),
    Fault::ForgetScripts,
];

const LONG: [Fault; 6] = [
    Fault::StopRedis(5_000),
    Fault::StopServer(2_000),
    Fault::StopServer(22_000),
    Fault::HoldFromRedis(5_000),
    Fault::HoldFromRedis(20_000),
    Fault::SwallowAnswers(4_000),
];

impl Cluster {
    fn suffer(&mut self, fault: Fault, chance: &mut Chance, doors: &Doors) {
        let node = chance.below(self.nodes.len() as u64) as usize;
        match fault {
            Fault::KillServer => self.kill(node, doors),
            Fault::KillRedis => self.redis.restart(),
            Fault::StopRedis(millis) => {
                self.redis.stop(true);
                sleep(Duration::from_millis(millis));
                self.redis.stop(false);
            }
            Fault::StopServer(millis) => {
                let server = &self.nodes[node].server;
                let address = server.address;
                doors.lock().unwrap().retain(|door| *door != address);
                server.signal(Signal::STOP);
                sleep(Duration::from_millis(millis));
                server.signal(Signal::CONT);
                doors.lock().unwrap().push(address);
            }
            Fault::CutFromRedis => self.nodes[node].network.cut(),
            Fault::HoldFromRedis(millis) => {
                self.nodes[node].network.hold(true);
                sleep(Duration::from_millis(millis));
                self.nodes[node].network.hold(false);
            }
            Fault::SwallowAnswers(millis) => {
                self.nodes[node].network.swallow_answers(true);
                sleep(Duration::from_millis(millis));
                self.nodes[node].network.cut();
                self.nodes[node].network.swallow_answers(false);
            }
            Fault::ForgetScripts => {
                self.redis.ask(&["SCRIPT", "FLUSH"]);
            }
        }
    }

    /// All come, settle, and find what they were told; each server tells the same, and of nobody who is not there.
    fn judge(&self, fleet: &mut Fleet) {
        self.wait_until_ready();
        let mut clients = fleet.connect_to(&self.addresses());
        fleet.settle(&mut clients);
        for address in self.addresses() {
            judge(fleet, address);
        }
        let on: Vec<String> = fleet.writers.iter().filter_map(|writer| writer.user.clone()).collect();
        self.wait_until_on(&on);
    }
}

/// Faults that one cluster lives through. The logs grow, and so does the time that they are judged in.
const LIFE: u64 = 20;

/// Faults of these kinds, one after the other, under load.
fn live_through(mut faults: impl FnMut(&mut Chance) -> Fault, many: u64) {
    let seed = seed_from("PARLOR_TEST_SEED");
    println!("PARLOR_TEST_SEED={seed} repeats the choices");
    let mut chance = Chance::new(seed);
    for first in (1..=many).step_by(LIFE as usize) {
        live(&mut faults, &mut chance, first..(first + LIFE).min(many + 1));
    }
}

fn live(faults: &mut impl FnMut(&mut Chance) -> Fault, chance: &mut Chance, numbers: Range<u64>) {
    let mut cluster = Cluster::start(3);
    let mut fleet = Fleet::new();
    fleet.loses_answers = true;
    fleet.begin(&cluster.addresses());
    let doors = cluster.doors();
    for number in numbers {
        let (fault, before, after) = (faults(chance), chance.below(300), chance.below(500));
        let (begun, seed) = (Instant::now(), chance.below(1 << 30));
        fleet.roam(&doors, seed, || {
            sleep(Duration::from_millis(before));
            cluster.suffer(fault, chance, &doors);
            sleep(Duration::from_millis(after));
        });
        let suffered = begun.elapsed();
        cluster.judge(&mut fleet);
        let told: usize = fleet.writers.iter().map(|writer| writer.told.len()).sum();
        println!("{number}: {fault:?} for {suffered:?}, judged after {:?}; {told} answers so far", begun.elapsed());
    }
    for writer in &fleet.writers {
        assert!(!writer.told.is_empty(), "{} was never heard", writer.name);
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_and_no_ghost_stays() {
    let mut kinds = SHORT.into_iter().cycle();
    live_through(|_| kinds.next().unwrap(), SHORT.len() as u64);
}

/// A part of `./test.sh --long`: `PARLOR_TEST_FAULTS=200`.
#[test]
fn so_it_is_over_many_random_faults() {
    let many = number_from("PARLOR_TEST_FAULTS", 0);
    if many > 0 {
        let all = [&SHORT[..], &LONG[..]].concat();
        live_through(|chance| chance.one_of(&all), many);
    }
}
