//! A Redis that is gone for a while.

use std::thread;
use std::time::Duration;

use parlor_core::journal::{Commit, Journal, Outcome};
use parlor_redis::RedisOptions;
use parlor_testkit::Redis;

use super::*;

#[test]
fn commits_wait_for_a_redis_that_is_started_again() {
    for redis in [synced(), Redis::start()] {
        let mut redis = redis;
        let mut here = open(&RedisOptions { patience: Duration::from_secs(60), ..options(&redis.url()) });
        let mut there = open(&options(&redis.url()));
        let generation = here.restore().unwrap().generation;
        there.restore().unwrap();
        assert_eq!(number(&say(&mut here, "1")), 1);
        hear_until(&mut there, "1");
        redis.wait_for_file();
        redis.kill();
        let outcome = thread::scope(|scope| {
            let asked = scope.spawn(|| say(&mut here, "2"));
            redis.start_again();
            asked.join().unwrap()
        });
        assert_eq!(number(&outcome), 2, "what is in the file is not lost with the process");
        assert_eq!(hear_until(&mut there, "2"), ["2"]);
        assert!(here.follow().is_ok() && here.fault().is_none());
        assert_eq!(here.restore().unwrap().generation, generation, "a live node has found its last entry");
    }
}

#[test]
fn patience_has_an_end_and_counts_from_the_beginning_of_the_outage() {
    let mut redis = Redis::start();
    let mut here = open(&RedisOptions { patience: Duration::from_millis(300), ..options(&redis.url()) });
    redis.kill();
    eventually("the outage is known", || here.fault());
    let outcome = say(&mut here, "lost");
    assert!(matches!(outcome, Outcome::Unavailable(_) | Outcome::Unknown(_)), "{outcome:?}");
    assert!(matches!(say(&mut here, "never sent"), Outcome::Unavailable(_)), "nobody is there to send it to");
    assert!(matches!(here.commit_all(vec![Commit::default()])[..], [Outcome::Unavailable(_)]));
    assert!(here.probe().is_err());
    assert!(!here.nodes().figures().is_connected);
    redis.start_again();
    eventually("the link is back", || here.fault().is_none().then_some(()));
    assert_eq!(records(&mut here), Vec::<String>::new());
    assert_eq!(number(&say(&mut here, "after")), 1);
    here.probe().unwrap();
}

#[test]
fn readers_say_that_redis_is_gone_and_read_again_when_it_is_back() {
    let mut redis = Redis::start();
    let mut here = open(&options(&redis.url()));
    say(&mut here, "1");
    let mut reader = here.reader().unwrap();
    let mut read = || reader.load(Load::newest("room/tea", 5));
    assert!(matches!(read(), Loaded::Page(page) if page.head == 1));
    redis.wait_for_file();
    redis.kill();
    assert!(matches!(read(), Loaded::Unavailable(_)));
    redis.start_again();
    assert!(matches!(read(), Loaded::Page(page) if page.head == 1));
}

#[test]
fn ephemerals_that_could_not_be_placed_are_placed_later() {
    let mut redis = Redis::start();
    let mut here = open(&RedisOptions { patience: Duration::from_millis(300), ..options(&redis.url()) });
    let mut there = open(&options(&redis.url()));
    redis.kill();
    eventually("the outage is known", || here.fault());
    let outcomes = here.commit_all(vec![present("ann")]);
    assert!(matches!(outcomes[..], [Outcome::Unavailable(_) | Outcome::Unknown(_)]), "{outcomes:?}");
    redis.start_again();
    eventually("the link is back", || here.fault().is_none().then_some(()));
    here.tidy(Time(1));
    let heard = eventually("ann is there", || {
        let ephemerals: Vec<Ephemeral> = there.follow().unwrap().into_iter().flat_map(|it| it.ephemerals).collect();
        (!ephemerals.is_empty()).then_some(ephemerals)
    });
    assert_eq!(heard, present("ann").ephemerals);
    assert!(here.follow().unwrap().is_empty());
}

#[test]
fn a_redis_that_was_stopped_costs_waiting_and_ends_nobody() {
    let redis = Redis::start();
    let mut here = open(&RedisOptions { patience: Duration::from_secs(60), ..options(&redis.url()) });
    let mut there = open(&options(&redis.url()));
    assert_eq!(here.commit_all(vec![present("ann")]), [Outcome::Committed(vec![])]);
    redis.stop(true);
    let outcome = thread::scope(|scope| {
        let asked = scope.spawn(|| say(&mut here, "1"));
        // Longer than a lease, as both see it.
        let renewals = there.nodes();
        let before = renewals.figures().failures;
        // Each takes a third of a lease at least.
        eventually("a lease has passed", || (renewals.figures().failures >= before + 8).then_some(()));
        redis.stop(false);
        asked.join().unwrap()
    });
    assert_eq!(number(&outcome), 1);
    hear_until(&mut there, "1");
    let renewals = there.nodes().figures().renewals;
    eventually("leases are renewed", || (there.nodes().figures().renewals > renewals + 8).then_some(()));
    assert!(here.follow().is_ok(), "nobody has ended it");
    assert_eq!(there.nodes().list().len(), 2);
}

#[test]
fn a_full_memory_refuses_and_goes_on_when_there_is_room() {
    let redis = Redis::start();
    let mut here = open(&options(&redis.url()));
    assert_eq!(number(&say(&mut here, "1")), 1);
    redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    let Outcome::Unavailable(why) = say(&mut here, "2") else { panic!("written") };
    assert!(why.contains("maxmemory"), "{why}");
    redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(number(&say(&mut here, "3")), 2);
    assert_eq!(records(&mut here), ["1", "3"]);
}
