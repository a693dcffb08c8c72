//! A server on a port of its own, with an app that does as it is told.

use std::any::Any;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::web;
use parlor_kit::{
    Access, App, Client, ClientId, Close, Frame, FromIncoming, Gauge, GroupId, HttpSessions, Hub, Incoming, Limits,
    Mount, Refusal, Reply, Server, ServerHandle,
};
use parlor_testkit::{PATIENCE, wait_until};

/// A log of the callbacks, for the test to look at.
#[derive(Default)]
pub struct Log {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
    /// While it is true the app works on nothing.
    held: Mutex<bool>,
}

impl Log {
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub fn count(&self, word: &str) -> usize {
        self.lines().iter().filter(|line| line.starts_with(word)).count()
    }

    /// Waits until so many lines begin with `word`.
    pub fn wait(&self, word: &str, count: usize) {
        let until = Instant::now() + PATIENCE;
        let mut lines = self.lines.lock().unwrap();
        while lines.iter().filter(|line| line.starts_with(word)).count() < count {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {count} × {word:?} and saw {lines:?}");
            lines = self.changed.wait_timeout(lines, left).unwrap().0;
        }
    }

    pub fn hold(&self, hold: bool) {
        *self.held.lock().unwrap() = hold;
        self.changed.notify_all();
    }

    pub fn write(&self, line: String) {
        self.lines.lock().unwrap().push(line);
        self.changed.notify_all();
    }

    pub fn wait_while_held(&self) {
        let mut held = self.held.lock().unwrap();
        while *held {
            held = self.changed.wait(held).unwrap();
        }
    }
}

/// Obeys its clients: see [`Order`].
pub struct Obedient {
    pub log: Arc<Log>,
    pub limits: Limits,
}

pub enum Order {
    Echo(Frame),
    Join(u64),
    /// To a group.
    Say(u64, String),
    /// To a group, but for the speaker.
    Others(u64, String),
    /// So many binary frames of so many bytes each, to oneself.
    Pour(usize, usize),
    /// A binary frame of so many bytes, as a list.
    List(usize),
    /// An echo that must not overtake lists.
    Behind(String),
    Close(u16),
}

impl FromIncoming for Order {
    fn from_incoming(incoming: Incoming<'_>) -> Result<Self, Reply> {
        let Incoming::Text(text) = incoming else { return Ok(Order::Echo(incoming.into())) };
        let words: Vec<&str> = text.splitn(3, ' ').collect();
        Ok(match words[..] {
            ["join", group] => Order::Join(group.parse().unwrap()),
            ["say", group, text] => Order::Say(group.parse().unwrap(), text.to_owned()),
            ["others", group, text] => Order::Others(group.parse().unwrap(), text.to_owned()),
            ["pour", count, bytes] => Order::Pour(count.parse().unwrap(), bytes.parse().unwrap()),
            ["list", bytes] => Order::List(bytes.parse().unwrap()),
            ["behind", text] => Order::Behind(text.to_owned()),
            ["close", code] => Order::Close(code.parse().unwrap()),
            ["panic"] => panic!("as told"),
            ["nonsense"] => return Err("what?".into()),
            ["abuse"] => return Err(Reply { frame: Some("never!".into()), close: Some(Close::new(4500, "abuse")) }),
            _ => Order::Echo(text.into()),
        })
    }
}

impl App for Obedient {
    type Request = Order;

    fn new_client(&mut self, client: &Client, _: &mut Hub<'_>) {
        let agent = client.header("user-agent").unwrap_or_default();
        self.log.write(format!("new {} {}?{} {agent}", client.address, client.path, client.query));
    }

    fn message_received(&mut self, client: ClientId, order: Order, hub: &mut Hub<'_>) {
        self.log.wait_while_held();
        match order {
            Order::Echo(frame) => hub.send(client, frame),
            Order::Join(group) => {
                hub.join(client, GroupId(group));
                hub.send(client, "joined");
            }
            Order::Say(group, text) => hub.broadcast(GroupId(group), text),
            Order::Others(group, text) => hub.broadcast_except(GroupId(group), client, text),
            Order::Pour(count, bytes) => {
                (0..count).for_each(|index| hub.send(client, Frame::binary(vec![index as u8; bytes])));
            }
            Order::List(bytes) => {
                self.log.write("list".to_owned());
                hub.send(client, Frame::binary(vec![0; bytes]));
            }
            Order::Behind(text) => hub.send(client, text),
            Order::Close(code) => hub.close(client, code, "as told"),
        }
    }

