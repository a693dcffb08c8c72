//! Brings to one worker's clients what the `ChatServer` has for them.

use std::rc::Rc;
use std::time::Duration;

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};

use crate::moment::Moment;
use crate::server::gather::Gathered;
use crate::server::messages::{Deliver, Op, SlotRef};
use crate::server::outbox::{Batch, Outbox, Sent};
use crate::server::worker::WorkerState;
use parlor_core::{Frame, GroupId};

/// One per worker thread and app. While messages wait in its mailbox it gathers what they bring, so that a connection is
/// written to once for many. Bounds on the bytes, the number and the age of what is gathered keep the first from waiting long.
pub struct Fanout {
    worker: Rc<WorkerState>,
    gathered: Gathered,
    /// The time of the oldest message that is gathered.
    oldest: Option<Moment>,
    /// True while a [`FlushGathered`] is in the mailbox.
    flush_asked: bool,
    /// True since clients are closed when their requests are answered. Then an answer must be in its outbox before the word
    /// that its request is done.
    drains: bool,
}

const GATHERED_BYTES_MAX: usize = 64 * 1024;
const GATHERED_MESSAGES_MAX: usize = 256;
const GATHERED_FOR_MAX: Duration = Duration::from_millis(5);

/// To itself: handled when the mailbox is empty.
#[derive(Message)]
#[rtype(result = "()")]
struct FlushGathered;

impl Fanout {
    pub fn new(worker: Rc<WorkerState>) -> Self {
        Fanout { worker, gathered: Gathered::default(), oldest: None, flush_asked: false, drains: false }
    }

    /// Gathers one callback's operations; those that change groups or close are done at once, after a flush.
    fn take(&mut self, ops: Vec<Op>) {
        let in_order = ops.iter().any(|op| match op {
            Op::Join { .. }
            | Op::Leave { .. }
            | Op::Close { .. }
            | Op::Begun { .. }
            | Op::Drain { .. }
            | Op::Retire { .. } => true,
            Op::Done { list, .. } => *list || self.drains,
            Op::Send { .. } | Op::Group { .. } | Op::Union { .. } | Op::All { .. } | Op::Abort => false,
        });
        if in_order {
            self.flush();
            ops.into_iter().for_each(|op| self.perform(op));
        } else {
            ops.into_iter().for_each(|op| self.gather(op));
        }
    }

    /// Takes one callback's operations, and flushes what has become too much or too old. Returns whether it did.
    fn take_and_bound(&mut self, ops: Vec<Op>, now: Moment) -> bool {
        self.take(ops);
        if self.gathered.messages() == 0 {
            self.oldest = None;
            return false;
        }
        let is_old = now.since(*self.oldest.get_or_insert(now)) >= GATHERED_FOR_MAX;
        let is_full = self.gathered.bytes() >= GATHERED_BYTES_MAX || self.gathered.messages() >= GATHERED_MESSAGES_MAX;
        if is_full || is_old {
            self.flush();
        }
        is_full || is_old
    }

    fn flush(&mut self) {
        self.oldest = None;
        let sent = self.gathered.flush(&self.worker.slots.borrow());
        self.count(sent);
    }

    fn count(&self, sent: Sent) {
        self.worker.metrics.sent(sent);
    }

    /// Takes what can wait; does the rest at once.
    fn gather(&mut self, op: Op) {
        match op {
            Op::Send { to, frame } => self.gathered.send(to, frame),
            Op::Group { group, except, frame } => self.gathered.broadcast(group, except, frame),
            // Private messages: to a few clients, in order with the answers they get.
            Op::Union { groups, mut places, except, frame } if groups.is_empty() => {
                places.sort_unstable_by_key(|place| (place.slot, place.generation));
                places.dedup();
                for to in places.into_iter().filter(|place| Some(*place) != except) {
                    self.gathered.send(to, frame.clone());
                }
            }
            Op::Union { .. } | Op::All { .. } => {
                self.flush();
                self.perform(op);
            }
            Op::Join { .. }
            | Op::Leave { .. }
            | Op::Close { .. }
            | Op::Abort
            | Op::Begun { .. }
            | Op::Done { .. }
            | Op::Drain { .. }
            | Op::Retire { .. } => self.perform(op),
        }
    }

