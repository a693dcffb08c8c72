//! Many seeds, on all processors, until there are enough of them or the time is over.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parlor_testkit::chance::number_from;

use crate::fault::Fault;
use crate::plan::plan;
use crate::script::Script;
use crate::shrink::shrink;
use crate::world::run;

/// How much to try; from the environment.
pub struct Amount {
    first: u64,
    seeds: u64,
    steps: usize,
    time: Duration,
    /// Runs that shrinking one script may take.
    shrinking: u64,
}

impl Amount {
    /// `WORLD_SEED` is the first seed, and the only one unless `WORLD_SEEDS` says how many; `WORLD_STEPS` the steps of each;
    /// `WORLD_SECONDS` the time after which no more are begun; `WORLD_SHRINK` the runs that shrinking may take.
    pub fn from_environment() -> Self {
        let is_one = std::env::var_os("WORLD_SEED").is_some();
        Amount {
            first: number_from("WORLD_SEED", 0),
            seeds: number_from("WORLD_SEEDS", if is_one { 1 } else { 2000 }),
            steps: usize::try_from(number_from("WORLD_STEPS", 150)).unwrap_or(150),
            time: Duration::from_secs(number_from("WORLD_SECONDS", 60)),
            shrinking: number_from("WORLD_SHRINK", 4000),
        }
    }
}

/// Tries the seeds. Returns a line about it.
///
/// # Errors
/// A failing seed for each rule that was broken, as a script that is as short as it gets.
pub fn try_seeds(amount: &Amount) -> Result<String, String> {
    over_seeds(
        amount,
        |seed, steps| {
            let ran = run(&plan(seed, steps));
            (ran.effects, ran.fault.map(|(_, fault)| fault))
        },
        |seed, at, steps, rule| report(seed, at, &shrink(&plan(seed, steps), rule, amount.shrinking)),
    )
}

/// Runs seeds. Returns a line about it. `run`: of a seed and a number of steps, returns the number of effects and the rule that
/// was broken. `report`: on a seed, the number of seeds tried before, the steps and the rule.
///
/// # Errors
/// A report for each rule that was broken.
#[expect(clippy::disallowed_methods, reason = "the time that a run may take is the caller's, not the world's")]
pub fn over_seeds(
    amount: &Amount,
    run: impl Fn(u64, usize) -> (u64, Option<Fault>) + Sync,
    report: impl Fn(u64, u64, usize, &'static str) -> String,
) -> Result<String, String> {
    let begun = Instant::now();
    let (next, done, effects) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let failed: Mutex<BTreeMap<&'static str, (u64, u64)>> = Mutex::default();
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let is_over = number >= amount.seeds || begun.elapsed() >= amount.time;
                    // Other rules that are broken show themselves soon, or another time.
                    let is_enough = failed.lock().unwrap().values().map(|(_, at)| at * 2 + 100).min();
                    if is_over || is_enough.is_some_and(|enough| number > enough) {
                        return;
                    }
                    let seed = amount.first + number;
                    let (ran, fault) = run(seed, amount.steps);
                    let before = done.fetch_add(1, Ordering::Relaxed);
                    effects.fetch_add(ran, Ordering::Relaxed);
                    if let Some(fault) = fault {
                        failed.lock().unwrap().entry(fault.rule).or_insert((seed, before + 1));
                    }
                }
            });
        }
    });
    let (done, effects, seconds) = (done.into_inner(), effects.into_inner(), begun.elapsed().as_secs_f64());
    let failed = failed.into_inner().unwrap();
    if failed.is_empty() {
        let a_second = effects as f64 / seconds;
        return Ok(format!("{done} seeds from {}, {effects} events, {a_second:.0} events a second", amount.first));
    }
    let reports = failed.into_iter().map(|(rule, (seed, at))| report(seed, at, amount.steps, rule));
    Err(reports.collect::<Vec<_>>().join("\n\n"))
}

/// `at`: how many seeds had been tried.
fn report(seed: u64, at: u64, script: &Script) -> String {
    let fault = run(script).fault.map(|(_, fault)| fault);
    let (rule, words) = fault.map(|fault| (fault.rule, fault.words)).unwrap_or_default();
    format!(
        "seed {seed}, number {at}, breaks the rule {rule}:\n{words}\n\nThe shortest script that does so, for a file \
         in tests/world/regressions:\n\n# {rule}\n{script}"
    )
}
