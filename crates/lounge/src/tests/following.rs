//! Several servers write to the same journal.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};

use super::stage::{Someone, Stage, settings, text};
use parlor_core::journal::{
    Append, Commit, Expect, FellBehind, Followed, Journal, Load, Loaded, LogName, MemoryJournal, Outcome, Put,
    Restored, SharedJournal,
};
use parlor_core::{ClientId, Time};

/// A journal that a test writes to as well, as another server.
#[derive(Clone)]
pub struct Shared {
    ours: Arc<Mutex<SharedJournal>>,
    other: Arc<Mutex<SharedJournal>>,
}

impl Shared {
    pub fn new() -> Self {
        Self::of(MemoryJournal::new(1000))
    }

    pub fn of(journal: MemoryJournal) -> Self {
        let ours = SharedJournal::new(journal);
        let other = Arc::new(Mutex::new(ours.another()));
        Shared { ours: Arc::new(Mutex::new(ours)), other }
    }

    pub fn append(&self, log: &str, record: &Value) {
        let append = Append {
            log: LogName::new(log),
            expect: Expect::Anything,
            epoch: String::new(),
            at: Time(1),
            records: vec![Bytes::from(record.to_string())],
            state: None,
            expires_at: None,
        };
        let outcomes =
            self.other.lock().unwrap().commit_all(vec![Commit { appends: vec![append], ..Commit::default() }]);
        assert!(matches!(outcomes[..], [Outcome::Committed(_)]));
    }

    /// Writes the state of a log, and a value, as another server.
    fn write(&self, log: &str, state: &Value, key: &str, value: &Value) {
        let append = Append {
            log: LogName::new(log),
            expect: Expect::Anything,
            epoch: String::new(),
            at: Time(1),
            records: Vec::new(),
            state: Some(state.to_string().into()),
            expires_at: None,
        };
        let puts = vec![Put::new(key, value.to_string())];
        let commit = Commit { appends: vec![append], puts, ..Commit::default() };
        assert!(matches!(self.other.lock().unwrap().commit_all(vec![commit])[..], [Outcome::Committed(_)]));
    }

    pub fn tidy(&self, now: Time) {
        while self.ours.lock().unwrap().tidy(now) {}
    }

    pub fn drop_log(&self, log: &str) {
        let commit = Commit { drops: vec![LogName::new(log)], ..Commit::default() };
        self.other.lock().unwrap().commit_all(vec![commit]);
    }
}

impl Journal for Shared {
    fn restore(&mut self) -> Result<Restored, String> {
        self.ours.lock().unwrap().restore()
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        self.ours.lock().unwrap().commit_all(batch)
    }

    fn follow(&mut self) -> Result<Vec<Followed>, FellBehind> {
        self.ours.lock().unwrap().follow()
    }

    fn load(&mut self, load: Load) -> Loaded {
        self.ours.lock().unwrap().load(load)
    }
}

/// Two servers on one journal.
fn two() -> (Stage, Stage) {
    let journal = SharedJournal::new(MemoryJournal::new(1000));
    let there = journal.another();
    (Stage::with_seed(Box::new(journal), settings(), 1), Stage::with_seed(Box::new(there), settings(), 2))
}

fn say(stage: &mut Stage, client: ClientId, body: &str) -> u64 {
    let said = stage.ok(client, json!({"type": "say", "room": "lobby", "body": body}));
    said["seq"].as_u64().unwrap()
}

/// The numbers and bodies of what was heard.
fn messages(heard: &[Value]) -> Vec<(u64, &str)> {
    let is_message = |frame: &&Value| frame["type"] == "message";
    heard.iter().filter(is_message).map(|m| (m["seq"].as_u64().unwrap(), m["body"].as_str().unwrap())).collect()
}

fn everybody_joins(stages: &mut [&mut Stage], room: &str) -> Vec<Someone> {
    let people: Vec<_> = stages.iter_mut().map(|stage| stage.enter()).collect();
    for (stage, someone) in stages.iter_mut().zip(&people) {
        stage.follow();
        stage.join(someone.client, room);
    }
    people
}