    fn perform(&mut self, op: Op) {
        match op {
            Op::Send { to, frame } => {
                let sent = send(self.worker.slots.borrow().outbox(to), &frame);
                self.count(sent);
            }
            Op::Group { group, except, frame } => {
                let sent = broadcast(self.worker.slots.borrow().members(group), except, &frame);
                self.count(sent);
            }
            Op::All { except, frame } => {
                let sent = broadcast(self.worker.slots.borrow().all(), except, &frame);
                self.count(sent);
            }
            Op::Union { groups, places, except, frame } => self.union(&groups, &places, except, &frame),
            Op::Join { at, group } => self.worker.slots.borrow_mut().join(at, group),
            Op::Leave { at, group } => self.worker.slots.borrow_mut().leave(at, group),
            Op::Close { at, close } => {
                if let Some(outbox) = self.worker.slots.borrow().outbox(at) {
                    outbox.close(&close);
                }
            }
            Op::Begun { at } => {
                if let Some(outbox) = self.worker.slots.borrow().outbox(at) {
                    outbox.begun();
                }
            }
            Op::Done { at, list } => {
                if let Some(outbox) = self.worker.slots.borrow().outbox(at) {
                    outbox.request_done(list);
                }
            }
            Op::Abort => self.worker.slots.borrow().all().for_each(|(_, outbox)| outbox.abort()),
            Op::Drain { close, part } => {
                self.drains = true;
                let slots = self.worker.slots.borrow();
                slots.all().filter(|(slot, _)| part.has(*slot)).for_each(|(_, outbox)| outbox.retire(&close));
            }
            Op::Retire { farewell, close } => {
                let farewell = farewell.as_ref().map(Batch::from);
                let slots = self.worker.slots.borrow();
                for (_, outbox) in slots.all() {
                    if let Some(farewell) = &farewell {
                        outbox.hold(farewell); // the close takes it along
                    }
                    outbox.close(&close);
                }
            }
        }
    }

    fn union(&self, groups: &[GroupId], places: &[SlotRef], except: Option<SlotRef>, frame: &Frame) {
        let batch = Batch::from(frame);
        let mut sent = Sent::default();
        self.worker.slots.borrow_mut().visit_once(groups, places, |slot, outbox| {
            if except.is_none_or(|except| except.slot != slot) {
                outbox.put(&batch);
                sent.add(&batch);
            }
        });
        self.count(sent);
    }
}

impl Actor for Fanout {
    type Context = Context<Self>;
}

impl Handler<Deliver> for Fanout {
    type Result = ();

    fn handle(&mut self, Deliver(turns): Deliver, ctx: &mut Self::Context) {
        let now = self.worker.now();
        let mut has_flushed = false;
        for ops in turns {
            has_flushed |= self.take_and_bound(ops, now);
        }
        if has_flushed {
            // A mailbox that never runs empty would keep this thread's sessions waiting.
            ctx.wait(actix_rt::task::yield_now().into_actor(self).map(|(), _, _| ()));
        }
        if !self.flush_asked && self.gathered.messages() > 0 {
            self.flush_asked = true;
            ctx.notify(FlushGathered);
        }
    }
}

impl Handler<FlushGathered> for Fanout {
    type Result = ();

    fn handle(&mut self, _: FlushGathered, _: &mut Self::Context) {
        self.flush_asked = false;
        self.flush();
    }
}

fn send(outbox: Option<&dyn Outbox>, frame: &Frame) -> Sent {
    let mut sent = Sent::default();
    if let Some(outbox) = outbox {
        let batch = Batch::from(frame);
        outbox.put(&batch);
        sent.add(&batch);
    }
    sent
}

fn broadcast<'a>(
    outboxes: impl Iterator<Item = (u32, &'a dyn Outbox)>,
    except: Option<SlotRef>,
    frame: &Frame,
) -> Sent {
    let batch = Batch::from(frame);
    let mut sent = Sent::default();
    for (slot, outbox) in outboxes {
        if except.is_none_or(|except| except.slot != slot) {
            outbox.put(&batch);
            sent.add(&batch);
        }
    }
    sent
}

#[cfg(test)]
mod tests;
