//! A wall clock that is set while the lounge runs.

use serde_json::json;

use super::stage::{Stage, settings, text};
use crate::settings::{Allowance, LoungeSettings};
use parlor_core::Time;
use std::time::Duration;

const HOURS_8: Duration = Duration::from_secs(8 * 60 * 60);

/// Sets the clock back, then forward; after each, the test looks again.
fn set_and_look(mut stage: Stage, mut look: impl FnMut(&mut Stage)) {
    look(&mut stage);
    stage.harness.set_clock(stage.harness.now() - HOURS_8 + Duration::from_millis(137));
    look(&mut stage);
    stage.harness.set_clock(stage.harness.now() + HOURS_8 + HOURS_8);
    look(&mut stage);
}

#[test]
fn ticks_go_on_every_second_with_true_times_on_the_clocks_multiples() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    stage.ok(ann, json!({"type": "watch_time", "every_ms": 1000}));
    stage.ok(bob, json!({"type": "watch_time", "mode": "random"}));
    set_and_look(stage, |stage| {
        stage.deaf(&[ann, bob]);
        let since = stage.harness.now();
        stage.pass(10);
        let ticks = stage.hear(ann);
        assert!((10..=11).contains(&ticks.len()), "{}", ticks.len());
        let numbers: Vec<u64> = ticks.iter().map(|tick| tick["n"].as_u64().unwrap()).collect();
        assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1), "{numbers:?}");
        assert_eq!(*numbers.last().unwrap(), stage.harness.now().as_millis() / 1000);
        assert!(ticks.iter().all(|tick| tick["at"] == Time(tick["n"].as_u64().unwrap() * 1000).to_string()));
        let random = stage.hear(bob);
        assert!((3..=10).contains(&random.len()), "{}", random.len());
        assert!(random.iter().all(|tick| tick["at"].as_str().unwrap() >= since.to_string().as_str()));
    });
}

#[test]
fn who_drops_has_left_after_the_grace() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    stage.join(ann, "lobby");
    set_and_look(stage, |stage| {
        let bob = stage.enter().client;
        stage.join(bob, "lobby");
        stage.deaf(&[ann]);
        stage.harness.drop_client(bob);
        stage.harness.set_clock(stage.harness.now() - HOURS_8);
        stage.pass(9);
        assert!(stage.hear(ann).is_empty(), "the grace is 10 s");
        stage.pass(2);
        assert_eq!(stage.hear(ann)[0]["type"], "left");
    });
}

#[test]
fn a_quota_fills_again_at_its_pace() {
    let room_creation = Allowance { burst: 2, every: Duration::from_secs(10) };
    let mut stage = Stage::with(LoungeSettings { room_creation, ..settings() });
    let ann = stage.enter().client;
    let mut made = 0;
    stage.pass(60);
    set_and_look(stage, |stage| {
        let mut create = |stage: &mut Stage| {
            made += 1;
            stage.ask(ann, json!({"type": "create", "kind": "chat", "room": format!("room-{made}")})).0["type"] == "ok"
        };
        assert!(create(stage) && create(stage) && !create(stage));
        stage.harness.set_clock(stage.harness.now() - HOURS_8);
        stage.pass(10);
        assert!(create(stage) && !create(stage));
        stage.pass(60);
    });
}

#[test]
fn a_transfer_is_good_for_five_minutes() {
    set_and_look(Stage::new(), |stage| {
        let ann = stage.enter();
        let guest = stage.enter().client;
        let mut later = |seconds| {
            let given = stage.ok(ann.client, json!({"type": "transfer"}));
            stage.harness.set_clock(stage.harness.now() - HOURS_8);
            stage.pass(seconds);
            stage.ask(guest, json!({"type": "resume", "token": text(&given["token"])})).0
        };
        assert_eq!(later(300)["code"], "forbidden");
        assert_eq!(later(299)["user"]["id"], ann.id);
    });
}

#[test]
fn messages_keep_their_order_and_say_the_time_that_it_is() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    stage.join(ann, "lobby");
    let mut seq = stage.join(ann, "lobby")["seq"].as_u64().unwrap();
    set_and_look(stage, |stage| {
        let said = stage.ok(ann, json!({"type": "say", "room": "lobby", "body": "hello"}));
        seq += 1;
        assert_eq!((said["seq"].as_u64().unwrap(), &said["at"]), (seq, &json!(stage.harness.now().to_string())));
    });
}
