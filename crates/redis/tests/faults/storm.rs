//! Three writers at once, while connections are cut, answers are lost, Redis is stopped, killed and started again. What was
//! acknowledged is there once and in its place, what was refused is not there, and all hear one order. If Redis loses some of
//! what it acknowledged, all hear of that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use parlor_core::journal::{End, Journal, Load, Loaded, LogName, Outcome, PageOf};
use parlor_redis::RedisOptions;
use parlor_testkit::chance::{Chance, number_from, seed_from};
use parlor_testkit::proxy::Proxy;
use parlor_testkit::wait_until;

use super::*;

/// Faults, one after the other; each when something has been written since the last. `REDIS_FAULTS` says otherwise.
const FAULTS: u64 = 40;
/// More than are written.
const RETAIN: u64 = 1 << 40;

struct Witness {
    journal: RedisJournal,
    name: usize,
    /// The newest record that it has heard of.
    last: u64,
    heard: BTreeMap<u64, String>,
    /// The events acknowledged under the current generation.
    committed: BTreeMap<u64, String>,
    refused: Vec<String>,
    unknown: u64,
    restored: u64,
    generation: String,
    /// Redis may lose what it acknowledged.
    may_lose: bool,
}

impl Witness {
    fn new(name: usize, proxy: &Proxy, may_lose: bool) -> Self {
        let url = format!("redis://{}", proxy.address);
        let patience = Duration::from_millis([150, 600, 3000][name]);
        let journal = open(&RedisOptions { patience, retain: RETAIN, ..options(&url) });
        let (heard, committed, refused) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let generation = String::new();
        let (last, unknown, restored) = (0, 0, 0);
        let mut witness =
            Witness { journal, name, last, heard, committed, refused, unknown, restored, generation, may_lose };
        witness.restore();
        witness
    }

    fn restore(&mut self) {
        let restored = eventually("it begins anew", || self.journal.restore().ok());
        self.last = restored.logs.first().map_or(0, |log| log.head);
        if self.generation != restored.generation {
            assert!(self.may_lose || self.restored == 0, "nothing was lost");
            self.committed.clear();
            self.heard.clear();
        }
        self.generation = restored.generation;
        self.restored += 1;
    }

    fn hear(&mut self, first: u64, texts: Vec<String>) {
        for (seq, text) in (first..).zip(texts) {
            assert_eq!(seq, self.last + 1, "{} hears {text} after {}", self.name, self.last);
            self.last = seq;
            self.heard.insert(seq, text);
        }
    }

    fn follow(&mut self) -> bool {
        let Ok(followed) = self.journal.follow() else { return false };
        for append in followed.into_iter().flat_map(|followed| followed.appends) {
            let texts = append.records.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
            self.hear(append.placed.first, texts);
        }
        true
    }

    fn write(&mut self, texts: &[String]) {
        let outcomes = self.journal.commit_all(texts.iter().map(|text| append(text)).collect());
        let is_known = self.follow();
        for (outcome, text) in outcomes.into_iter().zip(texts) {
            match outcome {
                Outcome::Committed(placed) => {
                    assert!(is_known, "what stands before is told before an outcome");
                    self.hear(placed[0].first, vec![text.clone()]);
                    self.committed.insert(placed[0].first, text.clone());
                }
                Outcome::Unavailable(_) => self.refused.push(text.clone()),
                Outcome::Unknown(_) => self.unknown += 1,
                Outcome::Conflict => panic!("there is no condition"),
            }
        }
        if !is_known || !self.follow() {
            self.restore();
        }
    }
}

/// Kills Redis, takes what it wrote last away from its file, and starts it again.
fn lose(chance: &mut Chance, redis: &mut Redis) {
    redis.kill();
    let file = fs::File::options().write(true).open(redis.append_file()).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(chance.one_of(&[100, 1000, 10_000, 50_000]))).unwrap();
    redis.start_again();
}

fn bring_trouble(chance: &mut Chance, redis: &mut Redis, proxies: &[Proxy], may_lose: bool, more: impl Fn(u64)) {
    let victim = &proxies[chance.below(3) as usize];
    // The others go on meanwhile: sometimes for longer than its patience, sometimes for longer than its lease.
    let long = chance.one_of(&[10, 10, 10, 100, 500, 3000]);
    match chance.below(8) {
        0 | 1 => victim.cut(),
        2 => proxies.iter().for_each(Proxy::cut),
        3 => {
            victim.swallow_answers(true);
            more(long);
            victim.swallow_answers(false);
            victim.cut();
        }
        4 => {
            victim.hold(true);
            more(long);
            victim.hold(false);
        }
        5 => drop(redis.ask(&["SCRIPT", "FLUSH"])),
        6 => {
            redis.stop(true);
            thread::yield_now();
            redis.stop(false);
        }
        _ if may_lose => lose(chance, redis),
        _ => redis.restart(),
    }
}

