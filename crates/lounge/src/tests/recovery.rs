//! Coming back: nothing lost, nothing doubled, or an honest page.

use serde_json::{Value, json};

use super::stage::{Stage, settings, types};

fn bodies(reply: &Value) -> Vec<&str> {
    reply["events"].as_array().unwrap().iter().filter_map(|event| event["body"].as_str()).collect()
}

fn say(stage: &mut Stage, client: parlor_core::ClientId, body: &str) -> Value {
    stage.ok(client, json!({"type": "say", "room": "lobby", "body": body}))
}

#[test]
fn join_with_since_brings_all_that_came_after() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    let joined = stage.join(bob, "lobby");
    stage.ok(bob, json!({"type": "leave", "room": "lobby"}));
    stage.join(ann, "lobby");
    for n in 0..300 {
        say(&mut stage, ann, &n.to_string());
    }
    let since = |seq: u64| json!({"type": "join", "room": "lobby", "limit": 3, "since": {"epoch": joined["epoch"], "seq": seq}});
    for (seq, count) in [(1, 300), (2, 299), (250, 51), (300, 1), (301, 0)] {
        let back = stage.ok(bob, since(seq));
        assert_eq!((&back["recovered"], &back["seq"]), (&json!(true), &json!(301)), "since {seq}");
        assert_eq!(bodies(&back).len(), count);
        let seqs: Vec<u64> =
            back["events"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (seq + 1..=301).collect::<Vec<_>>());
    }
    let beyond = stage.ok(bob, since(302));
    assert_eq!((&beyond["recovered"], bodies(&beyond)), (&json!(false), vec!["297", "298", "299"]));
    let other = json!({"type": "join", "room": "lobby", "since": {"epoch": "other", "seq": 301}});
    let other = stage.ok(bob, other);
    assert_eq!((&other["recovered"], bodies(&other).len()), (&json!(false), 50));
}

#[test]
fn what_is_too_much_is_not_recovered_in_part() {
    let mut few = settings();
    few.recover_events = 10;
    few.window_events = 4;
    let mut stage = Stage::with(few);
    let ann = stage.enter().client;
    let epoch = stage.join(ann, "lobby")["epoch"].clone();
    for n in 0..20 {
        say(&mut stage, ann, &n.to_string());
    }
    let since = |seq: u64| json!({"type": "join", "room": "lobby", "limit": 2, "since": {"epoch": epoch, "seq": seq}});
    assert_eq!(bodies(&stage.ok(ann, since(11))).len(), 10);
    let page = stage.ok(ann, since(10));
    assert_eq!((&page["recovered"], bodies(&page)), (&json!(false), vec!["18", "19"]));
}

#[test]
fn what_is_too_long_is_not_recovered_in_part() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    let epoch = stage.join(ann, "lobby")["epoch"].clone();
    for _ in 0..200 {
        say(&mut stage, ann, &"x".repeat(4000));
    }
    let since =
        |seq: u64| json!({"type": "join", "room": "lobby", "limit": 1000, "since": {"epoch": epoch, "seq": seq}});
    let page = stage.ok(ann, since(1));
    assert_eq!(page["recovered"], false);
    assert!(bodies(&page).len() < 70, "no more than 256 KiB");
    let all = stage.ok(ann, since(101));
    assert_eq!((&all["recovered"], bodies(&all).len()), (&json!(true), 100));
}

#[test]
fn a_log_that_no_longer_reaches_back_is_not_recovered() {
    let journal = Box::new(parlor_core::journal::MemoryJournal::new(20));
    let mut few = settings();
    few.window_events = 4;
    let mut stage = Stage::on(journal, few);
    let ann = stage.enter().client;
    let epoch = stage.join(ann, "lobby")["epoch"].clone();
    for n in 0..40 {
        say(&mut stage, ann, &n.to_string());
    }
    let since = |seq: u64| json!({"type": "join", "room": "lobby", "since": {"epoch": epoch, "seq": seq}});
    assert_eq!(stage.ok(ann, since(21))["recovered"], true);
    let page = stage.ok(ann, since(20));
    assert_eq!((&page["recovered"], bodies(&page).len()), (&json!(false), 20));
}

#[test]
fn history_goes_back_to_the_first_event() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    stage.join(ann, "lobby");
    for n in 0..250 {
        say(&mut stage, ann, &n.to_string());
    }
    let (mut before, mut seen) = (u64::MAX, Vec::new());
    loop {
        let page = stage.ok(bob, json!({"type": "history", "room": "lobby", "before": before, "limit": 60}));
        let events = page["events"].as_array().unwrap();
        seen.splice(0..0, events.iter().map(|event| event["seq"].as_u64().unwrap()));
        before = seen[0];
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seen, (1..=251).collect::<Vec<_>>());
    assert_eq!(stage.error(bob, json!({"type": "history", "room": "nowhere"})), "no_such_room");
    let none = stage.ok(bob, json!({"type": "history", "room": "lobby", "before": 1}));
    assert_eq!((bodies(&none).len(), &none["more"]), (0, &json!(false)));
}

