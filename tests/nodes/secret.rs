//! The secret that all nodes share, and the password of Redis.

use parlor_testkit::{Client, Launch, Redis};

use super::{BINARY, node, node_with, refusal};

#[test]
fn a_token_of_one_node_is_good_at_another_and_after_a_restart_of_all() {
    let redis = Redis::start();
    let mut nodes = [(); 2].map(|()| node(&redis).start());
    let mut ann = Client::connect(nodes[0].address);
    ann.rename("Ann");
    let token = ann.token.clone();
    Client::connect(nodes[1].address).resume(&token);
    nodes.iter_mut().for_each(|node| assert_eq!(node.stop(), Some(0)));
    let server = node(&redis).start();
    let mut again = Client::connect(server.address);
    again.resume(&token);
    assert_eq!(again.user["name"], "Ann");
}

#[test]
fn nodes_with_different_secrets_do_not_start() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start());
    let journal = format!("--journal={}", redis.url());
    let secret = |word: &str| format!("--secret={word} secret of some length");
    let first = node_with(&redis, &[&secret("one")]).start();
    let second = node_with(&redis, &[&secret("one")]).start();
    let refused = refusal(&directory, &[&journal, "--port=0", &secret("another")], b"");
    assert!(refused.contains("another secret than --secret: give all the same"), "{refused}");
    let refused = refusal(&directory, &[&journal, "--port=0"], b"");
    assert!(refused.contains("start this one with the same --secret"), "{refused}");
    assert!(!refused.contains("of some length"));
    drop((first, second)); // killed: they count as there until their leases are over
    let _third = node_with(&redis, &[&secret("another")]).start();
}

#[test]
fn the_password_is_nowhere_to_be_seen() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), Redis::start_with_password("hunter2"));
    let address = redis.address();
    let file = directory.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let by_file = format!("--redis-password-file={}", file.display());
    let with = format!("redis://:hunter2@{address}");
    let server = Launch::new(BINARY).flags(&["--log=trace"]).variables(&[("PARLOR_JOURNAL", &with)]).start();
    let other = Launch::new(BINARY).flags(&["--log=trace", &by_file, &format!("--journal={}", redis.url())]).start();
    for server in [&server, &other] {
        assert_eq!(server.get("/readyz").status, 200);
        assert!(server.log().contains(&format!("journal: redis://{address}, as the node ")), "{}", server.log());
        assert!(!server.log().contains("hunter2"), "{}", server.log());
    }
    for journal in [format!("redis://:hunter3@{address}"), format!("redis://{address}")] {
        let refused = refusal(&directory, &["--port=0", &format!("--journal={journal}"), "--log=trace"], b"");
        assert!(refused.contains("refuses the user or the password") && !refused.contains("hunter"), "{refused}");
    }
}
