//! The `ChatServer` actor by itself: panics, journals that fail, timers, shutdown. A probe stands in for the workers.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix::{Actor, Addr, Context, Handler};
use bytes::Bytes;

use super::ChatServer;
use crate::Storage;
use crate::server::events::Handle;
use crate::server::messages::{AttachWorker, CloseJournal, Committed, Deliver, Drain, Inbound, Op, Part, Shutdown};
use crate::server::status::Status;
use parlor_core::journal::*;
use parlor_core::{App, Client, ClientId, Close, Farewell, Frame, Handshake, Hub, Message, Ticket};

/// Commits each message to a log and says it to the sender once it is committed; does as told by some words.
#[derive(Default)]
struct Diary {
    lines: u64,
    waiting: Vec<(Ticket, ClientId, String)>,
}

impl App for Diary {
    type Request = Message;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        hub.send(client.id, format!("hello, {} lines", self.lines));
    }

    fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
        let Message::Text(text) = message else { return };
        match text.as_str() {
            "panic" => panic!("as told"),
            "slow" => {
                #[expect(clippy::disallowed_methods, reason = "a callback that takes its time is what is tried")]
                std::thread::sleep(Duration::from_millis(6));
                hub.send(client, text);
            }
            "timer" => hub.wake_at(hub.now() + Duration::from_millis(5)),
            _ => {
                let ticket = hub.commit(Commit { appends: vec![line(&text)], ..Commit::default() });
                self.waiting.push((ticket, client, text));
            }
        }
    }

    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}

    fn timer(&mut self, hub: &mut Hub<'_>) {
        hub.send_all("tick");
    }

    fn restored(&mut self, restored: Restored, _: &mut Hub<'_>) {
        self.lines = restored.logs.first().map_or(0, |log| log.head);
    }

    fn committed(&mut self, ticket: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
        let at = self.waiting.iter().position(|(waiting, ..)| *waiting == ticket).unwrap();
        let (_, client, text) = self.waiting.remove(at);
        let Outcome::Committed(_) = outcome else { return hub.send(client, format!("not kept: {text}")) };
        self.lines += 1;
        hub.send(client, format!("kept: {text}"));
    }

    fn followed(&mut self, followed: Followed, hub: &mut Hub<'_>) {
        for record in followed.appends.into_iter().flat_map(|append| append.records) {
            self.lines += 1;
            hub.send_all(format!("from elsewhere: {}", String::from_utf8_lossy(&record)));
        }
    }

    fn farewell(reason: &Farewell) -> Option<Frame> {
        Some(Frame::text(format!("{reason:?}")))
    }
}

fn line(text: &str) -> Append {
    Append {
        log: LogName::new("diary"),
        expect: Expect::Anything,
        epoch: "e".into(),
        at: parlor_core::Time::default(),
        records: vec![Bytes::copy_from_slice(text.as_bytes())],
        state: Some(Bytes::from_static(b"{}")),
        expires_at: None,
    }
}

/// Fails while told to, and panics once if told to.
struct Moody {
    inner: Arc<Mutex<MemoryJournal>>,
    mood: Arc<Mood>,
}

#[derive(Default)]
struct Mood {
    fails: AtomicBool,
    panics: AtomicBool,
    batches: AtomicU32,
}

impl Journal for Moody {
    fn restore(&mut self) -> Result<Restored, String> {
        self.inner.lock().unwrap().restore()
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        self.mood.batches.fetch_add(1, Ordering::SeqCst);
        assert!(!self.mood.panics.swap(false, Ordering::SeqCst), "as told");
        if self.mood.fails.load(Ordering::SeqCst) {
            return batch.iter().map(|_| Outcome::Unavailable("full".into())).collect();
        }
        self.inner.lock().unwrap().commit_all(batch)
    }

    fn probe(&mut self) -> Result<(), String> {
        if self.mood.fails.load(Ordering::SeqCst) { Err("full".into()) } else { Ok(()) }
    }

    fn load(&mut self, load: Load) -> Loaded {
        self.inner.lock().unwrap().load(load)
    }
}

/// Stands in for a worker.
struct Probe(Sender<Op>, Arc<AtomicU32>);

impl Actor for Probe {
    type Context = Context<Self>;
}

impl Handler<Deliver> for Probe {
    type Result = ();
    fn handle(&mut self, Deliver(turns): Deliver, _: &mut Self::Context) {
        self.1.fetch_add(1, Ordering::SeqCst);
        turns.into_iter().flatten().for_each(|op| self.0.send(op).unwrap());
    }
}

struct Scene {
    server: Addr<ChatServer<Diary>>,
    ops: Receiver<Op>,
    deliveries: Arc<AtomicU32>,
    status: Arc<Status>,
    mood: Arc<Mood>,
}

const ANNA: ClientId = ClientId { worker: 0, slot: 0, generation: 0 };
const BERT: ClientId = ClientId { worker: 0, slot: 1, generation: 0 };