/// Between what a join brings and what comes live nothing is missing and nothing comes twice, whatever is being written.
#[test]
fn live_events_follow_the_join() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    stage.join(ann, "lobby");
    stage.harness.hold_journal();
    for n in 0..3 {
        stage.say(ann, &json!({"type": "say", "room": "lobby", "body": n.to_string()}));
    }
    let joined = stage.join(bob, "lobby");
    assert_eq!(joined["seq"], 1);
    stage.harness.release_journal(Ok(()));
    let seqs: Vec<_> = stage.hear(bob).iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [2, 3, 4]);
}

#[test]
fn a_room_outlives_the_server_with_its_epoch() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    let joined = stage.join(ann, "lobby");
    say(&mut stage, ann, "hello");
    let made = stage.ok(ann, json!({"type": "create", "kind": "counter", "room": "tally"}));
    assert_eq!(made["room"], "tally");
    stage.join(ann, "tally");
    stage.ok(ann, json!({"type": "count", "room": "tally", "by": 1}));
    let mut stage = stage.again(settings());
    let ann = stage.enter().client;
    let since = json!({"epoch": joined["epoch"], "seq": joined["seq"]});
    let back = stage.ok(ann, json!({"type": "join", "room": "lobby", "since": since}));
    assert_eq!((&back["recovered"], bodies(&back)), (&json!(true), vec!["hello"]));
    assert_eq!(stage.join(ann, "tally")["value"], 1);
    let counted = stage.ok(ann, json!({"type": "count", "room": "tally", "by": -1}));
    assert_eq!((&counted["seq"], &counted["value"]), (&json!(3), &json!(0)));
}

#[test]
fn the_same_key_says_it_once() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    stage.join(ann.client, "lobby");
    let frame = json!({"type": "say", "room": "lobby", "body": "hello", "key": "k1"});
    let first = stage.ok(ann.client, frame.clone());
    let (again, events) = stage.ask(ann.client, frame.clone());
    assert_eq!((&again["id"], &again["seq"], &again["at"]), (&first["id"], &first["seq"], &first["at"]));
    assert_eq!(events, Vec::<Value>::new());
    // Also while the first is under way, and from another session.
    let second = stage.resume(&ann.token);
    stage.join(second.client, "lobby");
    stage.hear(ann.client);
    stage.harness.hold_journal();
    for client in [ann.client, second.client] {
        stage.say(client, &json!({"id": 1, "type": "say", "room": "lobby", "body": "x", "key": "k2"}));
    }
    assert_eq!(stage.harness.in_flight(second.client), 1);
    stage.harness.release_journal(Ok(()));
    assert_eq!(types(&stage.hear(ann.client)), ["message", "ok"]);
    assert_eq!(types(&stage.hear(second.client)), ["message", "ok"]);
    assert_eq!(stage.harness.in_flight(second.client), 0);
    // And after a restart.
    let tell = json!({"type": "tell", "to": ann.id, "body": "note", "key": "k1"});
    stage.ok(ann.client, json!({"type": "tell", "to": ann.id, "body": "before"}));
    let told = stage.ok(ann.client, tell.clone());
    let mut stage = stage.again(settings());
    let ann = stage.resume(&ann.token);
    stage.join(ann.client, "lobby");
    let again = stage.ok(ann.client, frame);
    assert_eq!((&again["id"], &again["seq"]), (&first["id"], &first["seq"]));
    let again = stage.ok(ann.client, tell);
    assert_eq!((&again["id"], &again["seq"]), (&told["id"], &told["seq"]));
    assert_eq!(stage.join(ann.client, "lobby")["seq"], 3);
    assert_eq!(stage.join(ann.client, "@inbox")["seq"], 2);
}

#[test]
fn a_key_whose_message_failed_is_free_again() {
    let mut stage = Stage::new();
    let ann = stage.enter().client;
    stage.join(ann, "lobby");
    let frame = json!({"type": "say", "room": "lobby", "body": "hello", "key": "k1"});
    stage.harness.set_journal_fault(Some("full"));
    assert_eq!(stage.error(ann, frame.clone()), "unavailable");
    stage.harness.set_journal_fault(None);
    assert_eq!(stage.ok(ann, frame.clone())["seq"], 2);
    assert_eq!(stage.ok(ann, frame)["seq"], 2);
}

