//! Makes a failing script short: fewer clients, fewer steps, shorter times, fewer settings, as long as it breaks the same rule.

use std::time::Duration;

use crate::script::Script;
use crate::step::{Act, Step};
use crate::world::run;

struct Shrinking {
    best: Script,
    rule: &'static str,
    runs_left: u64,
}

/// Takes at most so many runs.
pub fn shrink(script: &Script, rule: &'static str, runs: u64) -> Script {
    let mut shrinking = Shrinking { best: script.clone(), rule, runs_left: runs };
    loop {
        let before = shrinking.best.clone();
        shrinking.cut_tail();
        shrinking.drop_clients();
        shrinking.drop_steps();
        shrinking.simplify_steps();
        shrinking.drop_settings();
        if shrinking.best == before || shrinking.runs_left == 0 {
            return shrinking.best;
        }
    }
}

impl Shrinking {
    /// Keeps a script if it fails too.
    fn try_one(&mut self, script: Script) -> bool {
        if self.runs_left == 0 {
            return false;
        }
        self.runs_left -= 1;
        let fails = run(&script).fault.is_some_and(|(_, fault)| fault.rule == self.rule);
        if fails {
            self.best = script;
        }
        fails
    }

    fn with_steps(&self, steps: Vec<Step>) -> Script {
        Script { settings: self.best.settings.clone(), steps }
    }

    /// What comes after the fault is of no interest.
    fn cut_tail(&mut self) {
        if let Some((at, _)) = run(&self.best).fault
            && at + 1 < self.best.steps.len()
        {
            self.try_one(self.with_steps(self.best.steps[..=at].to_vec()));
        }
    }

    fn drop_clients(&mut self) {
        for client in self.best.clients() {
            let others = |step: &&Step| !matches!(step, Step::Client(name, _) if *name == client);
            self.try_one(self.with_steps(self.best.steps.iter().filter(others).cloned().collect()));
        }
    }

    /// Delta debugging: ever smaller parts are left out.
    fn drop_steps(&mut self) {
        let mut size = self.best.steps.len() / 2;
        while size > 0 {
            let mut from = 0;
            while from < self.best.steps.len() {
                let until = (from + size).min(self.best.steps.len());
                let mut steps = self.best.steps.clone();
                steps.drain(from..until);
                if !self.try_one(self.with_steps(steps)) {
                    from = until;
                }
            }
            size /= 2;
        }
    }

    fn simplify_steps(&mut self) {
        for at in 0..self.best.steps.len() {
            for simpler in simpler(&self.best.steps[at]) {
                let mut steps = self.best.steps.clone();
                steps[at] = simpler;
                if self.try_one(self.with_steps(steps)) {
                    break;
                }
            }
        }
    }

    fn drop_settings(&mut self) {
        for name in self.best.settings.0.keys().cloned().collect::<Vec<_>>() {
            let mut script = self.best.clone();
            script.settings.0.remove(&name);
            self.try_one(script);
        }
    }
}

/// Simpler steps, the simplest first.
fn simpler(step: &Step) -> Vec<Step> {
    let shorter = |time: &Duration| {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let times = [1, 1000, 10_000, 60_000, 3_600_000, 86_400_000, millis / 2, millis / 1000 * 1000];
        times
            .into_iter()
            .filter(|shorter| *shorter < millis && *shorter > 0)
            .map(Duration::from_millis)
            .collect::<Vec<_>>()
    };
    match step {
        Step::Pass(time) => shorter(time).into_iter().map(Step::Pass).collect(),
        Step::Kill(off) if !off.is_zero() => [Duration::ZERO].into_iter().chain(shorter(off)).map(Step::Kill).collect(),
        Step::SetClock { forward, by } => {
            shorter(by).into_iter().map(|by| Step::SetClock { forward: *forward, by }).collect()
        }
        Step::Client(client, Act::Flood(times, request)) => {
            let fewer = [times / 2, times / 4 * 3, times - 1].into_iter().filter(|fewer| *fewer > 0 && fewer < times);
            let one = Step::Client(client.clone(), Act::Ask(request.clone()));
            let many = fewer.map(|fewer| Step::Client(client.clone(), Act::Flood(fewer, request.clone())));
            [one].into_iter().chain(many).collect()
        }
        Step::Client(client, Act::ComeBack | Act::ComeAs(_)) => vec![Step::Client(client.clone(), Act::Connect)],
        Step::Client(..) | Step::Kill(_) | Step::Journal(_) | Step::Panic(_) | Step::Settle => Vec::new(),
    }
}