#[test]
fn talk_has_one_order_on_all_servers_and_its_numbers_are_the_journals() {
    let (mut here, mut there) = two();
    let [ann, bob] = &everybody_joins(&mut [&mut here, &mut there], "lobby")[..] else { panic!() };
    assert_eq!(say(&mut here, ann.client, "one"), 2);
    assert_eq!(say(&mut there, bob.client, "two"), 3, "one was placed before");
    assert_eq!(say(&mut here, ann.client, "three"), 4);
    there.follow();
    let all = vec![(2, "one"), (3, "two"), (4, "three")];
    assert_eq!(messages(&there.hear(bob.client)), [(4, "three")]);
    for (stage, someone) in [(&mut here, ann), (&mut there, bob)] {
        let joined = stage.join(someone.client, "lobby");
        assert_eq!(messages(joined["events"].as_array().unwrap()), all);
    }
}

#[test]
fn a_server_that_merely_reads_hears_it_too() {
    let (mut here, mut there) = two();
    let [ann, bob] = &everybody_joins(&mut [&mut here, &mut there], "lobby")[..] else { panic!() };
    there.deaf(&[bob.client]);
    say(&mut here, ann.client, "hello");
    assert_eq!(there.hear(bob.client), Vec::<Value>::new());
    there.follow();
    assert_eq!(messages(&there.hear(bob.client)), [(2, "hello")]);
}

#[test]
fn what_changes_a_room_is_decided_on_what_is_newest() {
    let (mut here, mut there) = two();
    let ann = here.enter();
    here.ok(ann.client, json!({"type": "create", "kind": "counter", "room": "tally"}));
    let bob = there.enter();
    there.follow();
    here.join(ann.client, "tally");
    there.join(bob.client, "tally");
    for value in 1..=5 {
        let counted = here.ok(ann.client, json!({"type": "count", "room": "tally", "by": 1}));
        assert_eq!(counted["value"], value);
    }
    let (counted, events) = there.ask(bob.client, json!({"type": "count", "room": "tally", "by": 1}));
    assert_eq!((&counted["value"], &counted["seq"]), (&json!(6), &json!(7)));
    let seqs: Vec<_> = events.iter().filter_map(|event| event["seq"].as_u64()).collect();
    assert_eq!(seqs, [2, 3, 4, 5, 6, 7]);
    here.follow();
    assert_eq!(here.join(ann.client, "tally")["value"], 6);
}

#[test]
fn two_players_on_two_servers_play_and_their_proofs_are_good_on_both() {
    let (mut here, mut there) = two();
    let (red, yellow) = (here.enter(), there.enter());
    let made = here.ok(red.client, json!({"type": "create", "kind": "connect4", "room": "table"}));
    here.ok(red.client, json!({"type": "join", "room": "table", "seat": made["seat"]}));
    there.follow();
    let sat = there.ok(yellow.client, json!({"type": "join", "key": made["join"]}));
    assert_eq!(sat["game"]["you"], "yellow");
    here.follow();
    here.ok(red.client, json!({"type": "play", "room": "table", "column": 3}));
    let played = there.ok(yellow.client, json!({"type": "play", "room": "table", "column": 3}));
    assert_eq!(played["row"], 1);
    // Yellow's tab is opened again, and comes to the other server.
    here.follow();
    let tab = here.resume(&yellow.token);
    let joined = here.ok(tab.client, json!({"type": "join", "room": "table", "seat": sat["game"]["seat"]}));
    assert_eq!(joined["game"]["you"], "yellow");
    // Taking the own seat again changes its proof, and writes no event: the version tells the other server.
    there.harness.drop_client(yellow.client);
    here.harness.drop_client(tab.client);
    here.pass(20);
    let tab = here.resume(&yellow.token);
    let again = here.ok(tab.client, json!({"type": "join", "key": made["join"]}));
    assert_eq!(again["game"]["you"], "yellow");
    there.follow();
    let tab = there.resume(&yellow.token);
    let old = json!({"type": "join", "key": made["join"], "seat": sat["game"]["seat"]});
    assert_eq!(there.error(tab.client, old), "forbidden");
    let new = json!({"type": "join", "key": made["join"], "seat": again["game"]["seat"]});
    assert_eq!(there.ok(tab.client, new)["game"]["you"], "yellow");
}

