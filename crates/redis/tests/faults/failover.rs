//! Replicas and sentinels.

use std::time::Duration;

use parlor_core::journal::{Journal, Outcome};
use parlor_redis::{OpenError, RedisOptions};
use parlor_testkit::{Redis, Sentinel};

use super::*;

fn by_sentinel(sentinel: &Sentinel) -> RedisOptions {
    let url = format!("redis+sentinel://127.0.0.1:1,{}/{}", sentinel.address(), Sentinel::MASTER);
    RedisOptions { patience: Duration::from_secs(60), ..options(&url) }
}

#[test]
fn a_failover_to_a_replica_that_has_everything_costs_waiting() {
    let mut primary = Redis::start();
    let replica = primary.replica();
    let sentinel = Sentinel::watch(&primary, Duration::from_millis(300));
    sentinel.wait_for_replicas(1);
    let mut here = open(&RedisOptions { wait_replicas: 1, ..by_sentinel(&sentinel) });
    let mut there = open(&by_sentinel(&sentinel));
    let before = here.restore().unwrap().generation;
    there.restore().unwrap();
    assert_eq!(number(&say(&mut here, "1")), 1);
    hear_until(&mut there, "1");
    primary.kill();
    assert_eq!(number(&say(&mut there, "2")), 2);
    assert_eq!(hear_until(&mut here, "2"), ["2"]);
    assert!(there.follow().is_ok());
    assert_eq!(there.restore().unwrap().generation, before);
    assert_eq!(sentinel.primary(), Some(replica.address()));
}

#[test]
fn a_failover_to_a_replica_that_lags_changes_the_generation() {
    let mut primary = Redis::start();
    let replica = primary.replica();
    let sentinel = Sentinel::watch(&primary, Duration::from_millis(500));
    sentinel.wait_for_replicas(1);
    let (mut here, mut there) = (open(&by_sentinel(&sentinel)), open(&by_sentinel(&sentinel)));
    let before = here.restore().unwrap().generation;
    there.restore().unwrap();
    assert_eq!(number(&say(&mut here, "kept")), 1);
    eventually("the replica has it", || {
        (primary.info("replication", "master_repl_offset") == replica.info("replication", "master_repl_offset"))
            .then_some(())
    });
    replica.stop(true);
    primary.ask(&["CLIENT", "KILL", "TYPE", "replica"]); // what is not sent yet is dropped
    assert_eq!(number(&say(&mut here, "lost")), 2);
    hear_until(&mut there, "lost");
    primary.kill();
    replica.stop(false);
    wait_for_fault(&mut here);
    wait_for_fault(&mut there);
    assert_ne!(here.restore().unwrap().generation, before);
    there.restore().unwrap();
    if there.follow().is_err() || here.follow().is_err() {
        here.restore().unwrap();
    }
    assert_eq!(records(&mut here), ["kept"]);
    assert_eq!(number(&say(&mut here, "anew")), 2);
    assert_eq!(hear_until(&mut there, "anew"), ["anew"]);
}

#[test]
fn sentinels_name_a_primary_with_a_password() {
    let primary = Redis::start_with_password("s3cret");
    let sentinel = Sentinel::watch(&primary, Duration::from_secs(60));
    let by = |password: &str, name: &str| format!("redis+sentinel://:{password}@{}/{name}", sentinel.address());
    let mut here = open(&options(&by("s3cret", Sentinel::MASTER)));
    assert_eq!(number(&say(&mut here, "1")), 1);
    let refused = |url: &str| RedisJournal::open(&options(url)).err().unwrap();
    assert!(matches!(refused(&by("wr0ng", Sentinel::MASTER)), OpenError::Refused(_)));
    let nobody = refused(&by("s3cret", "nobody"));
    assert!(nobody.to_string().contains("nobody"), "{nobody}");
}

#[test]
fn a_batch_that_too_few_replicas_have_is_unknown_and_comes_as_news() {
    let redis = Redis::start();
    let replica = redis.replica();
    let mut here = open(&RedisOptions { wait_replicas: 1, ..options(&redis.url()) });
    assert_eq!(number(&say(&mut here, "1")), 1);
    replica.stop(true);
    assert!(matches!(say(&mut here, "2"), Outcome::Unknown(_)));
    assert_eq!(hear_until(&mut here, "2"), ["2"]);
    replica.stop(false);
    let third = eventually("the replica is back", || {
        Some(say(&mut here, "3")).filter(|it| matches!(it, Outcome::Committed(_)))
    });
    assert!(number(&third) >= 3);
}
