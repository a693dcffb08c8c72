//! Events from outside and tasks, over real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parlor_kit::{App, Client, ClientId, Close, Handle, Hub, Limits, Mount, Server, TaskFailure, TaskId, TellError};
use parlor_testkit::{Peer, wait_until};

use super::server::{Hosted, Log, open};

/// Sends every event to everybody; spawns as it is told. An event "panic" makes it panic.
struct News {
    log: Arc<Log>,
    /// Futures that were dropped.
    dropped: Arc<AtomicUsize>,
    limits: Limits,
}

struct CountsDrop(Arc<AtomicUsize>);

impl Drop for CountsDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl App<String> for News {
    type Request = String;

    fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}

    fn message_received(&mut self, client: ClientId, request: String, hub: &mut Hub<'_, String>) {
        let thread = std::thread::current().id();
        match request.as_str() {
            "where" => drop(hub.spawn(async move {
                assert_ne!(std::thread::current().id(), thread, "never on the app's own thread");
                "elsewhere".to_owned()
            })),
            "panic" => drop(hub.spawn(async { panic!("as told") })),
            "block" => {
                let guard = CountsDrop(Arc::clone(&self.dropped));
                hub.spawn_for(client, async move {
                    let _guard = guard;
                    std::future::pending().await
                });
            }
            other => hub.send(client, other),
        }
    }

    fn client_left(&mut self, _: ClientId, close: &Close, _: &mut Hub<'_, String>) {
        self.log.write(format!("left {} {}", close.code, close.reason));
    }

    fn told(&mut self, event: String, hub: &mut Hub<'_, String>) {
        self.log.wait_while_held();
        assert_ne!(event, "panic", "as told");
        hub.send_all(event);
    }

    fn task_failed(&mut self, _: TaskId, failure: TaskFailure, hub: &mut Hub<'_, String>) {
        hub.send_all(failure.to_string());
    }

    fn limits(&self) -> Limits {
        self.limits.clone()
    }
}

fn hosted(limits: Limits) -> (Hosted, Handle<String>, Arc<AtomicUsize>) {
    let (log, dropped) = (Arc::new(Log::default()), Arc::new(AtomicUsize::new(0)));
    let (app_log, app_dropped) = (Arc::clone(&log), Arc::clone(&dropped));
    let mount = Mount::new(&["/ws"], move || News {
        log: Arc::clone(&app_log),
        dropped: Arc::clone(&app_dropped),
        limits: limits.clone(),
    });
    let handle = mount.handle();
    (Hosted::run(Server::new().mount(mount), log), handle, dropped)
}

#[test]
fn events_told_from_many_threads_all_come_each_threads_in_order() {
    let (host, handle, _) = hosted(open());
    let mut peer = Peer::new(host.address);
    peer.text("here");
    peer.expect("here");
    let tellers: Vec<_> = (0..4)
        .map(|teller| {
            let handle = handle.clone();
            std::thread::spawn(move || {
                for event in 0..2000 {
                    let mut event = format!("{teller} {event}");
                    while let Err(error) = handle.tell(event) {
                        assert!(matches!(error, TellError::Full(_)), "{error}");
                        event = error.into_event();
                        std::thread::yield_now();
                    }
                }
            })
        })
        .collect();
    let mut next = [0; 4];
    while next != [2000; 4] {
        let heard = peer.hear_text();
        let (teller, event) = heard.split_once(' ').unwrap();
        let next = &mut next[teller.parse::<usize>().unwrap()];
        assert_eq!(event.parse::<i32>().unwrap(), *next);
        *next += 1;
    }
    tellers.into_iter().for_each(|teller| teller.join().unwrap());
}

#[test]
fn events_that_find_no_room_are_given_back() {
    let (host, handle, _) = hosted(open());
    host.log.hold(true);
    let mut told = 0;
    let error = loop {
        match handle.tell(told.to_string()) {
            Ok(()) => told += 1,
            Err(error) => break error,
        }
    };
    // The one that is held by the app has given its permit back.
    assert!((Handle::<String>::EVENTS_MAX..=Handle::<String>::EVENTS_MAX + 1).contains(&told), "{told}");
    assert_eq!(error, TellError::Full(told.to_string()));
    let waiting = std::thread::spawn({
        let handle = handle.clone();
        move || futures_executor(handle.tell_when_room("the last".to_owned()))
    });
    host.log.hold(false);
    assert_eq!(waiting.join().unwrap(), Ok(()));
    let mut peer = Peer::new(host.address);
    peer.text("here");
    peer.wait_for("here");
    wait_until("the queue is empty", || handle.tell("still there".to_owned()).is_ok());
    peer.wait_for("still there");
}

