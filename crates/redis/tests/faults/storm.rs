//! Three writers at once, while connections are cut, answers are lost, Redis is stopped, killed and started again. What was
//! acknowledged is there once and in its place, what was refused is not there, and all hear one order.

use std::collections::{BTreeMap, BTreeSet};
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
    committed: BTreeMap<u64, String>,
    refused: Vec<String>,
    unknown: u64,
    restored: u64,
    generation: String,
}

impl Witness {
    fn new(name: usize, proxy: &Proxy) -> Self {
        let url = format!("redis://{}", proxy.address);
        let patience = Duration::from_millis([150, 600, 3000][name]);
        let journal = open(&RedisOptions { patience, retain: RETAIN, ..options(&url) });
        let (heard, committed, refused) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let generation = String::new();
        let mut witness =
            Witness { journal, name, last: 0, heard, committed, refused, unknown: 0, restored: 0, generation };
        witness.restore();
        witness
    }

    fn restore(&mut self) {
        let restored = eventually("it begins anew", || self.journal.restore().ok());
        self.last = restored.logs.first().map_or(0, |log| log.head);
        if self.restored > 0 {
            assert_eq!(restored.generation, self.generation, "nothing was lost");
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

fn bring_trouble(chance: &mut Chance, redis: &mut Redis, proxies: &[Proxy], more: impl Fn(u64)) {
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
        _ => redis.restart(),
    }
}

#[test]
fn what_was_acknowledged_is_there_once_whatever_happens() {
    let seed = seed_from("PARLOR_TEST_SEED");
    println!("PARLOR_TEST_SEED={seed}");
    let mut chance = Chance::new(seed);
    let mut redis = synced();
    let proxies: Vec<Proxy> = (0..3).map(|_| Proxy::to(redis.address())).collect();
    let (is_over, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let witnesses: Vec<Witness> = thread::scope(|scope| {
        let (is_over, progress) = (&is_over, &progress);
        let witnesses: Vec<_> = proxies
            .iter()
            .enumerate()
            .map(|(name, proxy)| {
                scope.spawn(move || {
                    let mut witness = Witness::new(name, proxy);
                    let mut next: Range<u64> = 0..u64::MAX;
                    while !is_over.load(Relaxed) {
                        let texts: Vec<String> = next.by_ref().take(1 + name).map(|n| format!("{name}-{n}")).collect();
                        witness.write(&texts);
                        progress.fetch_add(1, Relaxed);
                    }
                    witness
                })
            })
            .collect();
        let more = |by| {
            let before = progress.load(Relaxed);
            wait_until("somebody goes on", || progress.load(Relaxed) > before + by);
        };
        for _ in 0..number_from("REDIS_FAULTS", FAULTS) {
            more(10);
            bring_trouble(&mut chance, &mut redis, &proxies, more);
        }
        more(10);
        is_over.store(true, Relaxed);
        witnesses.into_iter().map(|witness| witness.join().unwrap()).collect()
    });
    let heard = witnesses.iter().map(|witness| witness.heard.len()).max().unwrap();
    let unknown: u64 = witnesses.iter().map(|witness| witness.unknown).sum();
    let begun: u64 = witnesses.iter().map(|witness| witness.restored).sum();
    println!("{heard} records, {unknown} unknown, {begun} beginnings");
    check(&redis, witnesses);
}

fn check(redis: &Redis, witnesses: Vec<Witness>) {
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
    for witness in &witnesses {
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
