//! Refusals at the start, each with what mends it.

use std::net::TcpListener;

use parlor_redis::{OpenError, RedisJournal, RedisOptions, RedisStore, Secret};
use parlor_testkit::Redis;

use super::*;

fn refused(options: &RedisOptions) -> OpenError {
    RedisJournal::open(options).err().unwrap()
}

#[test]
fn a_redis_that_would_break_a_promise_is_refused() {
    let redis = Redis::start();
    redis.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let error = refused(&options(&redis.url()));
    assert_eq!(error, OpenError::EvictionPolicy { found: "allkeys-lru".into() });
    assert!(error.to_string().contains("redis-cli CONFIG SET maxmemory-policy noeviction"), "{error}");
    redis.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    redis.ask(&["CONFIG", "SET", "appendonly", "no"]);
    let error = refused(&options(&redis.url()));
    assert_eq!(error, OpenError::NotPersistent);
    assert!(error.to_string().contains("redis-cli CONFIG SET appendonly yes"), "{error}");
    assert_eq!(number(&say(&mut open(&RedisOptions { volatile: true, ..options(&redis.url()) }), "1")), 1);
    redis.ask(&["CONFIG", "SET", "appendonly", "yes"]);
    open(&options(&redis.url()));
    let replica = redis.replica();
    assert_eq!(refused(&options(&replica.url())), OpenError::ReadOnly);
    let without_tag = RedisOptions { prefix: "parlor:".into(), ..options(&redis.url()) };
    assert_eq!(refused(&without_tag), OpenError::Prefix);
}

#[test]
fn nobody_there_is_said_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = refused(&options(&format!("redis://:s3cret@{address}")));
    assert!(matches!(&error, OpenError::Unreachable(_)) && !error.to_string().contains("s3cret"), "{error}");
}

#[test]
fn users_and_passwords_are_checked() {
    let redis = Redis::start_with_password("s3cret");
    let at = redis.address();
    assert!(matches!(refused(&options(&redis.url())), OpenError::Refused(_)));
    let error = refused(&options(&format!("redis://:wr0ng@{at}")));
    assert!(matches!(&error, OpenError::Refused(_)) && !error.to_string().contains("wr0ng"), "{error}");
    open(&options(&format!("redis://:s3cret@{at}")));
    let from_file = RedisOptions { password: Some(Secret::new("s3cret")), ..options(&format!("redis://:old@{at}")) };
    open(&from_file);
    assert!(!format!("{from_file:?}").contains("s3cret"), "{from_file:?}");
    // The user that the documentation names.
    redis.ask(&["ACL", "SETUSER", "app", "on", ">pass", "~{parlor}:*", "+@all", "-@dangerous", "+info", "+config|get"]);
    let mut here = open(&options(&format!("redis://app:pass@{at}")));
    here.restore().unwrap();
    assert_eq!(number(&say(&mut here, "1")), 1);
    // One that may not ask for settings, as with managed Redis.
    redis.ask(&["ACL", "SETUSER", "app", "-config"]);
    let mut here = open(&options(&format!("redis://app:pass@{at}")));
    assert_eq!(number(&say(&mut here, "2")), 2);
    redis.ask(&["ACL", "SETUSER", "app", "-evalsha"]);
    let error = refused(&options(&format!("redis://app:pass@{at}")));
    assert!(matches!(error, OpenError::NotAllowed(_) | OpenError::Failed(_)), "{error:?}");
}

#[test]
fn keys_of_a_newer_version_are_left_alone() {
    let redis = Redis::start();
    drop(open(&options(&redis.url())));
    redis.ask(&["HSET", "{parlor}:state", "schema", "7"]);
    assert_eq!(refused(&options(&redis.url())), OpenError::NewerSchema { found: "7".into() });
}

#[test]
fn two_lounges_share_a_redis_by_prefix_and_by_database() {
    let redis = Redis::start();
    let options = options(&redis.url());
    let mut first = open(&options);
    let mut second = open(&RedisOptions { prefix: "{other}:".into(), ..options.clone() });
    let mut third = open(&super::options(&format!("{}/3", redis.url())));
    for journal in [&mut first, &mut second, &mut third] {
        assert_eq!(number(&say(journal, "1")), 1);
    }
}

#[test]
fn all_nodes_get_one_secret_and_share_assets() {
    let redis = Redis::start();
    let options = options(&redis.url());
    let (mut one, mut two) = (RedisStore::connect(&options).unwrap(), RedisStore::connect(&options).unwrap());
    assert_eq!(one.secret(b"first\0").unwrap(), b"first\0");
    assert_eq!(two.secret(b"second").unwrap(), b"first\0");
    assert_eq!(one.asset("a.js").unwrap(), None);
    one.put_asset("a.js", b"\xffcode", Duration::from_secs(60)).unwrap();
    assert_eq!(two.asset("a.js").unwrap(), Some(b"\xffcode".to_vec()));
}