#[test]
fn what_was_acknowledged_is_there_once_whatever_happens() {
    let mut redis = synced();
    let (witnesses, _network) = storm(&mut redis, false);
    check(&redis, &witnesses);
}

#[test]
fn what_was_acknowledged_since_the_last_loss_is_there_and_every_loss_is_told() {
    let mut redis = Redis::start();
    let (mut witnesses, _network) = storm(&mut redis, true);
    // All have heard of the last loss when all have written twice, one after the other.
    for round in 0..2 {
        for witness in &mut witnesses {
            let text = format!("{} ends {round}", witness.name);
            let before = witness.committed.len();
            for attempt in 0.. {
                witness.write(&[format!("{text} {attempt}")]);
                if witness.committed.len() > before {
                    break;
                }
            }
        }
    }
    assert!(witnesses.iter().all(|witness| witness.generation == witnesses[0].generation));
    check(&redis, &witnesses);
}

/// Three writers in trouble.
fn storm(redis: &mut Redis, may_lose: bool) -> (Vec<Witness>, Vec<Proxy>) {
    let seed = seed_from("PARLOR_TEST_SEED");
    println!("PARLOR_TEST_SEED={seed}");
    let mut chance = Chance::new(seed);
    let proxies: Vec<Proxy> = (0..3).map(|_| Proxy::to(redis.address())).collect();
    let (is_over, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let write = |mut witness: Witness| {
        let name = witness.name;
        let mut next: Range<u64> = 0..u64::MAX;
        while !is_over.load(Relaxed) {
            let texts: Vec<String> = next.by_ref().take(1 + name).map(|n| format!("{name}-{n}")).collect();
            witness.write(&texts);
            progress.fetch_add(1, Relaxed);
        }
        witness
    };
    let write = &write;
    let begun = proxies.iter().enumerate().map(|(name, proxy)| Witness::new(name, proxy, may_lose));
    let witnesses: Vec<Witness> = thread::scope(|scope| {
        let begun: Vec<Witness> = begun.collect();
        let witnesses: Vec<_> = begun.into_iter().map(|witness| scope.spawn(move || write(witness))).collect();
        let more = |by| {
            let before = progress.load(Relaxed);
            wait_until("somebody goes on", || progress.load(Relaxed) > before + by);
        };
        for _ in 0..number_from("REDIS_FAULTS", FAULTS) {
            more(10);
            bring_trouble(&mut chance, redis, &proxies, may_lose, more);
        }
        more(10);
        is_over.store(true, Relaxed);
        witnesses.into_iter().map(|witness| witness.join().unwrap()).collect()
    });
    let heard = witnesses.iter().map(|witness| witness.heard.len()).max().unwrap();
    let unknown: u64 = witnesses.iter().map(|witness| witness.unknown).sum();
    let begun: u64 = witnesses.iter().map(|witness| witness.restored).sum();
    println!("{heard} records, {unknown} unknown, {begun} beginnings");
    (witnesses, proxies)
}

fn check(redis: &Redis, witnesses: &[Witness]) {
    let mut reader = open(&RedisOptions { retain: RETAIN, ..options(&redis.url()) });
    let mut records = BTreeMap::new();
    loop {
        let (log, after) = (LogName::new("room/tea"), records.len() as u64);
        let of = PageOf { log, after, before: u64::MAX, end: End::Oldest, limit: 1000, bytes: usize::MAX };
        let Loaded::Page(page) = reader.load(Load::Page(of)) else { panic!("unavailable") };
        let texts: Vec<String> = page.texts().map(|text| text.into_owned()).collect();
        records.extend(page.records.iter().map(|(seq, _)| *seq).zip(texts));
        if !page.more {
            break;
        }
    }
    let written: BTreeSet<&String> = records.values().collect();
    assert_eq!(written.len(), records.len(), "nothing is there twice");
    let mut all = BTreeMap::new();
    for witness in witnesses {
        assert!(!witness.committed.is_empty());
        for (seq, text) in &witness.committed {
            assert_eq!(records.get(seq), Some(text), "{seq} {text} was acknowledged");
        }
        for (seq, text) in &witness.heard {
            let first = all.entry(*seq).or_insert_with(|| text.clone());
            assert_eq!(first, text, "number {seq} is one record for all");
        }
        assert!(witness.refused.iter().all(|text| !all.values().any(|heard| heard == text)), "refused and heard");
        assert!(witness.refused.iter().all(|text| !written.contains(text)), "refused and written");
    }
    let all_texts: BTreeSet<&String> = all.values().collect();
    assert_eq!(all_texts.len(), all.len(), "nothing was heard under two numbers");
}
