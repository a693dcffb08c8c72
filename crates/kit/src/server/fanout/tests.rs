use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::*;
use crate::moment::Moment;
use crate::server::metrics::Metrics;
use parlor_core::{Close, Limits};

/// Notes each write with the frames in it.
#[derive(Default)]
struct Noted {
    writes: RefCell<Vec<Vec<String>>>,
    held: RefCell<Vec<String>>,
    /// Time for which it holds up the worker when a request is done.
    pause: Cell<Duration>,
}

impl Noted {
    fn note(&self, words: Vec<String>) {
        self.writes.borrow_mut().push(words);
    }

    fn writes(&self) -> Vec<Vec<String>> {
        self.writes.take()
    }

    fn heard(&self) -> Vec<String> {
        self.writes().concat()
    }
}

fn words(batch: &Batch<'_>) -> Vec<String> {
    let wires: Vec<u8> = batch.frames.iter().flat_map(|frame| frame.wire().to_vec()).collect();
    assert_eq!(batch.wire, wires, "both forms say the same");
    batch.frames.iter().map(|frame| String::from_utf8(frame.payload().to_vec()).unwrap()).collect()
}

impl Outbox for Noted {
    fn put(&self, batch: &Batch<'_>) {
        self.note(words(batch));
    }

    fn hold(&self, batch: &Batch<'_>) -> bool {
        let mut held = self.held.borrow_mut();
        held.extend(words(batch));
        held.len() == batch.frames.len()
    }

    fn flush(&self) {
        self.note(self.held.take());
    }

    fn close(&self, close: &Close) {
        let mut words = self.held.take();
        words.push(format!("closed {}", close.code));
        self.note(words);
    }

    fn retire(&self, close: &Close) {
        let mut words = self.held.take();
        words.push(format!("retires {}", close.code));
        self.note(words);
    }

    fn abort(&self) {}

    fn take_close(&self) -> Close {
        Close::lost()
    }

    fn request_taken(&self) {}

    fn start_list(&self) -> bool {
        true
    }

    fn request_done(&self, _: bool) {
        #[expect(clippy::disallowed_methods, reason = "a worker that is busy is what is tried")]
        std::thread::sleep(self.pause.get());
        self.note(vec!["done".into()]);
    }

    fn sweep(&self, _: Moment) {}
}

struct Worker {
    fanout: Fanout,
    clients: Vec<(SlotRef, Rc<Noted>)>,
}

const GROUP: GroupId = GroupId(1);
const OTHER: GroupId = GroupId(2);

impl Worker {
    /// Three clients; the first two are in the group, the last two in the other one.
    fn new() -> Self {
        let worker = Rc::new(WorkerState::new(0, Arc::new(Limits::default()), Arc::new(Metrics::default())));
        let clients: Vec<_> = (0..3)
            .map(|_| {
                let outbox = Rc::new(Noted::default());
                (worker.slots.borrow_mut().enter(outbox.clone()), outbox)
            })
            .collect();
        for (client, group) in [(0, GROUP), (1, GROUP), (1, OTHER), (2, OTHER)] {
            worker.slots.borrow_mut().join(clients[client].0, group);
        }
        Worker { fanout: Fanout::new(worker), clients }
    }

    fn at(&self, client: usize) -> SlotRef {
        self.clients[client].0
    }

    /// Messages that are in the mailbox together.
    fn deliver(&mut self, messages: Vec<Vec<Op>>) {
        messages.into_iter().for_each(|ops| self.fanout.take(ops));
        self.fanout.flush();
    }

    fn send(&self, client: usize, text: &str) -> Op {
        Op::Send { to: self.at(client), frame: text.into() }
    }
}

fn group(group: GroupId, text: &str) -> Op {
    Op::Group { group, except: None, frame: text.into() }
}

#[test]
fn a_batch_is_one_write_for_each_connection() {
    let mut worker = Worker::new();
    worker.deliver(vec![
        vec![group(GROUP, "a")],
        vec![worker.send(1, "b")],
        vec![group(OTHER, "c")],
        vec![group(GROUP, "d")],
    ]);
    assert_eq!(worker.clients[0].1.writes(), [["a", "d"]]);
    assert_eq!(worker.clients[1].1.writes(), [["a", "d", "c", "b"]], "broadcasts first");
    assert_eq!(worker.clients[2].1.writes(), [["c"]]);
    assert_eq!(worker.fanout.worker.metrics.messages_out.value(), 7);
}

#[test]
fn what_is_gathered_goes_out_when_it_is_old() {
    let mut worker = Worker::new();
    assert!(!worker.fanout.take_and_bound(vec![group(GROUP, "a")], Moment(100)));
    assert!(!worker.fanout.take_and_bound(vec![group(GROUP, "b")], Moment(104)));
    assert_eq!(worker.clients[0].1.heard(), [""; 0]);
    assert!(worker.fanout.take_and_bound(vec![group(GROUP, "c")], Moment(105)));
    assert_eq!(worker.clients[0].1.writes(), [["a", "b", "c"]]);
    assert!(!worker.fanout.take_and_bound(vec![group(GROUP, "d")], Moment(200)), "its age counts from its own time");
}