#[test]
fn two_servers_that_make_the_same_room_let_everybody_in() {
    let (mut here, mut there) = two();
    let (ann, bob) = (here.enter(), there.enter());
    there.harness.hold_journal();
    there.say(bob.client, &json!({"id": 1, "type": "join", "room": "tea"}));
    here.join(ann.client, "tea");
    there.harness.release_journal(Ok(()));
    let answer = there.hear(bob.client).into_iter().find(|frame| frame["re"] == 1).unwrap();
    assert_eq!((&answer["type"], &answer["seq"]), (&json!("ok"), &json!(1)), "{answer}");
    // Who meant to make it, and not to join, hears that it is taken.
    there.harness.hold_journal();
    there.say(bob.client, &json!({"id": 2, "type": "create", "kind": "counter", "room": "milk"}));
    here.ok(ann.client, json!({"type": "create", "kind": "counter", "room": "milk"}));
    there.harness.release_journal(Ok(()));
    let answer = there.hear(bob.client).into_iter().find(|frame| frame["re"] == 2).unwrap();
    assert_eq!(answer["code"], "name_taken");
}

#[test]
fn a_key_counts_on_all_servers() {
    let (mut here, mut there) = two();
    let ann = here.enter();
    here.join(ann.client, "lobby");
    say(&mut here, ann.client, "first");
    there.follow();
    let tab = there.resume(&ann.token);
    there.join(tab.client, "lobby");
    let said = json!({"type": "say", "room": "lobby", "body": "once", "key": "k"});
    let told = json!({"type": "tell", "to": ann.id, "body": "a note", "key": "n"});
    for request in [said, told] {
        let one = here.ok(ann.client, request.clone());
        let other = there.ok(tab.client, request);
        assert_eq!((&one["id"], &one["seq"]), (&other["id"], &other["seq"]));
    }
    here.follow();
    assert_eq!(messages(here.join(ann.client, "lobby")["events"].as_array().unwrap()), [(2, "first"), (3, "once")]);
    assert_eq!(here.harness.open_requests() + there.harness.open_requests(), 0);
}

#[test]
fn a_name_is_one_users_on_all_servers_until_its_lease_ends() {
    let (mut here, mut there) = two();
    let (ann, bob) = (here.enter(), there.enter());
    here.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    assert_eq!(there.error(bob.client, json!({"type": "rename", "name": "ANN"})), "name_taken");
    here.ok(ann.client, json!({"type": "rename", "name": "Anna"}));
    there.ok(bob.client, json!({"type": "rename", "name": "Ann"}));
    // Its user goes, and the name is free when the reservation is over.
    here.harness.drop_client(ann.client);
    assert_eq!(there.error(bob.client, json!({"type": "rename", "name": "Anna"})), "name_taken");
    here.pass(601);
    there.pass(601);
    there.ok(bob.client, json!({"type": "rename", "name": "Anna"}));
}

#[test]
fn who_comes_back_to_a_name_that_is_taken_elsewhere_is_a_guest() {
    let journal = SharedJournal::new(MemoryJournal::new(1000));
    let mut here = Stage::with_seed(Box::new(journal.another()), settings(), 1);
    let mut there = Stage::with_seed(Box::new(journal.another()), settings(), 2);
    let ann = here.enter();
    here.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    here.harness.drop_client(ann.client);
    there.follow();
    here.pass(601);
    there.pass(601);
    let bob = there.enter();
    there.ok(bob.client, json!({"type": "rename", "name": "Ann"}));
    let back = here.enter();
    let resumed = here.ok(back.client, json!({"type": "resume", "token": ann.token}));
    assert!(text(&resumed["user"]["name"]).starts_with("guest-"), "{resumed}");
}

