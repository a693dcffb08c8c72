//! Nodes that die, sleep, or go.

use std::sync::Arc;
use std::time::Duration;

use parlor_core::journal::{Journal, Outcome};
use parlor_redis::RedisOptions;
use parlor_testkit::Redis;
use parlor_testkit::proxy::Proxy;

use super::*;

#[test]
fn a_node_that_is_not_heard_of_is_ended_once_and_writes_nothing_when_it_wakes() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.address());
    let mut sleeper = open(&options(&format!("redis://{}", proxy.address)));
    let writer = sleeper.restore().unwrap().shared.unwrap().writer;
    let mut there = open(&RedisOptions { address: Some("10.0.0.2:8080".into()), ..options(&redis.url()) });
    let mut third = open(&options(&redis.url()));
    for journal in [&mut there, &mut third] {
        journal.restore().unwrap();
    }
    assert_eq!(sleeper.commit_all(vec![present("ann")]), [Outcome::Committed(vec![])]);
    eventually("all are seen", || (there.nodes().list().len() == 3).then_some(()));
    proxy.hold(true);
    for journal in [&mut there, &mut third] {
        assert_eq!(hear_of_an_end(journal)[..], [Arc::clone(&writer)]);
    }
    assert!(third.restore().unwrap().shared.unwrap().ephemerals.is_empty());
    proxy.hold(false);
    wait_for_fault(&mut sleeper);
    assert!(matches!(say(&mut sleeper, "late"), Outcome::Unavailable(_)));
    assert_eq!(records(&mut there), Vec::<String>::new());
    sleeper.restore().unwrap();
    assert_eq!(number(&say(&mut sleeper, "anew")), 1);
    assert_eq!(hear_until(&mut there, "anew"), ["anew"]);
    assert!(there.follow().unwrap().is_empty(), "it was ended once");
    assert_eq!(there.nodes().figures().fallen_behind, 0);
    assert_eq!(sleeper.nodes().figures().fallen_behind, 1);
}

#[test]
fn a_sleeper_that_commits_first_hears_that_it_is_late() {
    let redis = Redis::start();
    let mut sleeper = open(&options(&redis.url()));
    let writer = sleeper.restore().unwrap().shared.unwrap().writer;
    // As a node is ended that was stopped together with the thread of its lease.
    redis.ask(&["DEL", &format!("{{parlor}}:w:{writer}")]);
    assert!(matches!(say(&mut sleeper, "late"), Outcome::Unavailable(_)));
    assert!(sleeper.follow().is_err());
    sleeper.restore().unwrap();
    assert_eq!(number(&say(&mut sleeper, "anew")), 1);
}

#[test]
fn who_goes_is_gone_at_once() {
    let redis = Redis::start();
    // With a lease that would last.
    let long = RedisOptions { lease: Duration::from_secs(600), ..options(&redis.url()) };
    let mut here = open(&long);
    let mut there = open(&long);
    here.commit_all(vec![present("ann")]);
    drop(here);
    assert_eq!(hear_of_an_end(&mut there).len(), 1);
}

#[test]
fn nodes_know_where_others_are() {
    let redis = Redis::start();
    let named = |name: &str, address: Option<&str>| {
        let (node, address) = (name.to_owned(), address.map(str::to_owned));
        open(&RedisOptions { node, address, ..options(&redis.url()) })
    };
    let (one, two) = (named("one", Some("10.0.0.1:80")), named("two", None));
    eventually("both are seen", || (one.nodes().list().len() == 2).then_some(()));
    assert_eq!((one.nodes().me(), two.nodes().me()), ("one", "two"));
    eventually("both are seen", || (two.nodes().list().len() == 2).then_some(()));
    assert_eq!(two.nodes().address_of("one"), Some("10.0.0.1:80".into()));
    assert_eq!((one.nodes().address_of("two"), one.nodes().address_of("three")), (None, None));
}

#[test]
fn a_node_that_the_feed_has_left_behind_begins_anew() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.address());
    let lasting = |url: &str| RedisOptions { lease: Duration::from_secs(600), feed_entries: 50, ..options(url) };
    let mut sleeper = open(&lasting(&format!("redis://{}", proxy.address)));
    let mut here = open(&lasting(&redis.url()));
    proxy.hold(true);
    for n in 0..1000 {
        say(&mut here, &n.to_string());
        here.follow().unwrap();
    }
    proxy.cut();
    proxy.hold(false);
    wait_for_fault(&mut sleeper);
    assert!(matches!(say(&mut sleeper, "late"), Outcome::Unavailable(_)));
    let restored = sleeper.restore().unwrap();
    assert_eq!(restored.logs[0].head, 1000);
    assert_eq!(number(&say(&mut sleeper, "anew")), 1001);
}
