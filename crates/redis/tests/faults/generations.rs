//! A Redis that comes back with less than was acknowledged.

use std::fs;

use parlor_core::journal::{Journal, Outcome};
use parlor_testkit::Redis;

use super::*;

/// Kills Redis, takes the end of its file away, as a loss of power does, and starts it again.
fn lose_what_follows(redis: &mut Redis, length: u64) {
    redis.kill();
    fs::File::options().write(true).open(redis.append_file()).unwrap().set_len(length).unwrap();
    redis.start_again();
}

fn written(redis: &Redis) -> u64 {
    redis.wait_for_file();
    fs::metadata(redis.append_file()).unwrap().len()
}

#[test]
fn a_lost_end_is_seen_by_nodes_that_live() {
    let mut redis = Redis::start();
    let (mut here, mut there) = (open(&options(&redis.url())), open(&options(&redis.url())));
    let before = here.restore().unwrap().generation;
    assert_eq!(there.restore().unwrap().generation, before);
    say(&mut here, "kept");
    let length = written(&redis);
    say(&mut here, "lost");
    assert_eq!(hear_until(&mut there, "lost"), ["kept", "lost"]);
    lose_what_follows(&mut redis, length);
    assert!(matches!(say(&mut here, "never"), Outcome::Unavailable(_) | Outcome::Unknown(_)));
    wait_for_fault(&mut here);
    wait_for_fault(&mut there);
    let after = [here.restore().unwrap().generation, there.restore().unwrap().generation];
    assert_ne!(after[0], before);
    // The second to begin may change it again, if it began before the first had: then the first hears of it.
    if after[0] != after[1] {
        wait_for_fault(&mut here);
        assert_eq!(here.restore().unwrap().generation, after[1]);
    }
    assert_eq!(number(&say(&mut here, "anew")), 2);
    assert_eq!(hear_until(&mut there, "anew"), ["anew"]);
    assert_eq!(records(&mut there), ["kept", "anew"]);
    assert!(here.nodes().figures().generations > 0);
}

#[test]
fn a_restart_that_no_node_lived_through_changes_the_generation_unless_every_write_waited() {
    for (mut redis, changes) in [(Redis::start(), true), (synced(), false)] {
        let mut here = open(&options(&redis.url()));
        let before = here.restore().unwrap().generation;
        assert!(!before.is_empty());
        say(&mut here, "1");
        drop(here);
        let mut here = open(&options(&redis.url()));
        assert_eq!(here.restore().unwrap().generation, before, "Redis ran on");
        drop(here);
        redis.wait_for_file();
        redis.restart();
        let mut here = open(&options(&redis.url()));
        assert_eq!(here.restore().unwrap().generation != before, changes);
        assert_eq!(records(&mut here), ["1"]);
        assert_eq!(number(&say(&mut here, "2")), 2);
    }
}

#[test]
fn a_node_that_starts_lets_a_live_one_vouch() {
    let mut redis = Redis::start();
    let mut here = open(&options(&redis.url()));
    let before = here.restore().unwrap().generation;
    say(&mut here, "1");
    redis.wait_for_file();
    redis.restart();
    let mut there = open(&options(&redis.url()));
    assert_eq!(there.restore().unwrap().generation, before);
    assert!(here.follow().is_ok());
}

#[test]
fn a_redis_that_was_emptied_is_another() {
    let redis = Redis::start();
    let mut here = open(&options(&redis.url()));
    let before = here.restore().unwrap().generation;
    say(&mut here, "1");
    redis.ask(&["FLUSHALL"]);
    wait_for_fault(&mut here);
    let restored = here.restore().unwrap();
    assert_ne!(restored.generation, before);
    assert!(restored.logs.is_empty());
    assert_eq!(number(&say(&mut here, "anew")), 1);
}

#[test]
fn an_older_copy_of_the_file_is_seen() {
    let mut redis = Redis::start();
    let mut here = open(&options(&redis.url()));
    let before = here.restore().unwrap().generation;
    say(&mut here, "1");
    let length = written(&redis);
    say(&mut here, "2");
    say(&mut here, "3");
    drop(here); // nobody lives who knows
    lose_what_follows(&mut redis, length);
    let mut here = open(&options(&redis.url()));
    assert_ne!(here.restore().unwrap().generation, before);
    assert_eq!(records(&mut here), ["1"]);
}