#[test]
fn a_rename_and_a_sign_out_reach_the_users_sessions_on_other_servers() {
    let (mut here, mut there) = two();
    let ann = here.enter();
    here.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    let tab = there.resume(&ann.token);
    there.follow();
    let renamed = here.ok(ann.client, json!({"type": "rename", "name": "Anna"}));
    there.follow();
    assert_eq!(there.hear(tab.client).last().map(|frame| frame["user"]["name"].clone()), Some(json!("Anna")));
    // What the other server writes of the user does not undo it.
    there.join(tab.client, "lobby");
    say(&mut there, tab.client, "hello");
    let signed_out = here.ok(ann.client, json!({"type": "sign_out", "everywhere": true}));
    assert!(there.harness.is_open(tab.client));
    there.say(tab.client, &json!({"type": "say", "room": "lobby", "body": "still here"}));
    there.follow();
    assert!(!there.harness.is_open(tab.client));
    let late = there.enter();
    let resumed =
        |stage: &mut Stage, token: &Value| stage.ask(late.client, json!({"type": "resume", "token": token})).0;
    assert_eq!(resumed(&mut there, &renamed["token"])["code"], "forbidden");
    assert_eq!(resumed(&mut there, &signed_out["token"])["user"]["name"], "Anna");
}

#[test]
fn private_messages_reach_the_sessions_on_other_servers() {
    let (mut here, mut there) = two();
    let (ann, bob) = (here.enter(), there.enter());
    there.ok(bob.client, json!({"type": "rename", "name": "Bob"}));
    let joined = there.join(bob.client, "@inbox");
    assert_eq!(joined["seq"], 0);
    here.follow();
    for n in 1..=3 {
        here.ok(ann.client, json!({"type": "tell", "to": bob.id, "body": n.to_string()}));
        there.follow();
    }
    let heard = there.hear(bob.client);
    let seqs: Vec<_> = heard.iter().filter(|frame| frame["type"] == "private").map(|frame| &frame["seq"]).collect();
    assert_eq!(seqs, [1, 2, 3]);
}

#[test]
fn a_room_that_another_server_removed_is_left_by_all_and_made_anew() {
    let journal = Shared::new();
    let mut stage = Stage::on(Box::new(journal.clone()), settings());
    let ann = stage.enter();
    stage.join(ann.client, "tea");
    journal.drop_log("room/tea");
    stage.say(ann.client, &json!({"id": 1, "type": "say", "room": "tea", "body": "x"}));
    assert!(!stage.harness.is_open(ann.client));
    assert_eq!(stage.harness.closed(ann.client).map(|close| close.code), Some(1012));
    stage.harness.drop_client(ann.client);
    let back = stage.resume(&ann.token);
    assert_eq!(stage.join(back.client, "tea")["seq"], 1);
    assert_eq!(stage.harness.open_requests(), 0);
}

#[test]
fn a_server_that_slept_too_long_begins_anew_and_writes_nothing_before() {
    let journal = SharedJournal::with_feed(MemoryJournal::new(1000), 3);
    let mut here = Stage::with_seed(Box::new(journal.another()), settings(), 1);
    let mut there = Stage::with_seed(Box::new(journal.another()), settings(), 2);
    let [ann, bob] = &everybody_joins(&mut [&mut here, &mut there], "lobby")[..] else { panic!() };
    for n in 0..5 {
        say(&mut here, ann.client, &n.to_string());
    }
    assert_eq!(there.error(bob.client, json!({"type": "say", "room": "lobby", "body": "late"})), "unavailable");
    assert_eq!(there.harness.follow(), Err(FellBehind));
    let mut there = there.again(settings());
    let bob = there.resume(&bob.token);
    assert_eq!(there.join(bob.client, "lobby")["seq"], 6);
    assert_eq!(say(&mut there, bob.client, "here again"), 7);
}

/// The other server has not heard of it: it is the journal that tells.
#[test]
fn who_leaves_one_server_keeps_the_name_that_another_renews() {
    let (mut here, mut there) = two();
    let ann = here.enter();
    here.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    let tab = there.resume(&ann.token);
    there.harness.drop_client(tab.client);
    here.pass(700);
    there.pass(700);
    let bob = there.enter();
    assert_eq!(there.error(bob.client, json!({"type": "rename", "name": "Ann"})), "name_taken");
}

