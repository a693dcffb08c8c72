//! Effects, sorted to the workers that do them.

use std::time::Duration;

use actix::Recipient;

use super::messages::{AttachWorker, CloseAll, Deliver, Op, Part, SlotRef};
use parlor_core::{ClientId, Close, Frame, GroupId, Steady};

/// The worker threads, by index, each with what it is to do next.
#[derive(Default)]
pub(crate) struct Workers {
    links: Vec<Option<WorkerLink>>,
    /// The callback that is asking, by number.
    callback: u64,
    /// The time of that callback.
    now: Steady,
    /// Wishes that the workers are not told yet, and the time of the oldest.
    gathered: usize,
    gathered_at: Steady,
}

struct WorkerLink {
    fanout: Recipient<Deliver>,
    /// A list for each callback that has asked for something here. Bounded: see [`Workers::is_full`].
    turns: Vec<Vec<Op>>,
    /// The callback that the last list is of.
    callback: u64,
    /// Workers without clients need not hear of broadcasts.
    clients: usize,
}

impl Workers {
    pub fn attach(&mut self, worker: AttachWorker) {
        let index = usize::from(worker.index);
        if self.links.len() <= index {
            self.links.resize_with(index + 1, || None);
        }
        self.links[index] = Some(WorkerLink { fanout: worker.fanout, turns: Vec::new(), callback: 0, clients: 0 });
    }

    pub fn client_came(&mut self, client: ClientId) {
        if let Some(link) = self.link(client) {
            link.clients += 1;
        }
    }

    pub fn client_went(&mut self, client: ClientId) {
        if let Some(link) = self.link(client) {
            link.clients = link.clients.saturating_sub(1);
        }
    }

    pub fn send(&mut self, client: ClientId, frame: Frame) {
        self.push(client, Op::Send { to: client.into(), frame });
    }

    pub fn join(&mut self, client: ClientId, group: GroupId) {
        self.push(client, Op::Join { at: client.into(), group });
    }

    pub fn leave(&mut self, client: ClientId, group: GroupId) {
        self.push(client, Op::Leave { at: client.into(), group });
    }

    pub fn close(&mut self, client: ClientId, close: Close) {
        self.push(client, Op::Close { at: client.into(), close });
    }

    pub fn begun(&mut self, client: ClientId) {
        self.push(client, Op::Begun { at: client.into() });
    }

    pub fn done(&mut self, client: ClientId, list: bool) {
        self.push(client, Op::Done { at: client.into(), list });
    }

    pub fn broadcast(&mut self, groups: &[GroupId], clients: &[ClientId], except: Option<ClientId>, frame: &Frame) {
        let frame = frame.shared();
        self.push_all(|index| {
            let except = on_worker(except, index);
            let frame = frame.clone();
            match (groups, clients) {
                ([group], []) => Op::Group { group: *group, except, frame },
                _ => {
                    let here = clients.iter().filter_map(|client| on_worker(Some(*client), index));
                    Op::Union { groups: groups.to_vec(), places: here.collect(), except, frame }
                }
            }
        });
    }

    pub fn all(&mut self, except: Option<ClientId>, frame: &Frame) {
        let frame = frame.shared();
        self.push_all(|index| Op::All { except: on_worker(except, index), frame: frame.clone() });
    }

    /// Closes everyone on every worker, after what was asked for before.
    pub fn close_all(&mut self, how: &CloseAll) {
        for link in self.links.iter_mut().flatten() {
            link.turns.push(vec![match how {
                CloseAll::Gracefully(close) => Op::Retire { farewell: None, close: close.clone() },
                CloseAll::Abruptly => Op::Abort,
            }]);
        }
        self.flush();
    }

    /// Closes a part of the clients of all workers, each as soon as its requests under way are answered.
    pub fn drain(&mut self, close: &Close, part: Part) {
        for link in self.links.iter_mut().flatten() {
            link.turns.push(vec![Op::Drain { close: close.clone(), part }]);
        }
        self.flush();
    }

