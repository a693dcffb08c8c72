//! The steps of a world with several servers, and a seed's list of them.

use crate::plan::Dice;

pub const NODES: usize = 3;
pub const PEOPLE: usize = 6;
pub const ROOMS: [&str; 4] = ["lobby", "tea", "tally", "table"];
pub const TALLY: &str = "tally";
pub const TABLE: &str = "table";
const NAMES: [&str; 3] = ["Ann", "ＡＮＮ", "Bob"];

/// Something that happens. People, servers and rooms are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Comes to a server, as who they were if they have been anywhere.
    Come {
        who: usize,
        node: usize,
    },
    /// Comes as somebody else: two sessions of one user, perhaps on two servers.
    ComeAs {
        who: usize,
        other: usize,
        node: usize,
    },
    Drop {
        who: usize,
    },
    Join {
        who: usize,
        room: usize,
        since: bool,
    },
    Say {
        who: usize,
        room: usize,
        key: Option<u64>,
    },
    Tell {
        who: usize,
        to: usize,
        key: Option<u64>,
    },
    Count {
        who: usize,
    },
    Sit {
        who: usize,
    },
    Play {
        who: usize,
        column: u64,
    },
    Rename {
        who: usize,
        name: &'static str,
    },
    SignOut {
        who: usize,
    },
    /// A server hears what others have placed.
    Follow {
        node: usize,
    },
    /// A server's commits are on their way; `answers`: they are written, and their answers are on their way.
    Hold {
        node: usize,
        answers: bool,
    },
    LetGo {
        node: usize,
    },
    /// The others think that a server has ended.
    Expire {
        node: usize,
    },
    /// A server's commits are written, and their answers are lost.
    LoseAnswers {
        node: usize,
        loses: bool,
    },
    /// A server ends without a word, and starts again.
    Kill {
        node: usize,
    },
    /// Somewhere there is a copy of the journal from now on…
    Copy,
    /// …which takes its place: what was written since is lost.
    PutBack,
    Pass {
        millis: u64,
    },
}

/// Returns the steps of a seed.
pub fn plan(seed: u64, steps: usize) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let mut all: Vec<Step> = (0..PEOPLE).map(|who| Step::Come { who, node: who % NODES }).collect();
    all.extend((0..steps).map(|_| step(&mut dice)));
    all
}

fn step(dice: &mut Dice) -> Step {
    let who = dice.below(PEOPLE as u64) as usize;
    let other = dice.below(PEOPLE as u64) as usize;
    let node = dice.below(NODES as u64) as usize;
    let room = dice.below(ROOMS.len() as u64) as usize;
    let mut key = |of: u64| (!dice.one_in(3)).then(|| dice.below(of));
    let (said, told) = (key(4), key(3));
    match dice.below(100) {
        0..8 => Step::Come { who, node },
        8..12 => Step::ComeAs { who, other, node },
        12..15 => Step::Drop { who },
        15..29 => Step::Join { who, room, since: !dice.one_in(3) },
        29..44 => Step::Say { who, room, key: said },
        44..52 => Step::Tell { who, to: other, key: told },
        52..58 => Step::Count { who },
        58..62 => Step::Sit { who },
        62..70 => Step::Play { who, column: dice.below(7) },
        70..74 => Step::Rename { who, name: dice.one_of(&NAMES) },
        74..76 => Step::SignOut { who },
        76..88 => Step::Follow { node },
        88..91 => Step::Hold { node, answers: dice.one_in(2) },
        91..94 => Step::LetGo { node },
        94 => Step::LoseAnswers { node, loses: !dice.one_in(3) },
        95 => Step::LoseAnswers { node, loses: false },
        96 if dice.one_in(3) => Step::Expire { node },
        96 => Step::Kill { node },
        97 if dice.one_in(3) => Step::PutBack,
        97 => Step::Copy,
        _ => Step::Pass { millis: dice.one_of(&[1, 500, 20_000, 700_000]) },
    }
}
