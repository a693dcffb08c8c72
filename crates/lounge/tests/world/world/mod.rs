//! The world: nodes on one journal, clients, and the model of what they may see. It does the steps of a script.

mod fill;
mod last_look;
mod look;
mod send;
mod settle;
mod time;

use std::collections::BTreeMap;
use std::net::IpAddr;

use parlor_core::harness::Harness;

use crate::client::{Client, Link};
use crate::disk::Disk;
use crate::fault::{Checked, Fault};
use crate::model::{Model, Scene};
use crate::node::Node;
use crate::script::Script;
use crate::settings::Settings;
use crate::shaky::Shaky;
use crate::step::{Act, JournalStep, Step};

/// The wall clock at the beginning, which is that of a harness.
const BEGINNING: parlor_core::Time = parlor_core::Time(1_795_224_660_000);

pub struct World {
    scene: Scene,
    /// One today. With several, each client is connected to one of them.
    nodes: Vec<Node>,
    disk: Disk,
    clients: BTreeMap<String, Client>,
    model: Model,
    links: u64,
    ids: u64,
    /// Running time until which ticks may be off, since the clock was set.
    ticks_are_off_until: u64,
    /// Outcomes that failed are held back with the others.
    holds_failures: bool,
    /// Restarts, also those after a panic.
    restarts: u64,
    /// The effects, and the clients that did not read, when everybody listened last.
    listened: (u64, usize),
}

/// The result of a script.
pub struct Run {
    /// What the servers did, one by one: frames sent, groups joined, commits, reads.
    pub effects: u64,
    /// The rule that was broken, and the number of the step at which that was seen.
    pub fault: Option<(usize, Fault)>,
}

/// Does a script, then looks whether all is as it must be.
pub fn run(script: &Script) -> Run {
    let mut world = World::new(&script.settings);
    let mut fault = None;
    for (number, step) in script.steps.iter().enumerate() {
        if let Err(broken) = world.step(step) {
            fault = Some((number, broken));
            break;
        }
    }
    if fault.is_none() {
        fault = world.last_look().err().map(|broken| (script.steps.len(), broken));
    }
    Run { effects: world.nodes.iter().map(|node| node.effects).sum(), fault }
}

impl World {
    pub fn new(settings: &Settings) -> Self {
        let disk = Disk::new(settings.count("retain"), settings.retain_age());
        disk.tidy(BEGINNING);
        let scene = Scene {
            settings: settings.clone(),
            running: 0,
            wall: BEGINNING.as_millis(),
            is_late: false,
            was_set_back: false,
            is_prompt: true,
        };
        World {
            scene,
            nodes: vec![Node::new(disk.clone(), settings, BEGINNING)],
            disk,
            clients: BTreeMap::new(),
            model: Model::default(),
            links: 0,
            ids: 0,
            ticks_are_off_until: 0,
            holds_failures: false,
            restarts: 0,
            listened: (0, 0),
        }
    }

    pub fn step(&mut self, step: &Step) -> Checked {
        match step {
            Step::Client(client, act) => self.act(client, act)?,
            Step::Pass(time) => self.pass(*time)?,
            Step::SetClock { forward, by } => self.set_clock(*forward, *by)?,
            Step::Kill(off) => self.kill(*off),
            Step::Journal(step) => self.journal(*step)?,
            Step::Panic(callback) => self.nodes.iter().for_each(|node| node.fuse.light(*callback)),
            Step::Settle => self.settle()?,
        }
        self.look()
    }

    fn act(&mut self, client: &str, act: &Act) -> Checked {
        self.meet(client);
        match act {
            Act::Connect => {
                self.client(client).forget();
                self.connect(client)
            }
            Act::ComeBack => self.come_back(client),
            Act::ComeAs(other) => self.come_as(client, other),
            Act::Drop => self.drop(client),
            Act::Ask(request) => self.ask(client, request, false),
            Act::Flood(times, request) => (0..*times).try_for_each(|_| self.ask(client, request, true)),
            Act::Murmur(request) => self.murmur(client, request),
            Act::Send(text) => self.send(client, text, false),
            Act::SendBytes(bytes) => self.send_bytes(client, bytes),
            Act::StopReading => {
                let client = self.client(client);
                client.is_deaf = client.link.is_some();
                Ok(())
            }
            Act::Read => {
                let client = self.client(client);
                client.is_late |= std::mem::take(&mut client.is_deaf);
                Ok(())
            }
        }
    }

