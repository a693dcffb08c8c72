//! A server of the world, with what the kit does around it: a callback that panics costs its clients their connections, and
//! the lounge begins again on its journal.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use parlor_core::harness::Harness;
use parlor_core::{Time, engine::Effect};
use parlor_lounge::Lounge;

use crate::disk::Disk;
use crate::fault::Fault;
use crate::settings::Settings;
use crate::shaky::{Asked, Fuse, Shaky};

/// One node. There is one of them in a world today; clients keep the number of theirs.
pub struct Node {
    harness: Option<Harness<Shaky>>,
    disk: Disk,
    settings: Settings,
    pub fuse: Fuse,
    /// The number of starts so far: what is drawn at random is not drawn again after one.
    starts: u64,
    pub wall: Time,
    /// Effects so far.
    pub effects: u64,
    /// Commits wait, answers wait, reads wait.
    pub holds: [bool; 3],
}

thread_local! {
    static IS_SIMULATING: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics of simulated servers out of the output. Others are shown as ever.
pub fn quieten_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if IS_SIMULATING.get() {
            LAST_PANIC.with_borrow_mut(|last| *last = info.to_string());
        } else {
            before(info);
        }
    }));
}

impl Node {
    pub fn new(disk: Disk, settings: &Settings, wall: Time) -> Self {
        let mut node = Node {
            harness: None,
            disk,
            settings: settings.clone(),
            fuse: Fuse::default(),
            starts: 0,
            wall,
            effects: 0,
            holds: [false; 3],
        };
        node.start();
        node
    }

    /// Ends the server without a word, and starts it again on its journal. What was not written is lost.
    pub fn start(&mut self) {
        self.harness = None;
        self.starts += 1;
        self.fuse = Fuse::default();
        self.holds = [false; 3];
        let lounge = Lounge::new(self.settings.lounge());
        let app = Shaky { lounge, fuse: self.fuse.clone() };
        let mut harness = Harness::with_journal(app, self.starts, Box::new(self.disk.clone()));
        harness.set_clock(self.wall);
        self.harness = Some(harness);
    }

    /// Does something with the server. `None`: a callback panicked as the script asked, and the server has begun again.
    pub fn drive<R>(&mut self, what: impl FnOnce(&mut Harness<Shaky>) -> R) -> Result<Option<R>, Fault> {
        let Some(harness) = &mut self.harness else { return Ok(None) };
        IS_SIMULATING.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| what(harness)));
        IS_SIMULATING.set(false);
        self.effects += harness.trace.len() as u64;
        self.wall = harness.now();
        match result {
            Ok(result) => Ok(Some(result)),
            Err(payload) => self.after_panic(&*payload).map(|()| None),
        }
    }

    fn after_panic(&mut self, payload: &(dyn Any + Send)) -> Result<(), Fault> {
        if payload.is::<Asked>() {
            self.start();
            return Ok(());
        }
        let words = LAST_PANIC.with_borrow(String::clone);
        Err(Fault { rule: "no-panic", words })
    }

    /// Takes the effects since the last call.
    pub fn take_effects(&mut self) -> Vec<(Time, Effect)> {
        self.harness.as_mut().map(|harness| std::mem::take(&mut harness.trace)).unwrap_or_default()
    }

    pub fn app(&self) -> Option<&Shaky> {
        self.harness.as_ref().map(Harness::app)
    }

    pub fn harness(&self) -> Option<&Harness<Shaky>> {
        self.harness.as_ref()
    }

    /// Returns whether nothing is held back: then what is asked is answered at once.
    pub fn is_prompt(&self) -> bool {
        self.holds == [false; 3]
    }
}
