//! What several servers know of one another: who is on and where, names, typing, seats, and answers that were lost.

use serde_json::{Value, json};

use super::stage::{Stage, settings, text, types};
use parlor_core::journal::{MemoryJournal, SharedJournal, WriterFaults};

/// Servers on one journal, and bad luck for each.
fn servers<const N: usize>() -> [(Stage, WriterFaults); N] {
    let journal = SharedJournal::new(MemoryJournal::new(1000));
    std::array::from_fn(|seed| {
        let journal = journal.another();
        let faults = journal.faults();
        (Stage::with_seed(Box::new(journal), settings(), seed as u64 + 1), faults)
    })
}

fn two() -> (Stage, Stage) {
    let [(here, _), (there, _)] = servers();
    (here, there)
}

#[test]
fn who_comes_and_goes_is_told_on_every_server() {
    let (mut here, mut there) = two();
    let (ann, bo) = (here.enter(), there.enter());
    here.join(ann.client, "lobby");
    let joined = there.join(bo.client, "lobby");
    assert_eq!(joined["online"], 2, "what was answered before is known: {joined}");
    let members: Vec<String> = joined["members"].as_array().unwrap().iter().map(|user| text(&user["id"])).collect();
    assert!(members.contains(&ann.id) && members.contains(&bo.id), "{members:?}");
    here.follow();
    let heard = here.hear(ann.client);
    assert_eq!((types(&heard), &heard[0]["online"]), (vec!["joined"], &json!(2)));

    there.ok(bo.client, json!({"type": "leave", "room": "lobby"}));
    let (listed, events) = here.ask(ann.client, json!({"type": "users", "room": "lobby"}));
    assert_eq!((&listed["count"], types(&events)), (&json!(1), vec!["left"]));
    let listed = there.ok(bo.client, json!({"type": "rooms"}));
    assert_eq!(listed["rooms"][0]["online"], 1);
    let everybody = there.ok(bo.client, json!({"type": "users"}));
    assert_eq!(everybody["count"], 2);
}

#[test]
fn who_comes_back_on_another_server_within_the_grace_was_never_gone() {
    let (mut here, mut there) = two();
    let (ann, bo) = (here.enter(), there.enter());
    here.join(ann.client, "lobby");
    there.join(bo.client, "lobby");
    here.harness.drop_client(ann.client);
    there.follow();
    there.pass(5);
    here.pass(5);
    let back = there.resume(&ann.token);
    there.join(back.client, "lobby");
    here.follow();
    for stage in [&mut here, &mut there] {
        stage.pass(60);
    }
    assert_eq!(types(&there.hear(bo.client)), Vec::<&str>::new());
    // Who does not come back has left, and everybody hears it.
    there.harness.drop_client(back.client);
    here.follow();
    there.pass(11);
    assert_eq!(types(&there.hear(bo.client)), ["left"]);
}

#[test]
fn a_server_that_ends_costs_its_clients_the_grace_and_then_their_presence() {
    let [(mut here, _), (mut there, faults)] = servers();
    let (ann, bo) = (here.enter(), there.enter());
    let game = there.ok(bo.client, json!({"type": "create", "kind": "connect4", "room": "table"}));
    there.ok(bo.client, json!({"type": "join", "room": "table", "seat": game["seat"]}));
    let sat = here.ok(ann.client, json!({"type": "join", "key": game["join"]}));
    assert_eq!((&sat["game"]["players"]["red"]["online"], &sat["online"]), (&json!(true), &json!(2)));
    faults.expire();
    here.follow();
    assert_eq!(types(&here.hear(ann.client)), ["away"], "it is red's turn");
    here.pass(9);
    assert_eq!(types(&here.hear(ann.client)), Vec::<&str>::new());
    here.pass(2);
    assert_eq!(types(&here.hear(ann.client)), ["left"]);
    // The server that was given up writes nothing, and begins anew.
    assert_eq!(there.error(bo.client, json!({"type": "say", "room": "table", "body": "late"})), "unavailable");
    assert!(there.harness.has_fallen_behind());
    let mut there = there.again(settings());
    let back = there.resume(&bo.token);
    there.ok(back.client, json!({"type": "join", "room": "table", "seat": game["seat"]}));
    here.follow();
    assert_eq!(types(&here.hear(ann.client)), ["joined", "back"]);
}