    fn client_left(&mut self, client: ClientId, _: &Close, _: &mut Hub<'_>) {
        self.log.write(format!("left {client}"));
    }

    fn refuse(_: &Order, refusal: &Refusal) -> Reply {
        let Refusal::RateLimited { retry_after_ms } = refusal else { return "refused".into() };
        format!("slower: {retry_after_ms}").into()
    }

    fn gauges(&self) -> Vec<Gauge> {
        self.log.write("gauges".to_owned());
        vec![Gauge { name: "seven", help: "Seven.", value: 7.0 }]
    }

    fn answers_with_list(order: &Order) -> bool {
        matches!(order, Order::List(_))
    }

    fn keeps_order(_: &Order, later: &Order) -> bool {
        matches!(later, Order::Behind(_))
    }

    fn limits(&self) -> Limits {
        self.limits.clone()
    }

    fn subprotocols() -> &'static [&'static str] {
        &["best", "second"]
    }
}

pub struct Hosted {
    pub address: SocketAddr,
    pub log: Arc<Log>,
    pub handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Other servers that serve the same clients. They stop after this one.
    pub beside: Vec<Box<dyn Any + Send + Sync>>,
}

impl Hosted {
    /// The app at `/ws`, `/also` and `/api/sessions`, a page at `/page`, one that fails at `/fails`.
    pub fn new(limits: Limits) -> Self {
        Self::with(limits, Access::default())
    }

    /// The same with access rules.
    pub fn with(limits: Limits, access: Access) -> Self {
        Self::configured(limits, access, |server| server)
    }

    /// The same with anything else.
    pub fn configured(limits: Limits, access: Access, and: impl FnOnce(Server) -> Server) -> Self {
        let log = Arc::new(Log::default());
        let app_log = log.clone();
        let make = move || Obedient { log: app_log.clone(), limits: limits.clone() };
        let sessions = HttpSessions::new("/api/sessions").text();
        let server = Server::new()
            .mount(Mount::new(&["/ws", "/also"], make).http_sessions(sessions))
            .workers(2)
            .access(access)
            .routes(|config| {
                config.route("/page", web::to(|| async { HttpResponse::Ok().body("a page\n") }));
                config.route("/fails", web::to(fails));
            });
        Self::run(and(server), log)
    }

    /// Any server.
    pub fn run(server: Server, log: Arc<Log>) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), server, log)
    }

    /// The same on a listener of the test's.
    pub fn on(listener: TcpListener, server: Server, log: Arc<Log>) -> Self {
        let address = listener.local_addr().unwrap();
        let handle = server.handle();
        let thread = std::thread::spawn(move || server.run_blocking(listener).unwrap());
        wait_until("the apps run", || !handle.apps().is_empty());
        Hosted { address, log, handle, thread: Some(thread), beside: Vec::new() }
    }

    /// A figure of `/metrics`, by name or label.
    pub fn sample(&self, name: &str) -> u64 {
        let samples = self.handle.apps()[0].samples();
        let found = samples.iter().find(|sample| match &sample.label {
            Some((_, label)) => label == name,
            None => sample.name == name,
        });
        found.unwrap().value as u64
    }

    /// Refusals that the server counts, by reason.
    pub fn refused(&self, why: &str) -> u64 {
        let samples = self.handle.samples();
        let found = samples.iter().find(|sample| sample.label.as_ref().is_some_and(|(_, label)| label == why));
        found.unwrap().value as u64
    }

    /// The app's own figures, as `/metrics` gets them.
    pub fn gauges(&self) -> Vec<Gauge> {
        actix::System::new().block_on(self.handle.apps()[0].gauges())
    }

    /// Waits until a figure is what it should be.
    pub fn wait_sample(&self, name: &str, value: u64) {
        wait_until(name, || self.sample(name) == value);
    }
}

async fn fails() -> Result<HttpResponse, actix_web::Error> {
    Err(actix_web::error::ErrorImATeapot("no coffee"))
}

impl Drop for Hosted {
    fn drop(&mut self) {
        self.log.hold(false);
        self.handle.stop(Close::new(Close::RESTART, "the server is closing"));
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the server has panicked");
        }
    }
}

/// Limits for tests: nothing is limited that is not tried.
pub fn open() -> Limits {
    Limits::open()
}
