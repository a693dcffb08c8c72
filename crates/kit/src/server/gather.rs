//! Messages that wait for a flush, so that each connection is written to once.

use indexmap::IndexMap;

use crate::server::messages::SlotRef;
use crate::server::outbox::{Batch, Outbox, Sent};
use crate::server::slots::Slots;
use parlor_core::{Frame, GroupId};

/// Broadcasts by group and messages to single clients, each in order.
#[derive(Default)]
pub struct Gathered {
    groups: IndexMap<GroupId, Broadcasts>,
    sends: Vec<(SlotRef, Frame)>,
    bytes: usize,
    messages: usize,
}

#[derive(Default)]
struct Broadcasts {
    frames: Vec<Frame>,
    /// Clients that do not get a frame, with its index.
    excepts: Vec<(SlotRef, usize)>,
}

impl Gathered {
    pub fn send(&mut self, to: SlotRef, frame: Frame) {
        self.count(&frame);
        self.sends.push((to, frame));
    }

    pub fn broadcast(&mut self, group: GroupId, except: Option<SlotRef>, frame: Frame) {
        self.count(&frame);
        let broadcasts = self.groups.entry(group).or_default();
        broadcasts.excepts.extend(except.map(|place| (place, broadcasts.frames.len())));
        broadcasts.frames.push(frame);
    }

    /// Bytes gathered, however many will get them.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn messages(&self) -> usize {
        self.messages
    }

    /// Everything goes out: the broadcasts of each group, then the single messages.
    pub fn flush(&mut self, slots: &Slots) -> Sent {
        let Gathered { groups, sends, .. } = std::mem::take(self);
        let mut out = Out { sent: Sent::default(), held: Vec::new(), slots };
        match (groups.len(), sends.len()) {
            (0, 0) => {}
            // Nobody gets anything twice: it can go straight to the sockets.
            (1, 0) => groups.iter().for_each(|(group, broadcasts)| broadcasts.each(*group, &mut out, Out::put)),
            (0, 1) => sends.iter().for_each(|(to, frame)| out.put_to(*to, &frame.into())),
            _ => {
                groups.iter().for_each(|(group, broadcasts)| broadcasts.each(*group, &mut out, Out::hold));
                sends.iter().for_each(|(to, frame)| out.hold_to(*to, &frame.into()));
                out.flush();
            }
        }
        out.sent
    }

    fn count(&mut self, frame: &Frame) {
        self.bytes += frame.wire().len();
        self.messages += 1;
    }
}

impl Broadcasts {
    /// Every member of the group with what it is to get: the same for all, but for those who are left out of something.
    fn each<'a>(&self, group: GroupId, out: &mut Out<'a>, deliver: fn(&mut Out<'a>, &'a dyn Outbox, &Batch<'_>)) {
        let everything = Batch::new(&self.frames);
        for (slot, outbox) in out.slots.members(group) {
            if self.excepts.iter().all(|(place, _)| place.slot != slot) {
                deliver(out, outbox, &everything);
                continue;
            }
            let is_for_it = |index: usize| !self.excepts.iter().any(|(place, at)| place.slot == slot && *at == index);
            let some = self.frames.iter().enumerate().filter(|(index, _)| is_for_it(*index));
            let some: Vec<Frame> = some.map(|(_, frame)| frame.clone()).collect();
            if !some.is_empty() {
                deliver(out, outbox, &Batch::new(&some));
            }
        }
    }
}

/// A flush under way.
struct Out<'a> {
    sent: Sent,
    held: Vec<&'a dyn Outbox>,
    slots: &'a Slots,
}

impl<'a> Out<'a> {
    fn put(&mut self, outbox: &'a dyn Outbox, batch: &Batch<'_>) {
        outbox.put(batch);
        self.sent.add(batch);
    }

    fn hold(&mut self, outbox: &'a dyn Outbox, batch: &Batch<'_>) {
        if outbox.hold(batch) {
            self.held.push(outbox);
        }
        self.sent.add(batch);
    }

    fn put_to(&mut self, to: SlotRef, batch: &Batch<'_>) {
        if let Some(outbox) = self.slots.outbox(to) {
            self.put(outbox, batch);
        }
    }

    fn hold_to(&mut self, to: SlotRef, batch: &Batch<'_>) {
        if let Some(outbox) = self.slots.outbox(to) {
            self.hold(outbox, batch);
        }
    }

    fn flush(&mut self) {
        self.held.drain(..).for_each(Outbox::flush);
    }
}
