//! How a client ends, and what it refuses to do.

use std::time::Duration;

use parlor_client::{Client, Error, ErrorCode, Event, State, Update};
use parlor_testkit::eventually;
use serde_json::json;

use super::{connect, house, launch, options, soon, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_closes_has_left() {
    let server = launch(&["--presence-grace=0s"]).start();
    let (ann, mut updates) = connect(server.address, options());
    ann.join("tea").await.unwrap();
    let (bo, mut of_bo) = connect(server.address, options());
    bo.join("tea").await.unwrap();
    bo.close().await;
    assert!(matches!(bo.say("tea", "too late").await, Err(Error::Closed(_))));
    assert!(matches!(bo.state(), State::Closed(close) if close.code == 1000));
    until(&mut of_bo, |update| matches!(update, Update::Closed(_)).then_some(())).await;
    assert_eq!(soon(of_bo.next()).await, None);
    until(&mut updates, |update| matches!(update, Update::Event(Event::Left(_))).then_some(())).await;
    let (cleo, _) = connect(server.address, options());
    cleo.join("tea").await.unwrap();
    drop(cleo);
    until(&mut updates, |update| matches!(update, Update::Event(Event::Left(_))).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_closes_while_there_is_no_server_ends_too() {
    let (_server, proxy) = house(&[]);
    proxy.lead_to(None);
    let (client, mut updates) = connect(proxy.address, options());
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.join("tea").await }
    });
    soon(client.close()).await;
    assert!(matches!(waiting.await.unwrap(), Err(Error::Closed(_))));
    assert!(matches!(soon(updates.next()).await, Some(Update::Closed(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_origin_is_final() {
    let (_server, proxy) = house(&[]);
    let (client, mut updates) = connect(proxy.address, options().header("Origin", "https://elsewhere.example"));
    let refused = client.join("tea").await.unwrap_err();
    assert!(refused.to_string().contains("403"), "{refused}");
    assert!(matches!(soon(updates.next()).await, Some(Update::Closed(close)) if !close.may_return()));
    assert_eq!(proxy.count(), 1, "it did not come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_much_is_closed_and_comes_back() {
    let (_server, proxy) = house(&["--rate-per-second=1", "--rate-burst=1"]);
    let (client, mut updates) = connect(proxy.address, options());
    client.ready().await.unwrap();
    let asking: Vec<_> = (0..700)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.request("echo", json!({"body": 1})).await })
        })
        .collect();
    let close = until(&mut updates, |update| match update {
        Update::Disconnected { close, .. } => Some(close),
        _ => None,
    })
    .await;
    assert_eq!(close.code, 4003, "{close:?}");
    let answers = asking.into_iter().map(async |asked| asked.await.unwrap());
    let mut refused = 0;
    for answer in answers {
        refused += usize::from(answer.await.is_err_and(|error| error.code() == Some(ErrorCode::RateLimited)));
    }
    assert!(refused > 100, "{refused}");
    client.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_an_answer_ends_in_time() {
    let (_server, proxy) = house(&[]);
    let (client, _updates) = connect(proxy.address, options().request_timeout(Duration::from_millis(300)));
    client.ready().await.unwrap();
    let room = client.join("tea").await.unwrap();
    proxy.hold(true);
    assert_eq!(client.say_with_key("tea", "x", "one key").await, Err(Error::TimedOut));
    proxy.hold(false);
    let said = eventually_said(&client).await;
    assert_eq!(said.seq, room.seq + 1, "it was said once");
}

/// The same message again under the same key.
async fn eventually_said(client: &Client) -> parlor_client::Said {
    loop {
        if let Ok(said) = client.say_with_key("tea", "x", "one key").await {
            return said;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_dropped_ends_its_connection() {
    let server = launch(&["--max-clients=1"]).start();
    drop(connect(server.address, options()));
    let (client, updates) = connect(server.address, options());
    client.ready().await.unwrap();
    drop((client, updates));
    let clients = || {
        let metrics = server.get("/metrics").body;
        metrics.lines().find(|line| line.starts_with("parlor_clients{")).map(|line| line.ends_with(" 0"))
    };
    eventually("nobody is there", || clients().filter(|is_empty| *is_empty));
}