#[test]
fn who_waits_for_room_hears_that_the_app_has_ended() {
    let (host, handle, _) = hosted(open());
    host.log.hold(true);
    while handle.tell("fill".to_owned()).is_ok() {}
    let waiting = std::thread::spawn({
        let handle = handle.clone();
        move || futures_executor(handle.tell_when_room("too late".to_owned()))
    });
    drop(host);
    // It was told in the last moment, or given back; it didn't get lost in between.
    if let Err(error) = waiting.join().unwrap() {
        assert_eq!(error, TellError::Gone("too late".to_owned()));
    }
    assert_eq!(handle.tell("nobody".to_owned()), Err(TellError::Gone("nobody".to_owned())));
}

#[test]
fn events_told_before_the_start_come_first() {
    let log = Arc::new(Log::default());
    let app_log = Arc::clone(&log);
    let mount = Mount::new(&["/ws"], move || Early(Arc::clone(&app_log)));
    let handle = mount.handle();
    handle.tell("early").unwrap();
    let host = Hosted::run(Server::new().mount(mount), log);
    handle.tell("later").unwrap();
    host.log.wait("later", 1);
    assert_eq!(host.log.lines(), ["started", "early", "later"]);
}

struct Early(Arc<Log>);

impl App<&'static str> for Early {
    type Request = String;
    fn new_client(&mut self, _: &Client, _: &mut Hub<'_, &'static str>) {}
    fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_, &'static str>) {}
    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, &'static str>) {}
    fn started(&mut self, _: &mut Hub<'_, &'static str>) {
        self.0.write("started".into());
    }
    fn told(&mut self, event: &'static str, _: &mut Hub<'_, &'static str>) {
        self.0.write(event.into());
    }
}

#[test]
fn an_event_that_makes_the_app_panic_does_not_stop_those_after_it() {
    let (host, handle, _) = hosted(open());
    let mut peer = Peer::new(host.address);
    peer.text("here");
    peer.expect("here");
    handle.tell("panic".into()).unwrap();
    peer.expect_close(1012);
    let mut peer = Peer::new(host.address);
    peer.text("back");
    peer.expect("back");
    handle.tell("next".into()).unwrap();
    peer.expect("next");
}

#[test]
fn tasks_run_elsewhere_and_their_panics_come_back() {
    let (host, _handle, _) = hosted(open());
    let mut peer = Peer::new(host.address);
    peer.text("where");
    peer.expect("elsewhere");
    peer.text("panic");
    peer.expect("the task panicked: as told");
    peer.text("still here");
    peer.expect("still here");
}

#[test]
fn tasks_beyond_the_bound_wait_and_then_are_refused_and_end_with_their_client() {
    let (host, _handle, dropped) = hosted(open().tasks(2));
    let mut blocker = Peer::new(host.address);
    for _ in 0..5 {
        blocker.text("block");
    }
    // Two run, two wait, the fifth is refused.
    blocker.expect("the task was refused: too many tasks run and wait (Limits::tasks)");
    wait_until("the refused one is dropped", || dropped.load(Ordering::SeqCst) == 1);
    drop(blocker);
    wait_until("all are dropped", || dropped.load(Ordering::SeqCst) == 5);
    let mut peer = Peer::new(host.address);
    peer.text("where");
    peer.expect("elsewhere");
}

#[test]
fn client_left_tells_the_close_code_and_reason() {
    let (host, _handle, _) = hosted(open());
    let mut peer = Peer::new(host.address);
    peer.close(4321, "enough");
    host.log.wait("left 4321 enough", 1);
    drop(Peer::new(host.address));
    host.log.wait("left 1006", 1);
    let mut peer = Peer::new(host.address);
    peer.frame(0x82, "binary");
    peer.expect_close(1003);
    host.log.wait("left 1003 binary messages", 1);
}

fn futures_executor<F: std::future::Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
