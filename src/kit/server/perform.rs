//! Effects, sorted to the workers that do them.

use actix::Recipient;

use super::messages::{Deliver, Op, Place, Worker};
use crate::kit::close::Close;
use crate::kit::frame::Frame;
use crate::kit::ids::{ClientId, GroupId};

/// The worker threads, by index, each with what it is to do next.
#[derive(Default)]
pub(crate) struct Workers(Vec<Option<Link>>);

struct Link {
    fanout: Recipient<Deliver>,
    /// Bounded by what one callback asks for; sent when it is over.
    ops: Vec<Op>,
    /// Workers without clients need not hear of broadcasts.
    clients: usize,
}

impl Workers {
    pub fn attach(&mut self, worker: Worker) {
        let index = usize::from(worker.index);
        if self.0.len() <= index {
            self.0.resize_with(index + 1, || None);
        }
        self.0[index] = Some(Link { fanout: worker.fanout, ops: Vec::new(), clients: 0 });
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

    pub fn done(&mut self, client: ClientId) {
        self.push(client, Op::Done { at: client.into() });
    }

    pub fn broadcast(&mut self, groups: &[GroupId], clients: &[ClientId], except: Option<ClientId>, frame: &Frame) {
        for (index, link) in self.busy() {
            let except = on_worker(except, index);
            let frame = frame.clone();
            link.ops.push(match (groups, clients) {
                ([group], []) => Op::Group { group: *group, except, frame },
                _ => {
                    let here = clients.iter().filter_map(|client| on_worker(Some(*client), index));
                    Op::Union { groups: groups.to_vec(), places: here.collect(), except, frame }
                }
            });
        }
    }

    pub fn all(&mut self, except: Option<ClientId>, frame: &Frame) {
        for (index, link) in self.busy() {
            link.ops.push(Op::All { except: on_worker(except, index), frame: frame.clone() });
        }
    }

    /// Everyone hears the last words and is closed, on every worker there is.
    pub fn retire(&mut self, farewell: Option<&Frame>, close: &Close) {
        for link in self.0.iter_mut().flatten() {
            link.ops.push(Op::Retire { farewell: farewell.cloned(), close: close.clone() });
            link.clients = 0;
        }
    }

    /// Sends each worker what it is to do: one message.
    pub fn flush(&mut self) {
        for link in self.0.iter_mut().flatten().filter(|link| !link.ops.is_empty()) {
            link.fanout.do_send(Deliver(std::mem::take(&mut link.ops)));
        }
    }

    /// Forgets what was asked for since the last flush.
    pub fn discard(&mut self) {
        for link in self.0.iter_mut().flatten() {
            link.ops.clear();
        }
    }

    fn push(&mut self, client: ClientId, op: Op) {
        if let Some(link) = self.link(client) {
            link.ops.push(op);
        }
    }

    fn link(&mut self, client: ClientId) -> Option<&mut Link> {
        self.0.get_mut(usize::from(client.worker))?.as_mut()
    }

    fn busy(&mut self) -> impl Iterator<Item = (usize, &mut Link)> {
        let links = self.0.iter_mut().enumerate();
        links.filter_map(|(index, link)| Some((index, link.as_mut()?))).filter(|(_, link)| link.clients > 0)
    }
}

fn on_worker(client: Option<ClientId>, index: usize) -> Option<Place> {
    client.filter(|client| usize::from(client.worker) == index).map(Place::from)
}
