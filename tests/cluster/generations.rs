//! A Redis that comes back with less than was acknowledged: clients are told, never left with a silent gap or a number that is
//! used twice.

use std::fs;
use std::time::Duration;

use parlor_testkit::redis::{Redis, Sentinel};
use parlor_testkit::{Client, Launch, eventually, number, text, wait_until};
use serde_json::{Value, json};

use super::cluster::Cluster;

/// Joins with what was seen before, when the server is there again.
fn come_back(cluster: &Cluster, node: usize, since: &Value) -> Value {
    eventually("the room is there", || {
        let mut client = Client::try_connect(cluster.nodes[node].server.address)?;
        client.try_ok(json!({"type": "join", "room": "lobby", "since": since}))
    })
}

#[test]
fn a_lost_end_of_the_log_is_another_epoch_for_everybody() {
    let mut cluster = Cluster::start(2);
    let (mut ann, mut bo) = (cluster.nodes[0].connect(), cluster.nodes[1].connect());
    let epoch = text(&ann.join("lobby")["epoch"]);
    bo.join("lobby");
    ann.say("lobby", "kept");
    bo.event("message");
    let file = cluster.redis.append_file();
    let kept = fs::metadata(&file).unwrap().len();
    for n in 0..5 {
        ann.say("lobby", &n.to_string());
    }
    let seen = json!({"epoch": epoch, "seq": 7});
    cluster.redis.kill();
    fs::File::options().write(true).open(&file).unwrap().set_len(kept).unwrap();
    cluster.redis.start_again();
    for client in [&mut ann, &mut bo] {
        assert_eq!(client.closed().code, 1012);
    }
    for node in 0..2 {
        let joined = come_back(&cluster, node, &seen);
        assert_eq!((&joined["recovered"], &joined["seq"]), (&json!(false), &json!(2)), "{joined}");
        assert_ne!(joined["epoch"], epoch);
    }
    let mut late = cluster.nodes[1].connect();
    late.join("lobby");
    assert_eq!(late.say("lobby", "again number 3")["seq"], 3);
}

/// Nobody lived who could tell: the Redis that all servers start on has lost a second's writes, or has not.
#[test]
fn when_nobody_lived_a_restart_of_a_redis_that_may_forget_is_another_epoch() {
    for (policy, is_same) in [("everysec", false), ("always", true)] {
        let redis = Redis::start_with(&["--appendonly", "yes", "--appendfsync", policy]);
        let mut cluster = Cluster::on(redis, 1, &[]);
        let mut ann = cluster.nodes[0].connect();
        let epoch = text(&ann.join("lobby")["epoch"]);
        ann.say("lobby", "hello");
        cluster.nodes[0].server.kill();
        cluster.redis.terminate();
        cluster.redis.start_again();
        cluster.nodes[0].server.restart();
        let joined = come_back(&cluster, 0, &json!({"epoch": epoch, "seq": 1}));
        assert_eq!(joined["epoch"] == epoch, is_same, "{policy}: {joined}");
        assert_eq!((&joined["recovered"], &joined["seq"]), (&json!(is_same), &json!(2)));
    }
}

#[test]
fn a_restart_of_redis_that_lost_nothing_changes_nothing() {
    let mut cluster = Cluster::start(2);
    let mut ann = cluster.nodes[0].connect();
    let epoch = text(&ann.join("lobby")["epoch"]);
    ann.say("lobby", "hello");
    cluster.redis.restart();
    cluster.wait_until_ready();
    for node in 0..2 {
        let joined = come_back(&cluster, node, &json!({"epoch": epoch, "seq": 1}));
        assert_eq!((&joined["recovered"], &joined["seq"], &joined["epoch"]), (&json!(true), &json!(2), &json!(epoch)));
    }
    assert!(ann.all().iter().all(|event| event["type"] != "left"), "and nobody was closed");
}

#[test]
fn a_failover_to_a_replica_that_lags_behind_is_another_epoch_and_servers_find_the_new_primary() {
    let primary = Redis::start();
    let replica = primary.replica();
    let sentinel = Sentinel::watch(&primary, Duration::from_millis(500));
    sentinel.wait_for_replicas(1);
    let journal = format!("--journal=redis+sentinel://{}/{}", sentinel.address(), Sentinel::MASTER);
    let flags = [journal.as_str(), "--workers=1", "--redis-patience=20s", "--log=info"];
    let servers = [0, 1].map(|_| Launch::new(env!("CARGO_BIN_EXE_parlor")).flags(&flags).start());
    let mut ann = Client::connect(servers[0].address);
    let epoch = text(&ann.join("lobby")["epoch"]);
    ann.say("lobby", "on both");
    wait_until("the replica has it", || {
        let sent = primary.info("replication", "master_repl_offset");
        sent.is_some() && replica.info("replication", "slave_repl_offset") >= sent
    });
    replica.stop(true);
    primary.ask(&["CLIENT", "KILL", "TYPE", "replica"]); // what is not sent yet is dropped
    let seen = number(&ann.say("lobby", "only on the primary")["seq"]);
    let mut primary = primary;
    primary.kill();
    replica.stop(false);
    let joined = eventually("the other Redis serves", || {
        let mut client = Client::try_connect(servers[1].address)?;
        let joined = client.try_ok(json!({"type": "join", "room": "lobby", "since": {"epoch": epoch, "seq": seen}}))?;
        // Until the servers have noticed, they read what they have.
        (joined["epoch"] != epoch).then_some(joined)
    });
    assert_eq!((&joined["recovered"], &joined["seq"]), (&json!(false), &json!(2)), "{joined}");
    for server in &servers {
        server.wait_for("/readyz", 200);
        let mut client = Client::connect(server.address);
        client.join("lobby");
        client.say("lobby", "on the new primary");
    }
}