#[test]
fn a_player_who_is_on_another_server_does_not_forfeit_and_one_who_is_away_does_so_once() {
    let (mut here, mut there) = two();
    let (ann, bo) = (here.enter(), there.enter());
    let game = here.ok(ann.client, json!({"type": "create", "kind": "connect4", "room": "table"}));
    here.ok(ann.client, json!({"type": "join", "room": "table", "seat": game["seat"]}));
    there.ok(bo.client, json!({"type": "join", "key": game["join"]}));
    here.follow();
    for _ in 0..3 {
        here.pass(100);
        there.pass(100);
    }
    assert_eq!(types(&there.hear(bo.client)), Vec::<&str>::new());
    here.harness.drop_client(ann.client);
    there.follow();
    there.pass(61);
    here.pass(61);
    here.follow();
    there.follow();
    let heard = there.hear(bo.client);
    assert_eq!(types(&heard), ["away", "left", "ended"], "{heard:?}");
}

#[test]
fn typing_is_seen_on_other_servers_and_only_there_where_somebody_is() {
    let (mut here, mut there) = two();
    let (ann, bo) = (here.enter(), there.enter());
    here.join(ann.client, "lobby");
    there.join(bo.client, "lobby");
    here.follow();
    here.deaf(&[ann.client]);
    for (on, said) in [(true, "typing"), (false, "typing_ended")] {
        there.ok(bo.client, json!({"type": "typing", "room": "lobby", "on": on}));
        here.follow();
        let heard = here.hear(ann.client);
        assert_eq!(types(&heard), [said]);
        assert_eq!(heard[0]["user"]["id"], bo.id);
    }
    there.ok(bo.client, json!({"type": "typing", "to": ann.id}));
    here.follow();
    assert_eq!(types(&here.hear(ann.client)), ["private_typing"]);
    assert_eq!(types(&there.hear(bo.client)), Vec::<&str>::new(), "not to who is typing");
}

#[test]
fn a_name_and_an_id_are_found_on_every_server() {
    let (mut here, mut there) = two();
    let (ann, bo) = (here.enter(), there.enter());
    let told = here.ok(ann.client, json!({"type": "tell", "to": bo.name, "body": "by a guest's name"}));
    assert_eq!(told["delivered"], 1);
    there.ok(bo.client, json!({"type": "rename", "name": "Bo"}));
    let told = here.ok(ann.client, json!({"type": "tell", "to": "bo", "body": "by a name"}));
    assert_eq!(told["delivered"], 1);
    there.follow();
    assert_eq!(types(&there.hear(bo.client)), ["private"]);
    assert_eq!(here.error(ann.client, json!({"type": "rename", "name": "BO"})), "name_taken");
}

#[test]
fn guests_names_are_not_given_out_twice() {
    let mut all: Vec<String> = Vec::new();
    for (mut stage, _) in servers::<3>() {
        all.extend((0..300).map(|_| stage.enter().name));
    }
    let many = all.len();
    assert!(all.iter().all(|name| name.len() < 12), "the numbers are short: {all:?}");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), many);
}

#[test]
fn a_token_for_another_device_is_good_once_on_any_server() {
    let [(mut here, _), (mut there, _), (mut third, _)] = servers();
    let ann = here.enter();
    here.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    let first = here.ok(ann.client, json!({"type": "transfer"}))["token"].clone();
    let token = here.ok(ann.client, json!({"type": "transfer"}))["token"].clone();
    let resume = |stage: &mut Stage, token: &Value| {
        let guest = stage.enter();
        stage.ask(guest.client, json!({"type": "resume", "token": token})).0
    };
    assert_eq!(resume(&mut there, &first)["code"], "forbidden", "a newer one voids it");
    assert_eq!(resume(&mut there, &token)["user"]["name"], "Ann");
    assert_eq!(resume(&mut third, &token)["code"], "forbidden", "it was used");
    let late = here.ok(ann.client, json!({"type": "transfer"}))["token"].clone();
    third.pass(301);
    assert_eq!(resume(&mut third, &late)["code"], "forbidden", "its time is over");
    let void = here.ok(ann.client, json!({"type": "transfer"}))["token"].clone();
    here.ok(ann.client, json!({"type": "sign_out", "everywhere": true}));
    assert_eq!(resume(&mut there, &void)["code"], "forbidden", "signed out");
}