#[test]
fn only_the_newest_keys_are_remembered() {
    let mut stage = Stage::new();
    let ann = stage.enter();
    stage.join(ann.client, "lobby");
    let frame = |n: u64| json!({"type": "say", "room": "lobby", "body": "x", "key": n.to_string()});
    for n in 0..300 {
        assert_eq!(stage.ok(ann.client, frame(n))["seq"], n + 2);
    }
    assert_eq!(stage.ok(ann.client, frame(44))["seq"], 46);
    assert_eq!(stage.ok(ann.client, frame(43))["seq"], 302, "forgotten, and so said again");
    let mut stage = stage.again(settings());
    let ann = stage.resume(&ann.token);
    stage.join(ann.client, "lobby");
    for (n, seq) in [(45, 47), (299, 301), (43, 302)] {
        assert_eq!(stage.ok(ann.client, frame(n))["seq"], seq);
    }
}

/// The journal's reader may be ahead: what is written and not yet told is not part of the page, but comes live.
#[test]
fn a_page_that_is_ahead_is_cut() {
    let mut few = settings();
    few.window_events = 3;
    let mut stage = Stage::with(few);
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    let epoch = stage.join(ann, "lobby")["epoch"].clone();
    for n in 0..10 {
        say(&mut stage, ann, &n.to_string());
    }
    stage.harness.hold_answers();
    stage.say(ann, &json!({"type": "say", "room": "lobby", "body": "written"}));
    let since = json!({"epoch": epoch, "seq": 5});
    let joined = stage.ok(bob, json!({"type": "join", "room": "lobby", "since": since}));
    assert_eq!((&joined["seq"], bodies(&joined)), (&json!(11), vec!["4", "5", "6", "7", "8", "9"]));
    stage.harness.release_answers();
    assert_eq!(stage.hear(bob)[0]["seq"], 12);
}

#[test]
fn an_inbox_that_is_ahead_is_waited_for() {
    let mut stage = Stage::new();
    let (ann, bob) = (stage.enter(), stage.enter());
    stage.harness.put_off_reads();
    stage.say(bob.client, &json!({"id": 1, "type": "join", "room": "@inbox"}));
    stage.harness.hold_answers();
    stage.say(ann.client, &json!({"type": "tell", "to": bob.id, "body": "written"}));
    stage.harness.release_reads();
    assert_eq!(stage.hear(bob.client), Vec::<Value>::new());
    stage.harness.release_answers();
    assert_eq!(types(&stage.hear(bob.client)), ["private", "ok"]);
}

/// A page that was read long ago is continued with what the window has, or read again.
#[test]
fn a_page_that_is_behind_is_continued() {
    for more in [0, 2, 8] {
        let mut few = settings();
        few.window_events = 3;
        let mut stage = Stage::with(few);
        let (ann, bob) = (stage.enter().client, stage.enter().client);
        let epoch = stage.join(ann, "lobby")["epoch"].clone();
        for n in 0..10 {
            say(&mut stage, ann, &n.to_string());
        }
        stage.harness.hold_reads();
        let since = json!({"epoch": epoch, "seq": 5});
        stage.say(bob, &json!({"id": 1, "type": "join", "room": "lobby", "since": since}));
        for n in 0..more {
            say(&mut stage, ann, &n.to_string());
        }
        stage.harness.release_reads();
        let joined = stage.hear(bob).remove(0);
        let seqs: Vec<_> =
            joined["events"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (6..=11 + more).collect::<Vec<_>>());
    }
}

/// Events that the journal has deleted by their age are shown to nobody, also in a room that is in use.
#[test]
fn events_that_are_too_old_are_not_shown() {
    let age = std::time::Duration::from_secs(100);
    let journal = super::following::Shared::of(parlor_core::journal::MemoryJournal::new(1000).retain_age(Some(age)));
    let mut stage = Stage::on(Box::new(journal.clone()), crate::LoungeSettings { retain_age: Some(age), ..settings() });
    journal.tidy(stage.harness.now());
    let (ann, bob) = (stage.enter().client, stage.enter().client);
    let epoch = stage.join(ann, "lobby")["epoch"].clone();
    for body in ["old", "older"] {
        say(&mut stage, ann, body);
    }
    stage.pass(30);
    journal.tidy(stage.harness.now());
    stage.pass(30);
    journal.tidy(stage.harness.now());
    say(&mut stage, ann, "new");
    stage.pass(41);
    journal.tidy(stage.harness.now());
    assert_eq!(bodies(&stage.join(bob, "lobby")), ["new"]);
    assert_eq!(bodies(&stage.ok(ann, json!({"type": "history", "room": "lobby"}))), ["new"]);
    let since = json!({"epoch": epoch, "seq": 1});
    let joined = stage.ok(ann, json!({"type": "join", "room": "lobby", "since": since}));
    assert_eq!((&joined["recovered"], bodies(&joined)), (&json!(false), vec!["new"]));
    // What a page brought into the window grows old, too.
    stage.pass(30);
    journal.tidy(stage.harness.now());
    stage.pass(30);
    journal.tidy(stage.harness.now());
    assert_eq!(bodies(&stage.join(bob, "lobby")), Vec::<&str>::new());
}
