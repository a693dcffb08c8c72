//! Answers that are lost on their way.

use std::thread;
use std::time::Duration;

use parlor_core::journal::{Commit, Journal, Outcome};
use parlor_redis::RedisOptions;
use parlor_testkit::Redis;
use parlor_testkit::proxy::Proxy;

use super::*;

fn through(proxy: &Proxy) -> RedisOptions {
    options(&format!("redis://{}", proxy.address))
}

#[test]
fn a_batch_whose_answer_is_lost_is_asked_for_again_and_written_once() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.address());
    let mut here = open(&through(&proxy));
    let mut there = open(&options(&redis.url()));
    assert_eq!(number(&say(&mut here, "1")), 1);
    proxy.swallow_answers(true);
    let outcome = thread::scope(|scope| {
        let asked = scope.spawn(|| say(&mut here, "2"));
        hear_until(&mut there, "2");
        proxy.swallow_answers(false);
        proxy.cut();
        asked.join().unwrap()
    });
    assert_eq!(number(&outcome), 2);
    assert!(here.follow().unwrap().is_empty(), "its own batch is no news");
    assert_eq!(number(&say(&mut here, "3")), 3);
    assert_eq!(records(&mut there), ["1", "2", "3"]);
    assert!(here.nodes().figures().retries > 0);
}

#[test]
fn an_answer_that_stays_lost_is_unknown_and_comes_as_news() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.address());
    let mut here = open(&RedisOptions { patience: Duration::from_millis(500), ..through(&proxy) });
    let mut there = open(&options(&redis.url()));
    assert_eq!(number(&say(&mut there, "1")), 1);
    proxy.swallow_answers(true);
    let batch = vec![append("2"), Commit::default()];
    let outcomes = here.commit_all(batch);
    assert!(matches!(&outcomes[0], Outcome::Unknown(_)), "{outcomes:?}");
    assert!(matches!(&outcomes[1], Outcome::Unavailable(_)), "nothing is in it: {outcomes:?}");
    proxy.swallow_answers(false);
    proxy.cut();
    assert_eq!(hear_until(&mut here, "2"), ["1", "2"], "as if another had written it");
    assert_eq!(number(&say(&mut here, "3")), 3);
    assert_eq!(hear_until(&mut there, "3"), ["2", "3"]);
    assert!(here.follow().unwrap().is_empty() && here.follow().unwrap().is_empty());
}

#[test]
fn a_batch_that_reaches_redis_late_is_refused_once_a_later_one_was_written() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.address());
    let mut here = open(&RedisOptions { patience: Duration::from_millis(300), ..through(&proxy) });
    // The request waits in the proxy. Its connection is given up, and what the proxy holds is passed on late.
    proxy.hold(true);
    let outcome = say(&mut here, "late");
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    proxy.hold(false);
    // Whether it comes before or after the next one, it is in the log at most once, and news if it is there.
    let next = eventually("the link is back", || {
        Some(say(&mut here, "next")).filter(|it| matches!(it, Outcome::Committed(_)))
    });
    let all = records(&mut here);
    let mut news = texts(&here.follow().unwrap());
    news.extend(texts(&here.follow().unwrap()));
    assert_eq!(all.len() as u64, number(&next));
    assert_eq!(all.contains(&"late".to_owned()), news.contains(&"late".to_owned()), "{all:?} {news:?}");
    assert_eq!(number(&say(&mut here, "last")), number(&next) + 1, "nothing came between");
}

#[test]
fn a_flushed_script_cache_is_no_trouble() {
    let redis = Redis::start();
    let mut here = open(&options(&redis.url()));
    for n in 1..5 {
        redis.ask(&["SCRIPT", "FLUSH"]);
        assert_eq!(number(&say(&mut here, "again")), n);
    }
}

#[test]
fn a_batch_with_a_thousand_commits_and_large_records_is_written() {
    let redis = Redis::start();
    let mut here = open(&options(&redis.url()));
    let mut there = open(&options(&redis.url()));
    let outcomes = here.commit_all((0..10_000).map(|n| append(&format!("{n}"))).collect());
    assert_eq!(number(outcomes.last().unwrap()), 10_000);
    assert_eq!(number(&say(&mut here, &"x".repeat(5_000_000))), 10_001);
    assert_eq!(number(&say(&mut there, "end")), 10_002);
    let heard = texts(&there.follow().unwrap());
    assert_eq!((heard.len(), heard[10_000].len()), (10_001, 5_000_000));
}