#[test]
fn a_name_that_was_lost_does_not_come_back_by_the_users_old_record() {
    let (mut here, mut there) = two();
    let ann = here.enter();
    here.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    here.harness.drop_client(ann.client);
    there.follow();
    here.pass(700);
    there.pass(700);
    let bob = there.enter();
    there.ok(bob.client, json!({"type": "rename", "name": "Ann"}));
    let back = here.resume(&ann.token);
    assert_eq!(here.error(back.client, json!({"type": "rename", "name": "Ann"})), "name_taken");
    let listed = here.ok(back.client, json!({"type": "users"}));
    assert!(text(&listed["users"][0]["name"]).starts_with("guest-"), "{listed}");
}

/// A later version has events, and facts of rooms and users, that this one does not know.
#[test]
fn what_a_later_version_wrote_is_shown_and_handed_on() {
    let journal = Shared::new();
    let mut stage = Stage::on(Box::new(journal.clone()), settings());
    let ann = stage.enter();
    stage.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    stage.ok(ann.client, json!({"type": "create", "kind": "counter", "room": "tally"}));
    stage.join(ann.client, "tally");
    let event = json!({"type": "reacted", "of": 1, "emoji": "🦀", "by": {"id": ann.id, "name": "Ann"}});
    journal.append("room/tally", &event);
    let value = |key: String| match journal.clone().load(Load::Values(vec![key])) {
        Loaded::Values(values) => values[0].1.clone(),
        other @ (Loaded::Page(_) | Loaded::Unavailable(_)) => panic!("{other:?}"),
    };
    let (key, record) = (format!("user/{}", ann.id), value(format!("user/{}", ann.id)));
    let mut record: Value = serde_json::from_slice(&record).unwrap();
    record["avatar"] = json!("crab.png");
    journal.write(
        "room/tally",
        &json!({"kind": "counter", "unlisted": false, "value": 7, "topic": "clicks"}),
        &key,
        &record,
    );
    let counted = stage.ok(ann.client, json!({"type": "count", "room": "tally", "by": 1}));
    assert_eq!((&counted["value"], &counted["seq"]), (&json!(8), &json!(3)));
    let joined = stage.join(ann.client, "tally");
    assert_eq!((&joined["events"][1]["type"], &joined["events"][1]["emoji"]), (&json!("reacted"), &json!("🦀")));
    stage.ok(ann.client, json!({"type": "rename", "name": "Anna"}));
    let state =
        journal.clone().restore().unwrap().logs.into_iter().find(|log| log.log.as_str() == "room/tally").unwrap();
    let state: Value = serde_json::from_slice(&state.state).unwrap();
    assert_eq!((&state["value"], &state["topic"]), (&json!(8), &json!("clicks")));
    let record: Value = serde_json::from_slice(&value(key)).unwrap();
    assert_eq!((&record["name"], &record["avatar"]), (&json!("Anna"), &json!("crab.png")));
}

#[test]
fn an_inbox_that_is_read_before_its_news_is_heard_shows_it_once() {
    let (mut here, mut there) = two();
    let (ann, bob) = (here.enter(), there.enter());
    here.harness.put_off_reads();
    here.say(ann.client, &json!({"id": 1, "type": "join", "room": "@inbox"}));
    there.ok(bob.client, json!({"type": "tell", "to": ann.id, "body": "news"}));
    here.harness.release_reads();
    here.follow();
    let heard = here.hear(ann.client);
    let joined = heard.iter().find(|frame| frame["re"] == 1).unwrap();
    let shown = joined["events"].as_array().unwrap().len();
    let told_after =
        heard.iter().skip_while(|frame| frame["re"] != 1).filter(|frame| frame["type"] == "private").count();
    assert_eq!((&joined["seq"], shown, told_after), (&json!(1), 1, 0), "{heard:?}");
}
