//! Connections that break: nothing is lost, and nothing comes twice.

use std::time::Duration;

use parlor_client::{Client, Join, State, Update, Updates};
use parlor_testkit::chance::{Chance, seed_from};
use parlor_testkit::proxy::Proxy;
use parlor_testkit::{Server, wait_until};

use super::{KEPT, Shown, connect, house, launch, moments, options, soon, until};

/// Two that talk in a room, each message once its forerunner is answered, while `trouble` has its way; and one that reads.
async fn talk(proxy: &Proxy, messages: usize, trouble: impl Future<Output = ()>) {
    let (reader, mut updates) = connect(proxy.address, options());
    let mut shown = Shown::of(&reader.join(Join::room("tea").newest(1)).await.unwrap());
    let writers: Vec<_> = ["a", "b"].map(|name| tokio::spawn(write(proxy.address, name, messages))).into();
    let reading = tokio::spawn(async move {
        shown.fill(&mut updates, 2 * messages).await;
        shown
    });
    trouble.await;
    for writer in writers {
        writer.await.unwrap();
    }
    let shown = reading.await.unwrap();
    shown.check();
    for name in ["a", "b"] {
        let said: Vec<&str> = shown.bodies().into_iter().filter(|body| body.starts_with(name)).collect();
        let expected: Vec<String> = (0..messages).map(|n| format!("{name} {n}")).collect();
        assert_eq!(said, expected, "each once, in order");
    }
    drop(reader);
}

async fn write(address: std::net::SocketAddr, name: &'static str, messages: usize) {
    let (client, _updates) = connect(address, options());
    client.join("tea").await.unwrap();
    for n in 0..messages {
        client.say("tea", &format!("{name} {n}")).await.unwrap();
    }
}

/// The number of the room's newest event. The first one is `created`.
async fn head(server: &Server) -> u64 {
    connect(server.address, options()).0.join("tea").await.unwrap().seq
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut() {
    let (server, proxy) = house(KEPT);
    let seed = seed_from("PARLOR_TEST_SEED");
    println!("PARLOR_TEST_SEED={seed} repeats the instants");
    let mut chance = Chance::new(seed);
    talk(&proxy, 200, async {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(chance.below(150))).await;
            proxy.cut();
        }
    })
    .await;
    assert_eq!(head(&server).await, 401, "and nothing else was said");
    assert!(proxy.count() > 3, "there were losses");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_are_killed() {
    let (mut server, proxy) = house(KEPT);
    talk(&proxy, 200, async {
        for _ in 0..4 {
            let before = proxy.count();
            moments().await;
            server.kill();
            proxy.lead_to(None);
            server.restart();
            proxy.lead_to(Some(server.address));
            wait_until("somebody is back", || proxy.count() > before);
        }
    })
    .await;
    assert_eq!(head(&server).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_says_when_to_come_back() {
    let (mut server, proxy) = house(KEPT);
    let (client, mut updates) = connect(proxy.address, options());
    client.join("tea").await.unwrap();
    client.say("tea", "before").await.unwrap();
    let user = client.user();
    assert_eq!(server.stop(), Some(0));
    let (close, retry_in) = until(&mut updates, |update| match update {
        Update::Disconnected { close, retry_in, .. } => Some((close, retry_in)),
        _ => None,
    })
    .await;
    assert!(close.code == 1012 && close.is_clean() && close.may_return(), "{close:?}");
    assert!(retry_in >= Duration::from_secs(1), "as `closing` asks: {retry_in:?}");
    assert_eq!(client.state(), State::Connecting);
    server.restart();
    proxy.lead_to(Some(server.address));
    let said = client.say("tea", "after").await.unwrap();
    assert_eq!((client.user(), said.seq), (user, 3), "the same user, in the same room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_a_sign_of_life_is_left() {
    let (server, proxy) = house(&["--heartbeat=200ms"]);
    let (client, mut updates) = connect(proxy.address, options());
    client.join("tea").await.unwrap();
    proxy.hold(true);
    let close = until(&mut updates, |update| match update {
        Update::Disconnected { close, .. } => Some(close),
        _ => None,
    })
    .await;
    assert_eq!(close.code, 4001, "{close:?}");
    proxy.hold(false);
    client.say("tea", "here again").await.unwrap();
    drop(server);
}

/// The program takes no updates for a while, and waits for answers meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_slow_gets_everything_in_the_end() {
    const MESSAGES: usize = 500;
    let server = launch(KEPT).start();
    let (slow, mut updates) = connect(server.address, options().updates_max(8));
    let mut shown = Shown::of(&slow.join("tea").await.unwrap());
    write(server.address, "a", MESSAGES).await;
    slow.say("tea", "answers come all the same").await.unwrap();
    shown.fill(&mut updates, MESSAGES + 1).await;
    shown.check();
    write(server.address, "b", 3).await;
    shown.fill(&mut updates, MESSAGES + 4).await;
    shown.check();
}

async fn entered(updates: &mut Updates) -> parlor_client::Joined {
    until(updates, |update| match update {
        Update::Entered(joined) => Some(*joined),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_lost_is_told() {
    let (mut server, proxy) = house(&["--secret=a secret of sixteen characters"]);
    let (client, mut updates) = connect(proxy.address, options());
    let before = client.join("tea").await.unwrap();
    client.say("tea", "in memory").await.unwrap();
    server.kill();
    server.restart();
    proxy.lead_to(Some(server.address));
    proxy.cut();
    let joined = entered(&mut updates).await;
    assert!(!joined.recovered && joined.seq == 1 && joined.epoch != before.epoch, "{joined:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_messages_wait_in_the_inbox() {
    let (server, proxy) = house(KEPT);
    let (ann, mut updates) = connect(proxy.address, options());
    let ann_id = ann.rename("Ann").await.unwrap().id;
    ann.join(Join::inbox()).await.unwrap();
    let (bo, _) = connect(server.address, options());
    proxy.lead_to(None);
    proxy.cut();
    until(&mut updates, |update| matches!(update, Update::Disconnected { .. }).then_some(())).await;
    while bo.tell(&ann_id, "are you there?").await.unwrap().delivered > 0 {
        moments().await; // the server has not noticed yet
    }
    proxy.lead_to(Some(server.address));
    let joined = entered(&mut updates).await;
    assert!(joined.recovered && !joined.events.is_empty(), "{joined:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_is_tried_again() {
    let (server, proxy) = house(&["--max-clients=1"]);
    let (first, _) = connect(server.address, options());
    first.ready().await.unwrap();
    let (second, _) = connect(proxy.address, options());
    wait_until("it was refused", || proxy.count() > 1);
    assert_eq!(second.state(), State::Connecting);
    first.close().await;
    soon(second.ready()).await.unwrap();
}

/// A client may be made before its server is up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_wait_for_the_first_connection() {
    let (server, proxy) = house(&[]);
    proxy.lead_to(None);
    let (client, _updates): (Client, Updates) = connect(proxy.address, options());
    let joining = tokio::spawn(async move { client.join("tea").await });
    wait_until("it has tried", || proxy.count() > 0);
    proxy.lead_to(Some(server.address));
    assert_eq!(joining.await.unwrap().unwrap().room, "tea");
}
