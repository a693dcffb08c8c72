//! From a seed to a script. A plan has no feedback from the run: what it writes down is all there is.

mod bounds;
mod dice;
mod requests;

use std::collections::BTreeSet;
use std::time::Duration;

pub use dice::Dice;

use crate::script::Script;
use crate::settings::Settings;
use crate::shaky::CALLBACKS;
use crate::step::{Act, JournalStep, Step};

/// Clients that keep the protocol; the others don't, or not always.
const FRIENDS: [&str; 4] = ["ann", "bob", "cid", "dan"];
const OTHERS: [&str; 3] = ["eve", "flo", "mal"];

/// Makes the script of a seed.
pub fn plan(seed: u64, steps: usize) -> Script {
    let mut plan = Plan { dice: Dice::new(seed), number: 0, steps: Vec::new(), troubles: Troubles::default() };
    let settings = plan.settings();
    plan.open();
    while plan.steps.len() < steps {
        plan.more();
    }
    Script { settings, steps: plan.steps }
}

struct Plan {
    dice: Dice,
    /// Makes texts that are said once.
    number: u64,
    steps: Vec<Step>,
    troubles: Troubles,
}

/// How much of what goes on: a run with every fault at once gets nothing done.
#[derive(Default)]
struct Troubles {
    journal: bool,
    panics: bool,
    kills: bool,
    clock: bool,
    malice: bool,
    long_times: bool,
}

impl Plan {
    /// Half of the runs have the defaults, but for small windows. In the others some settings are at their bounds.
    fn settings(&mut self) -> Settings {
        let dice = &mut self.dice;
        let mut settings = Settings::default();
        if dice.one_in(4) {
            return settings;
        }
        let windows = [("window_events", [0, 1, 3]), ("page_events", [1, 3, 6]), ("recover_events", [1, 4, 10])];
        for (name, values) in windows {
            settings.set(name, dice.one_of(&values));
        }
        for (name, values) in bounds::SETTINGS {
            if dice.one_in(5) {
                settings.set(name, dice.one_of(values));
            }
        }
        if settings.0.contains_key("retain") {
            settings.set("inbox_events", settings.get("retain"));
        }
        settings
    }

    /// The rooms, and who begins.
    fn open(&mut self) {
        let dice = &mut self.dice;
        self.troubles = Troubles {
            journal: dice.one_in(2),
            panics: dice.one_in(4),
            kills: dice.one_in(3),
            clock: dice.one_in(4),
            malice: dice.one_in(2),
            long_times: dice.one_in(3),
        };
        for client in FRIENDS {
            self.client(client, Act::Connect);
        }
        for request in [
            r#"{"type":"create","kind":"counter","room":"tally"}"#,
            r#"{"type":"create","kind":"connect4","room":"table"}"#,
            r#"{"type":"create","kind":"connect4","room":"den","unlisted":true}"#,
            r#"{"type":"create","kind":"chat","room":"nook","unlisted":true}"#,
        ] {
            if self.dice.one_in(2) {
                self.client("ann", Act::Ask(request.to_owned()));
            }
        }
    }

    fn client(&mut self, client: &str, act: Act) {
        self.steps.push(Step::Client(client.to_owned(), act));
    }

    fn more(&mut self) {
        match self.dice.below(100) {
            0..70 => self.somebody_asks(),
            70..84 => self.somebody_moves(),
            84..90 => self.time(),
            90..97 => self.fault(),
            97..98 => self.steps.push(Step::Settle),
            _ if self.troubles.malice => self.malice(),
            _ => self.somebody_asks(),
        }
    }

