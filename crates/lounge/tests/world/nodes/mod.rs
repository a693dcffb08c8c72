//! Several servers on one journal: what their clients see together. Each server hears late of what the others placed, may be
//! killed at any moment, sleep until it has fallen behind, be given up by the others, or lose the answers to its commits.
//!
//! What is counted in memory is each server's own, and is not looked at here: the world of one server does.

mod logs;
mod person;
mod step;
mod world;

use crate::fault::Fault;
use crate::seeds::{Amount, over_seeds};
use step::{Step, plan};
use world::World;

/// Does the steps. Returns the number of effects, and the rule that was broken.
fn run(steps: &[Step]) -> (u64, Option<Fault>) {
    let mut world = World::new();
    let done = steps.iter().try_for_each(|step| world.step(*step)).and_then(|()| world.end());
    (world.effects, done.err())
}

/// Leaves out steps as long as the same rule is broken.
fn shrink(mut steps: Vec<Step>, rule: &str) -> Vec<Step> {
    let mut many = steps.len() / 2;
    while many > 0 {
        let mut at = 0;
        while at < steps.len() {
            let without = [&steps[..at], &steps[(at + many).min(steps.len())..]].concat();
            if run(&without).1.is_some_and(|fault| fault.rule == rule) {
                steps = without;
            } else {
                at += many;
            }
        }
        many /= 2;
    }
    steps
}

/// Tries the seeds. Returns a line about it.
///
/// # Errors
/// The steps of a failing seed, as few as there can be.
pub fn try_seeds(amount: &Amount) -> Result<String, String> {
    over_seeds(
        amount,
        |seed, steps| run(&plan(seed, steps)),
        |seed, at, steps, rule| {
            let steps = shrink(plan(seed, steps), rule);
            let words = run(&steps).1.map(|fault| fault.words).unwrap_or_default();
            let lines: Vec<String> = steps.iter().map(|step| format!("{step:?}")).collect();
            format!(
                "seed {seed} of three servers, number {at}, breaks the rule {rule}:\n{words}\n\n{}",
                lines.join("\n")
            )
        },
    )
}
