//! `parlor-client` against the real binary, over a network that breaks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod ends;
mod losses;
mod requests;

use std::time::Duration;

use parlor_client::{Client, Event, Joined, Options, Update, Updates};
use parlor_testkit::proxy::Proxy;
use parlor_testkit::{Launch, PATIENCE, Server};

const KEPT: &[&str] = &["--journal=parlor.db", "--retain=100000", "--recover-events=100000"];

fn launch(flags: &[&str]) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_parlor")).flags(flags)
}

/// A server behind a proxy.
fn house(flags: &[&str]) -> (Server, Proxy) {
    let server = launch(flags).start();
    let proxy = Proxy::to(server.address);
    (server, proxy)
}

fn options() -> Options {
    Options::default().request_timeout(PATIENCE)
}

fn connect(address: std::net::SocketAddr, options: Options) -> (Client, Updates) {
    Client::connect_with(&format!("ws://{address}/ws"), options).unwrap()
}

/// The next update that is this one.
async fn until<T>(updates: &mut Updates, mut find: impl FnMut(Update) -> Option<T>) -> T {
    let found = async {
        loop {
            let update = updates.next().await.expect("there are updates");
            if let Some(found) = find(update) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("it comes in time")
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it comes in time")
}

/// A room's messages as a program shows them: what is missed is added, what is void is forgotten.
#[derive(Default)]
struct Shown {
    /// Number and body.
    messages: Vec<(u64, String)>,
}

impl Shown {
    fn of(joined: &Joined) -> Self {
        let mut shown = Shown::default();
        joined.events.iter().for_each(|event| shown.add(event));
        shown
    }

    fn add(&mut self, event: &Event) {
        if let Event::Message(message) = event {
            self.messages.push((message.seq, message.body.clone()));
        }
    }

    fn take(&mut self, update: &Update) {
        match update {
            Update::Event(event) => self.add(event),
            Update::Entered(joined) => {
                assert!(joined.recovered, "the log reaches back: {joined:?}");
                joined.events.iter().for_each(|event| self.add(event));
            }
            _ => {}
        }
    }

    /// Takes updates until there are so many messages.
    async fn fill(&mut self, updates: &mut Updates, count: usize) {
        while self.messages.len() < count {
            let update = soon(updates.next()).await.expect("there are updates");
            self.take(&update);
        }
    }

    /// No gap and no repeat.
    fn check(&self) {
        let numbers: Vec<u64> = self.messages.iter().map(|(seq, _)| *seq).collect();
        assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1), "{numbers:?}");
    }

    fn bodies(&self) -> Vec<&str> {
        self.messages.iter().map(|(_, body)| body.as_str()).collect()
    }
}

async fn moments() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