#[test]
fn whose_answer_is_lost_is_closed_and_finds_what_was_written() {
    let [(mut here, faults), (mut there, _)] = servers();
    let (ann, bo) = (here.enter(), there.enter());
    here.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
    here.join(ann.client, "lobby");
    there.join(bo.client, "lobby");
    faults.lose_answers(true);
    here.say(ann.client, &json!({"id": 77, "type": "say", "room": "lobby", "body": "once", "key": "k"}));
    assert_eq!(here.harness.closed(ann.client).map(|close| close.code), Some(1012));
    assert!(here.hear(ann.client).iter().all(|frame| frame["re"] != 77), "neither yes nor no");
    faults.lose_answers(false);
    here.harness.drop_client(ann.client);
    let back = here.resume(&ann.token);
    let said = here.ok(back.client, json!({"type": "join", "room": "lobby"}));
    assert_eq!(said["seq"], 2);
    let again = here.ok(back.client, json!({"type": "say", "room": "lobby", "body": "once", "key": "k"}));
    assert_eq!(again["seq"], 2, "the first answer");
    there.follow();
    assert_eq!(there.join(bo.client, "lobby")["seq"], 2);
    assert_eq!(here.harness.open_requests() + there.harness.open_requests(), 0);
}

#[test]
fn every_request_whose_answer_is_lost_costs_its_client_the_connection() {
    for request in [
        json!({"type": "rename", "name": "Bo"}),
        json!({"type": "create", "kind": "counter", "room": "tally"}),
        json!({"type": "tell", "to": "ann", "body": "hello"}),
        json!({"type": "transfer"}),
        json!({"type": "join", "room": "made by joining"}),
        json!({"type": "sign_out", "everywhere": true}),
    ] {
        let [(mut here, faults), (mut there, _)] = servers();
        let (ann, bo) = (there.enter(), here.enter());
        there.ok(ann.client, json!({"type": "rename", "name": "Ann"}));
        faults.lose_answers(true);
        let mut frame = request.clone();
        frame["id"] = json!(1);
        here.say(bo.client, &frame);
        assert_eq!(here.harness.closed(bo.client).map(|close| close.code), Some(1012), "{request}");
        faults.lose_answers(false);
        here.harness.drop_client(bo.client);
        let late = here.enter();
        here.ok(late.client, json!({"type": "rooms"}));
        assert_eq!(here.harness.open_requests(), 0, "{request}");
    }
}

#[test]
fn a_room_that_nobody_here_is_in_costs_no_window_and_is_read_when_somebody_comes() {
    let (mut here, mut there) = two();
    let (ann, bo) = (here.enter(), there.enter());
    here.join(ann.client, "lobby");
    for n in 0..5 {
        here.ok(ann.client, json!({"type": "say", "room": "lobby", "body": n.to_string()}));
    }
    there.follow();
    let joined = there.join(bo.client, "lobby");
    assert_eq!((&joined["seq"], joined["events"].as_array().map(Vec::len)), (&json!(6), Some(6)));
    here.ok(ann.client, json!({"type": "say", "room": "lobby", "body": "live"}));
    there.follow();
    assert_eq!(there.hear(bo.client).last().map(|frame| frame["seq"].clone()), Some(json!(7)));
}

#[test]
fn a_client_that_goes_before_its_welcome_was_never_there() {
    let (mut here, mut there) = two();
    here.harness.hold_answers();
    let hasty = here.harness.connect();
    here.say(hasty, &json!({"id": 1, "type": "join", "room": "lobby"}));
    here.harness.drop_client(hasty);
    here.harness.release_answers();
    let bo = there.enter();
    assert_eq!(there.ok(bo.client, json!({"type": "users"}))["count"], 1);
    assert_eq!(here.harness.open_requests(), 0);
}