impl Scene {
    fn new() -> Self {
        let mood = Arc::new(Mood::default());
        let journal = Moody { inner: Arc::new(Mutex::new(MemoryJournal::new(100))), mood: mood.clone() };
        Scene { mood, ..Self::on(Storage::Slow(Box::new(journal))) }
    }

    fn on(storage: Storage) -> Self {
        let status = Arc::new(Status::default());
        let mood = Arc::new(Mood::default());
        let (server, _) = ChatServer::launch(Diary::default, storage, status.clone(), Handle::new()).unwrap();
        let (sender, ops) = channel();
        let (arbiter, deliveries) = (actix::Arbiter::new(), Arc::new(AtomicU32::new(0)));
        let probe = Probe(sender, deliveries.clone());
        let fanout = Probe::start_in_arbiter(&arbiter.handle(), |_| probe).recipient();
        server.do_send(AttachWorker { index: 0, fanout });
        Scene { server, ops, deliveries, status, mood }
    }

    fn connect(&self, id: ClientId) {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let client = Client::new(id, Handshake::new(address, "/"));
        self.server.do_send(Inbound::Connected(client));
    }

    fn say(&self, client: ClientId, text: &str) {
        self.server.do_send(Inbound::Requests(client, vec![Message::Text(text.into())]));
    }

    /// The next thing that a worker is to do, but for `Begun`s and `Done`s.
    fn op(&self) -> Op {
        loop {
            let op = self.ops.recv_timeout(Duration::from_secs(20)).unwrap();
            if !matches!(op, Op::Begun { .. } | Op::Done { .. }) {
                return op;
            }
        }
    }

    fn expect_send(&self, to: ClientId, text: &str) {
        assert_eq!(self.op(), Op::Send { to: to.into(), frame: Frame::text(text) });
    }
}

#[actix::test]
async fn what_is_said_is_kept_before_it_is_shown() {
    let scene = Scene::new();
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 0 lines");
    scene.say(ANNA, "one");
    scene.say(ANNA, "two");
    scene.expect_send(ANNA, "kept: one");
    scene.expect_send(ANNA, "kept: two");
    assert!(scene.mood.batches.load(Ordering::SeqCst) <= 2);
}

#[actix::test]
async fn a_mailbox_that_stays_busy_holds_back_nothing_old() {
    let scene = Scene::new();
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 0 lines");
    let before = scene.deliveries.load(Ordering::SeqCst);
    (0..20).for_each(|_| scene.say(ANNA, "slow"));
    (0..20).for_each(|_| scene.expect_send(ANNA, "slow"));
    let deliveries = scene.deliveries.load(Ordering::SeqCst) - before;
    assert!(deliveries >= 8, "{deliveries}");
}

#[actix::test]
async fn a_panic_closes_everyone_and_the_app_begins_anew_from_its_journal() {
    let scene = Scene::new();
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 0 lines");
    scene.say(ANNA, "one");
    scene.expect_send(ANNA, "kept: one");
    scene.say(ANNA, "panic");
    let Op::Retire { farewell, close } = scene.op() else { panic!("not retired") };
    assert_eq!((farewell, close.code), (Some(Frame::text("Restart")), Close::RESTART));
    scene.say(ANNA, "unknown by now"); // from a session that is being closed
    scene.connect(BERT);
    scene.expect_send(BERT, "hello, 1 lines");
    scene.say(BERT, "two");
    scene.expect_send(BERT, "kept: two");
    assert_eq!(scene.status.restarts(), 1);
    assert_eq!(scene.status.check(), Ok(()));
}

#[actix::test]
async fn a_failing_journal_refuses_and_readiness_comes_back_by_itself() {
    let scene = Scene::new();
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 0 lines");
    scene.mood.fails.store(true, Ordering::SeqCst);
    scene.say(ANNA, "one");
    scene.expect_send(ANNA, "not kept: one");
    assert_eq!(scene.status.check(), Err("full".into()));
    scene.mood.fails.store(false, Ordering::SeqCst);
    while scene.status.check().is_err() {
        actix_rt::time::sleep(Duration::from_millis(10)).await;
    }
    scene.say(ANNA, "two");
    scene.expect_send(ANNA, "kept: two");
}

#[actix::test]
async fn a_journal_that_panics_is_unavailable_and_goes_on() {
    let scene = Scene::new();
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 0 lines");
    scene.mood.panics.store(true, Ordering::SeqCst);
    scene.say(ANNA, "one");
    scene.expect_send(ANNA, "not kept: one");
    scene.say(ANNA, "two");
    scene.expect_send(ANNA, "kept: two");
}

#[actix::test]
async fn timers_come() {
    let scene = Scene::new();
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 0 lines");
    scene.say(ANNA, "timer");
    assert_eq!(scene.op(), Op::All { except: None, frame: Frame::text("tick") });
}

