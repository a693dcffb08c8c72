//! Random clients against a naive model of what they may see.

mod actor;
mod tokens;
mod world;

use proptest::prelude::*;

use world::World;

/// Something that happens. Actors, rooms and names are numbered.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Comes as a stranger, or as who the actor was.
    Come {
        actor: usize,
        again: bool,
    },
    /// Comes with the token of another: two sessions of one user.
    ComeAs {
        actor: usize,
        other: usize,
    },
    Drop {
        actor: usize,
    },
    Join {
        actor: usize,
        room: usize,
        since: bool,
    },
    Leave {
        actor: usize,
        room: usize,
    },
    Say {
        actor: usize,
        room: usize,
        /// The same key is used by several.
        key: Option<u8>,
    },
    Tell {
        actor: usize,
        to: usize,
        /// The same key is used by several.
        key: Option<u8>,
    },
    Inbox {
        actor: usize,
    },
    Rename {
        actor: usize,
        name: usize,
    },
    /// Signs out everywhere.
    SignOut {
        actor: usize,
    },
    /// Asks for a token for another device.
    Transfer {
        actor: usize,
    },
    /// Comes with a token that another has asked for.
    ComeOver {
        actor: usize,
        from: usize,
    },
    Count {
        actor: usize,
    },
    Sit {
        actor: usize,
    },
    Play {
        actor: usize,
        column: u8,
    },
    Typing {
        actor: usize,
        room: usize,
    },
    Pass {
        millis: u64,
    },
    Hold,
    Release {
        fails: bool,
    },
    /// Holds the outcomes of commits; pages are on their way, or are read later.
    HoldBack {
        answers: bool,
        reads: Option<bool>,
    },
    LetOut {
        answers: bool,
    },
    Fault {
        on: bool,
    },
    /// Everything is written, everybody's grace is over: what is seen must be what is.
    Settle,
    /// The server is started again on its journal.
    Restart,
}

const ACTORS: usize = 6;

fn step() -> impl Strategy<Value = Step> {
    let actor = 0..ACTORS;
    let room = 0..world::ROOMS.len();
    prop_oneof![
        6 => (actor.clone(), any::<bool>()).prop_map(|(actor, again)| Step::Come { actor, again }),
        2 => (actor.clone(), 0..ACTORS).prop_map(|(actor, other)| Step::ComeAs { actor, other }),
        4 => actor.clone().prop_map(|actor| Step::Drop { actor }),
        10 => (actor.clone(), room.clone(), any::<bool>())
            .prop_map(|(actor, room, since)| Step::Join { actor, room, since }),
        4 => (actor.clone(), room.clone()).prop_map(|(actor, room)| Step::Leave { actor, room }),
        14 => (actor.clone(), room.clone(), proptest::option::of(0..4u8))
            .prop_map(|(actor, room, key)| Step::Say { actor, room, key }),
        10 => (actor.clone(), 0..ACTORS, proptest::option::weighted(0.8, 0..2u8))
            .prop_map(|(actor, to, key)| Step::Tell { actor, to, key }),
        2 => actor.clone().prop_map(|actor| Step::Inbox { actor }),
        3 => (actor.clone(), 0..3usize).prop_map(|(actor, name)| Step::Rename { actor, name }),
        3 => actor.clone().prop_map(|actor| Step::SignOut { actor }),
        3 => actor.clone().prop_map(|actor| Step::Transfer { actor }),
        4 => (actor.clone(), 0..ACTORS).prop_map(|(actor, from)| Step::ComeOver { actor, from }),
        6 => actor.clone().prop_map(|actor| Step::Count { actor }),
        3 => actor.clone().prop_map(|actor| Step::Sit { actor }),
        10 => (actor.clone(), 0..7u8).prop_map(|(actor, column)| Step::Play { actor, column }),
        1 => (actor, room).prop_map(|(actor, room)| Step::Typing { actor, room }),
        4 => (0..12_000u64).prop_map(|millis| Step::Pass { millis }),
        4 => Just(Step::Hold),
        5 => prop::bool::weighted(0.3).prop_map(|fails| Step::Release { fails }),
        4 => any::<(bool, Option<bool>)>().prop_map(|(answers, reads)| Step::HoldBack { answers, reads }),
        4 => any::<bool>().prop_map(|answers| Step::LetOut { answers }),
        2 => any::<bool>().prop_map(|on| Step::Fault { on }),
        2 => Just(Step::Settle),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #[test]
    fn everybody_sees_one_world(steps in prop::collection::vec(step(), 1..150)) {
        let mut world = World::new(ACTORS);
        for step in &steps {
            world.step(*step);
        }
        world.end();
    }

    #[test]
    fn the_same_steps_have_the_same_effects(steps in prop::collection::vec(step(), 1..80)) {
        let run = || {
            let mut world = World::new(ACTORS);
            steps.iter().for_each(|step| world.step(*step));
            world.into_trace()
        };
        prop_assert!(run() == run());
    }
}
