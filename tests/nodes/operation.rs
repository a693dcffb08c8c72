//! What operators see of nodes: starts that are refused, figures, and a Redis that goes away.

use parlor_testkit::{Client, Redis, Server, wait_until};
use serde_json::json;

use super::{node_with, refusal};

/// A figure of a node, without its labels.
fn figure(server: &Server, name: &str) -> f64 {
    let text = server.get("/metrics").body;
    let values = text.lines().filter_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key.split('{').next()? == name).then(|| value.parse::<f64>().unwrap())
    });
    values.sum()
}

#[test]
fn a_start_says_what_is_wrong_and_what_mends_it() {
    let directory = tempfile::tempdir().unwrap();
    let start = |journal: &str| refusal(&directory, &["--port=0", &format!("--journal={journal}")], b"");
    let refused = start("redis://127.0.0.1:1");
    assert!(refused.contains("The journal redis://127.0.0.1:1 can't be used: Redis can't be reached"), "{refused}");
    let evicting = Redis::start_with(&["--appendonly", "yes", "--maxmemory-policy", "allkeys-lru"]);
    let refused = start(&evicting.url());
    assert!(refused.contains("redis-cli CONFIG SET maxmemory-policy noeviction"), "{refused}");
    let volatile = Redis::start_with(&["--appendonly", "no"]);
    let refused = start(&volatile.url());
    assert!(refused.contains("redis-cli CONFIG SET appendonly yes"), "{refused}");
    node_with(&volatile, &["--redis-volatile"]).start();
}

#[test]
fn figures_tell_of_the_other_nodes_and_of_redis() {
    let redis = Redis::start();
    let mut nodes = ["left", "right"].map(|name| node_with(&redis, &[&format!("--node-name={name}")]).start());
    for node in &nodes {
        wait_until("the nodes know each other", || figure(node, "parlor_nodes") == 2.0);
        assert_eq!(figure(node, "parlor_redis_connected"), 1.0);
    }
    assert!(nodes[0].get("/metrics").body.contains("parlor_node_info{node=\"left\"} 1\n"));
    let mut ann = Client::connect(nodes[0].address);
    ann.join("lobby");
    let entries = figure(&nodes[1], "parlor_redis_feed_entries_total");
    ann.say("lobby", "hello");
    wait_until("the other node has followed", || figure(&nodes[1], "parlor_redis_feed_entries_total") > entries);
    assert!(nodes[0].get("/metrics").body.contains("parlor_redis_commits_total{outcome=\"written\"}"));
    let docs = std::fs::read_to_string("docs/metrics.md").unwrap();
    let page = nodes[0].get("/metrics").body;
    let names = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    for name in names.filter(|name| name.contains("_redis_") || name.contains("_node")) {
        assert!(docs.contains(&format!("`{name}`")) || docs.contains(&format!("`{name}_total`")), "{name}");
    }
    assert_eq!(nodes[1].stop(), Some(0));
    wait_until("one has gone", || figure(&nodes[0], "parlor_nodes") == 1.0);
}

#[test]
fn a_redis_that_is_gone_is_told_and_missed_until_it_is_back() {
    let mut redis = Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let server = node_with(&redis, &["--redis-patience=500ms"]).start();
    let mut ann = Client::connect(server.address);
    let joined = ann.join("lobby");
    ann.say("lobby", "before");
    redis.kill();
    let why = server.wait_for("/readyz", 503);
    assert!(!why.trim().is_empty());
    wait_until("it is known", || figure(&server, "parlor_redis_connected") == 0.0);
    redis.start_again();
    server.wait_for("/readyz", 200);
    let mut bo = Client::connect(server.address);
    let since = json!({"epoch": joined["epoch"], "seq": 0});
    let again = bo.ok(json!({"type": "join", "room": "lobby", "since": since}));
    assert_eq!((&again["recovered"], &again["epoch"]), (&json!(true), &joined["epoch"]), "nothing was lost");
    bo.say("lobby", "after");
}