    /// Sends the farewell to all clients of all workers and closes them, at once.
    pub fn retire(&mut self, farewell: Option<&Frame>, close: &Close) {
        let farewell = farewell.map(Frame::shared);
        for link in self.links.iter_mut().flatten() {
            let retire = Op::Retire { farewell: farewell.clone(), close: close.clone() };
            link.turns.push(vec![retire]);
            link.clients = 0;
        }
        self.flush();
    }

    /// Begins the operations of another callback.
    pub fn next_callback(&mut self, now: Steady) {
        self.callback += 1;
        self.now = now;
    }

    /// Returns whether the workers have to be told now: enough is gathered, or it is old.
    pub fn is_full(&self) -> bool {
        self.gathered >= GATHERED_MAX || (self.gathered > 0 && self.now.since(self.gathered_at) >= GATHERED_FOR_MAX)
    }

    pub fn is_empty(&self) -> bool {
        self.gathered == 0
    }

    /// Tells each worker what it is to do: one message.
    pub fn flush(&mut self) {
        self.gathered = 0;
        for link in self.links.iter_mut().flatten().filter(|link| !link.turns.is_empty()) {
            link.fanout.do_send(Deliver(std::mem::take(&mut link.turns)));
        }
    }

    /// Forgets what was asked for since the last flush.
    pub fn discard(&mut self) {
        self.gathered = 0;
        for link in self.links.iter_mut().flatten() {
            link.turns.clear();
        }
    }

    fn push(&mut self, client: ClientId, op: Op) {
        let callback = self.callback;
        if let Some(link) = self.link(client) {
            link.push(callback, op);
            self.count(1);
        }
    }

    /// To every worker that has clients.
    fn push_all(&mut self, op: impl Fn(usize) -> Op) {
        let mut count = 0;
        for (index, link) in self.links.iter_mut().enumerate() {
            if let Some(link) = link.as_mut().filter(|link| link.clients > 0) {
                link.push(self.callback, op(index));
                count += 1;
            }
        }
        self.count(count);
    }

    fn count(&mut self, wishes: usize) {
        if self.gathered == 0 {
            self.gathered_at = self.now;
        }
        self.gathered += wishes;
    }

    fn link(&mut self, client: ClientId) -> Option<&mut WorkerLink> {
        self.links.get_mut(usize::from(client.worker))?.as_mut()
    }
}

/// Wishes that are not told yet: enough to fill a few packets, few enough not to be noticed.
const GATHERED_MAX: usize = 256;
const GATHERED_FOR_MAX: Duration = Duration::from_millis(5);

impl WorkerLink {
    fn push(&mut self, callback: u64, op: Op) {
        match self.turns.last_mut().filter(|_| self.callback == callback) {
            Some(turn) => turn.push(op),
            None => self.turns.push(vec![op]),
        }
        self.callback = callback;
    }
}

fn on_worker(client: Option<ClientId>, index: usize) -> Option<SlotRef> {
    client.filter(|client| usize::from(client.worker) == index).map(SlotRef::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_told_when_the_oldest_is_5_ms_old() {
        let mut workers = Workers::default();
        let (arbiter, fanout) = (actix::System::new(), Nobody);
        let fanout = arbiter.block_on(async { actix::Actor::start(fanout).recipient() });
        workers.attach(AttachWorker { index: 0, fanout });
        let client = ClientId { worker: 0, slot: 0, generation: 0 };
        workers.next_callback(Steady(100));
        workers.send(client, "a".into());
        assert!(!workers.is_full());
        workers.next_callback(Steady(104));
        workers.send(client, "b".into());
        assert!(!workers.is_full());
        workers.next_callback(Steady(105));
        assert!(workers.is_full());
        workers.flush();
        assert!(!workers.is_full() && workers.is_empty());
        workers.send(client, "c".into());
        assert!(!workers.is_full(), "its age counts from its own time");
    }

    struct Nobody;

    impl actix::Actor for Nobody {
        type Context = actix::Context<Self>;
    }

    impl actix::Handler<Deliver> for Nobody {
        type Result = ();
        fn handle(&mut self, _: Deliver, _: &mut Self::Context) {}
    }
}