#[actix::test]
async fn shutdown_says_farewell_and_closes_who_still_comes() {
    let scene = Scene::new();
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 0 lines");
    scene.server.send(Shutdown).await.unwrap();
    assert_eq!(scene.op(), Op::All { except: None, frame: Frame::text("Shutdown") });
    let (close, part) = (Close::new(Close::RESTART, "the server is closing"), Part { index: 0, of: 1 });
    scene.server.send(Drain { close: close.clone(), part }).await.unwrap();
    assert_eq!(scene.op(), Op::Drain { close, part });
    scene.connect(BERT);
    let Op::Close { at, close } = scene.op() else { panic!("not closed") };
    assert_eq!((at, close.code), (BERT.into(), Close::RESTART));
    scene.server.send(CloseJournal).await.unwrap();
}

#[actix::test]
async fn what_others_place_is_heard_in_order_with_both_kinds_of_journals() {
    for storage in [Storage::Quick as fn(Box<dyn Journal>) -> Storage, Storage::Slow] {
        let mut elsewhere = SharedJournal::new(MemoryJournal::new(100));
        let scene = Scene::on(storage(Box::new(elsewhere.another())));
        scene.connect(ANNA);
        scene.expect_send(ANNA, "hello, 0 lines");
        let all = |text: &str| Op::All { except: None, frame: Frame::text(format!("from elsewhere: {text}")) };
        let commit = |text| Commit { appends: vec![line(text)], ..Commit::default() };
        elsewhere.commit_all(vec![commit("one"), commit("two")]);
        assert_eq!((scene.op(), scene.op()), (all("one"), all("two")));
        scene.say(ANNA, "three");
        scene.expect_send(ANNA, "kept: three");
        elsewhere.commit_all(vec![commit("four")]);
        assert_eq!(scene.op(), all("four"));
        scene.connect(BERT);
        scene.expect_send(BERT, "hello, 4 lines");
    }
}

#[actix::test]
async fn an_app_that_fell_behind_others_begins_anew() {
    for storage in [Storage::Quick as fn(Box<dyn Journal>) -> Storage, Storage::Slow] {
        let mut elsewhere = SharedJournal::with_feed(MemoryJournal::new(100), 1);
        let scene = Scene::on(storage(Box::new(elsewhere.another())));
        scene.connect(ANNA);
        scene.expect_send(ANNA, "hello, 0 lines");
        let commit = |text| Commit { appends: vec![line(text)], ..Commit::default() };
        elsewhere.commit_all(vec![commit("one"), commit("two")]);
        let Op::Retire { farewell, close } = scene.op() else { panic!("not retired") };
        assert_eq!((farewell, close.code), (Some(Frame::text("Restart")), Close::RESTART));
        scene.connect(BERT);
        scene.expect_send(BERT, "hello, 2 lines");
        scene.say(BERT, "three");
        scene.expect_send(BERT, "kept: three");
        assert_eq!(scene.status.restarts(), 0, "that counts panics");
    }
}

#[actix::test]
async fn what_the_journal_told_before_it_was_read_anew_is_not_heard() {
    let mut elsewhere = SharedJournal::with_feed(MemoryJournal::new(100), 1);
    let scene = Scene::on(Storage::Slow(Box::new(elsewhere.another())));
    let commit = |text| Commit { appends: vec![line(text)], ..Commit::default() };
    elsewhere.commit_all(vec![commit("one"), commit("two")]);
    assert!(matches!(scene.op(), Op::Retire { .. }));
    scene.connect(ANNA);
    scene.expect_send(ANNA, "hello, 2 lines");
    let followed = FollowedAppend {
        log: LogName::new("diary"),
        placed: Placed { first: 2, head: 2, epoch: "e".into(), version: 2 },
        at: parlor_core::Time::default(),
        records: vec![Bytes::from_static(b"two")],
        state: None,
    };
    let late = Followed { appends: vec![followed], ..Followed::default() };
    for followed in [Ok(vec![late]), Err(FellBehind)] {
        scene.server.do_send(Committed { restores: 0, followed, outcomes: Vec::new() });
    }
    scene.say(ANNA, "three");
    scene.expect_send(ANNA, "kept: three");
}

/// Tells each slice of its housekeeping; there are three at once to begin with.
struct Tidied(MemoryJournal, Sender<u32>, u32);

impl Journal for Tidied {
    fn restore(&mut self) -> Result<Restored, String> {
        self.0.restore()
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        self.0.commit_all(batch)
    }

    fn load(&mut self, load: Load) -> Loaded {
        self.0.load(load)
    }

    fn tidy(&mut self, _: parlor_core::Time) -> bool {
        self.2 += 1;
        self.1.send(self.2).unwrap();
        self.2 < 3
    }
}

#[actix::test]
async fn journals_of_both_kinds_are_tidied_again_and_again() {
    for storage in [Storage::Quick as fn(Box<dyn Journal>) -> Storage, Storage::Slow] {
        let (sender, slices) = channel();
        let journal = Box::new(Tidied(MemoryJournal::new(1), sender, 0));
        let status = Arc::new(Status::default());
        let _server = ChatServer::launch(Diary::default, storage(journal), status, Handle::new()).unwrap();
        for slice in 1..=4 {
            assert_eq!(slices.recv_timeout(Duration::from_secs(20)), Ok(slice));
        }
    }
}