    fn somebody(&mut self) -> &'static str {
        if self.dice.one_in(6) { self.dice.one_of(&OTHERS) } else { self.dice.one_of(&FRIENDS) }
    }

    fn somebody_asks(&mut self) {
        let who = self.somebody();
        self.number += 1;
        let request = requests::request(&mut self.dice, who, self.number);
        let is_harmless = ["say", "tell", "typing", "count", "ping"]
            .iter()
            .any(|kind| request.contains(&format!(r#""type":"{kind}""#)));
        let act = match self.dice.below(40) {
            0 if is_harmless => Act::Murmur(request),
            1 if who == "flo" => Act::Flood(2 + self.dice.below(400) as u32, request),
            _ => Act::Ask(request),
        };
        self.client(who, act);
    }

    fn somebody_moves(&mut self) {
        let who = self.somebody();
        let act = match self.dice.below(20) {
            0..3 => Act::Connect,
            3..10 => Act::ComeBack,
            10..12 => Act::ComeAs(self.dice.one_of(&FRIENDS).to_owned()),
            12..15 => Act::Drop,
            15..17 => Act::StopReading,
            _ => Act::Read,
        };
        if matches!(&act, Act::ComeAs(other) if other == who) {
            return self.client(who, Act::ComeBack);
        }
        self.client(who, act);
    }

    fn time(&mut self) {
        let millis = match self.dice.below(20) {
            0..8 => self.dice.below(2000),
            8..16 => self.dice.below(15_000),
            16..18 => self.dice.below(90_000),
            // Between the bounds of what is kept for a while.
            18 => 60_000 * self.dice.one_of(&[3, 11, 15, 31, 45]),
            _ if self.troubles.long_times => self.dice.below(2 * 3_600_000),
            _ => self.dice.below(400_000),
        };
        if millis > 100_000 {
            // Ticks of hours say no more than those of minutes.
            for client in FRIENDS.iter().chain(&OTHERS) {
                self.client(client, Act::Ask(r#"{"type":"unwatch_time"}"#.to_owned()));
            }
        }
        self.steps.push(Step::Pass(Duration::from_millis(millis)));
    }

    fn fault(&mut self) {
        const HOLDS: [JournalStep; 12] = [
            JournalStep::RefuseWrites,
            JournalStep::GoDown,
            JournalStep::Work,
            JournalStep::Wait,
            JournalStep::Write,
            JournalStep::FailBatch,
            JournalStep::HoldAnswers,
            JournalStep::GiveAnswers,
            JournalStep::HoldReads,
            JournalStep::PutOffReads,
            JournalStep::GiveReads,
            JournalStep::Tidy,
        ];
        let step = match self.dice.below(12) {
            0..6 if self.troubles.journal => Step::Journal(self.dice.one_of(&HOLDS)),
            6..8 if self.troubles.panics => Step::Panic(self.dice.below(CALLBACKS.len() as u64) as usize),
            8..10 if self.troubles.kills => Step::Kill(match self.dice.below(4) {
                0 | 1 => Duration::ZERO,
                2 => Duration::from_secs(3600 * (1 + self.dice.below(48))),
                _ => Duration::from_secs(86_400 * (1 + self.dice.below(200))),
            }),
            10 if self.troubles.clock => Step::SetClock {
                forward: self.dice.one_in(2),
                by: Duration::from_millis(match self.dice.below(3) {
                    0 => self.dice.below(5000),
                    1 => self.dice.below(86_400_000),
                    _ => self.dice.below(400 * 86_400_000),
                }),
            },
            _ => Step::Journal(JournalStep::Tidy),
        };
        let ends_everything = matches!(step, Step::Kill(_));
        self.steps.push(step);
        if ends_everything {
            for client in FRIENDS {
                if self.dice.one_in(2) {
                    self.client(client, Act::ComeBack);
                }
            }
        }
    }

    fn malice(&mut self) {
        let act = match self.dice.below(8) {
            0 => Act::Send(self.dice.one_of(bounds::JUNK).to_owned()),
            1 => Act::SendBytes((0..self.dice.below(6)).map(|_| self.dice.below(256) as u8).collect()),
            _ => {
                self.number += 1;
                let request = requests::request(&mut self.dice, "mal", self.number);
                Act::Ask(bounds::spoil(&mut self.dice, &request))
            }
        };
        let who: BTreeSet<&str> = ["mal", self.dice.one_of(&OTHERS)].into();
        for who in who {
            if self.dice.one_in(3) {
                self.client(who, Act::Connect);
            }
            self.client(who, act.clone());
        }
    }
}