    fn journal(&mut self, step: JournalStep) -> Checked {
        match step {
            JournalStep::RefuseWrites => self.refuse(true, false),
            JournalStep::GoDown => self.refuse(true, true),
            JournalStep::Work => self.disk.refuse(false, false),
            JournalStep::Wait => self.hold(0, Harness::hold_journal)?,
            JournalStep::Write => self.release(0, |harness| harness.release_journal(Ok(())))?,
            JournalStep::FailBatch => {
                if self.nodes.iter().any(|node| node.holds[0]) {
                    self.may_fail();
                }
                self.release(0, |harness| harness.release_journal(Err("the batch failed")))?;
            }
            JournalStep::HoldAnswers => self.hold(1, Harness::hold_answers)?,
            JournalStep::GiveAnswers => self.release(1, Harness::release_answers)?,
            JournalStep::HoldReads => self.hold(2, Harness::hold_reads)?,
            JournalStep::PutOffReads => self.hold(2, Harness::put_off_reads)?,
            JournalStep::GiveReads => self.release(2, Harness::release_reads)?,
            JournalStep::Tidy => self.disk.tidy(self.nodes[0].wall),
        }
        Ok(())
    }

    fn refuse(&mut self, writes: bool, reads: bool) {
        self.disk.refuse(writes, reads);
        self.may_fail();
    }

    /// What is under way may be answered `unavailable`.
    fn may_fail(&mut self) {
        self.holds_failures |= !self.nodes.iter().all(Node::is_prompt);
        let asked =
            self.clients.values_mut().filter_map(|client| client.link.as_mut()).flat_map(|link| &mut link.asked);
        asked.for_each(|asked| asked.may_fail = true);
    }

    fn hold(&mut self, which: usize, how: impl Fn(&mut Harness<Shaky>)) -> Checked {
        for node in 0..self.nodes.len() {
            // Held reads of one kind are let go before those of another are held.
            if !self.nodes[node].holds[which] {
                self.nodes[node].holds[which] = true;
                self.drive(node, &how)?;
            }
        }
        Ok(())
    }

    fn release(&mut self, which: usize, how: impl Fn(&mut Harness<Shaky>)) -> Checked {
        for node in 0..self.nodes.len() {
            self.nodes[node].holds[which] = false;
            self.drive(node, &how)?;
        }
        self.holds_failures &= !self.nodes.iter().all(Node::is_prompt);
        Ok(())
    }

    /// Does something with a node. If a callback panics as the script asks, everybody there loses their connection.
    fn drive<R>(&mut self, node: usize, what: impl FnOnce(&mut Harness<Shaky>) -> R) -> Result<Option<R>, Fault> {
        self.holds_failures |= self.disk.is_failing() && !self.nodes[node].is_prompt();
        let done = self.nodes[node].drive(what)?;
        self.nodes[node].take_effects();
        self.scene.wall = self.nodes[node].wall.as_millis();
        if done.is_none() {
            self.lose_all(node);
        }
        Ok(done)
    }

    /// A server has ended: connections are gone, and what only it knew.
    fn lose_all(&mut self, node: usize) {
        self.restarts += 1;
        let there = self.clients.iter().filter(|(_, client)| client.node == node && client.link.is_some());
        let names: Vec<String> = there.map(|(name, _)| name.clone()).collect();
        names.iter().for_each(|name| self.lose(name));
        self.model.tokens.restarted();
    }

    /// A connection has ended, with what was under way.
    fn lose(&mut self, client: &str) {
        let Some(client) = self.clients.get_mut(client) else { return };
        let Some(link) = client.link.take() else { return };
        client.is_deaf = false;
        if let Some(user) = &link.user {
            self.model.names.seen(&link.name, user, &self.scene);
            if link.awaits("sign_out") {
                self.model.tokens.doubt(user);
            }
            for asked in link.asked.iter().filter(|asked| asked.kind() == "rename") {
                self.model.names.seen(asked.text("name").unwrap_or_default(), user, &self.scene);
            }
        }
        for (room, view) in &link.views {
            self.model.rooms.used(room, &view.epoch, &self.scene);
        }
    }

    fn meet(&mut self, name: &str) {
        if !self.clients.contains_key(name) {
            let number = name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
            let [_, a, b, c] = number.to_be_bytes();
            self.clients.insert(name.to_owned(), Client::new(name, IpAddr::from([10, a, b, c])));
        }
    }

    fn client(&mut self, name: &str) -> &mut Client {
        self.clients.entry(name.to_owned()).or_insert_with(|| Client::new(name, IpAddr::from([10, 0, 0, 1])))
    }

    fn link(&mut self, name: &str) -> Option<&mut Link> {
        self.clients.get_mut(name)?.link.as_mut()
    }

    /// Returns whether nothing is held back, and the journal works.
    fn is_prompt(&self) -> bool {
        self.nodes.iter().all(Node::is_prompt) && !self.disk.is_failing()
    }
}