#[actix::test]
async fn a_mailbox_that_stays_busy_holds_back_nothing_old() {
    let Worker { fanout, clients } = Worker::new();
    let fanout = fanout.start();
    let (busy, outbox) = &clients[2];
    outbox.pause.set(Duration::from_millis(6));
    for _ in 0..10 {
        let done = Op::Done { at: *busy, list: false };
        fanout.do_send(Deliver(vec![vec![group(GROUP, "a"), done]]));
    }
    fanout.send(Deliver(Vec::new())).await.unwrap();
    let writes = clients[0].1.writes();
    assert!(writes.len() >= 4, "{writes:?}");
}

#[test]
fn who_is_left_out_gets_the_rest() {
    let mut worker = Worker::new();
    let except = Some(worker.at(0));
    let left_out = Op::Group { group: GROUP, except, frame: "b".into() };
    worker.deliver(vec![vec![group(GROUP, "a"), left_out.clone(), group(GROUP, "c")]]);
    assert_eq!(worker.clients[0].1.writes(), [["a", "c"]]);
    assert_eq!(worker.clients[1].1.writes(), [["a", "b", "c"]]);
    worker.deliver(vec![vec![left_out]]);
    assert_eq!(worker.clients[0].1.heard(), [""; 0]);
    assert_eq!(worker.clients[1].1.heard(), ["b"]);
}

#[test]
fn a_join_reply_stands_between_what_it_contains_and_the_first_live_event() {
    let mut worker = Worker::new();
    let join = Op::Join { at: worker.at(2), group: GROUP };
    worker.deliver(vec![
        vec![group(GROUP, "before")],
        vec![worker.send(2, "joined"), join],
        vec![group(GROUP, "after")],
    ]);
    assert_eq!(worker.clients[2].1.heard(), ["joined", "after"]);
    assert_eq!(worker.clients[0].1.heard(), ["before", "after"]);
    let leave = Op::Leave { at: worker.at(2), group: GROUP };
    worker.deliver(vec![vec![group(GROUP, "last")], vec![leave, worker.send(2, "left")], vec![group(GROUP, "gone")]]);
    assert_eq!(worker.clients[2].1.heard(), ["last", "left"]);
}

#[test]
fn a_union_comes_once_and_in_order_with_its_groups() {
    let mut worker = Worker::new();
    let union = |groups: &[GroupId], places: Vec<SlotRef>, except| Op::Union {
        groups: groups.to_vec(),
        places,
        except,
        frame: "u".into(),
    };
    let (first, second) = (worker.at(0), worker.at(1));
    worker.deliver(vec![
        vec![group(GROUP, "a")],
        vec![union(&[GROUP, OTHER], vec![first, second], None)],
        vec![group(GROUP, "b")],
    ]);
    assert_eq!(worker.clients[0].1.heard(), ["a", "u", "b"]);
    assert_eq!(worker.clients[1].1.heard(), ["a", "u", "b"]);
    assert_eq!(worker.clients[2].1.heard(), ["u"]);
    worker.deliver(vec![vec![worker.send(1, "1"), union(&[], vec![second, first, second], Some(first))]]);
    assert_eq!(worker.clients[1].1.writes(), [["1", "u"]]);
    assert_eq!(worker.clients[0].1.heard(), [""; 0]);
}

#[test]
fn all_but_one() {
    let mut worker = Worker::new();
    let all = Op::All { except: Some(worker.at(1)), frame: "all".into() };
    worker.deliver(vec![vec![worker.send(0, "a"), all]]);
    let heard: Vec<_> = worker.clients.iter().map(|(_, outbox)| outbox.heard()).collect();
    assert_eq!(heard, [vec!["a", "all"], vec![], vec!["all"]]);
}

#[test]
fn a_close_comes_after_what_was_sent_before() {
    let mut worker = Worker::new();
    let close = Op::Close { at: worker.at(0), close: Close::new(4501, "removed") };
    worker.deliver(vec![vec![group(GROUP, "a"), worker.send(0, "b")], vec![close]]);
    assert_eq!(worker.clients[0].1.heard(), ["a", "b", "closed 4501"]);
}

#[test]
fn all_hear_the_farewell_and_are_closed() {
    let mut worker = Worker::new();
    let retire = Op::Retire { farewell: Some("bye".into()), close: Close::new(1012, "restart") };
    worker.deliver(vec![vec![group(GROUP, "a")], vec![retire]]);
    assert_eq!(worker.clients[0].1.heard(), ["a", "bye", "closed 1012"]);
    assert_eq!(worker.clients[2].1.heard(), ["bye", "closed 1012"]);
}

#[test]
fn nothing_reaches_the_next_owner_of_a_slot() {
    let mut worker = Worker::new();
    let gone = worker.at(0);
    worker.fanout.worker.slots.borrow_mut().exit(gone);
    let next = Rc::new(Noted::default());
    let place = worker.fanout.worker.slots.borrow_mut().enter(next.clone());
    assert_eq!(place.slot, gone.slot);
    worker.deliver(vec![
        vec![
            Op::Send { to: gone, frame: "secret".into() },
            Op::Done { at: gone, list: false },
            group(GROUP, "to the group"),
        ],
        vec![Op::Join { at: gone, group: GROUP }, Op::Close { at: gone, close: Close::new(1000, "") }],
        vec![Op::Union { groups: vec![], places: vec![gone], except: None, frame: "secret".into() }],
        vec![group(GROUP, "to the group")],
    ]);
    assert_eq!(next.heard(), [""; 0]);
}
