//! Rooms expire by the time in which the server ran and nobody used them.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{Stage, settings};
use crate::LoungeSettings;
use parlor_core::journal::{Commit, Journal, Load, Loaded, MemoryJournal, Outcome, Restored};
use parlor_core::{Time, journal};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const RETENTION: Duration = Duration::from_secs(30 * DAY);

/// A journal that was closed for a while: its logs were last used long ago by the wall clock, and `idle` ago by its own.
struct Closed {
    journal: Box<dyn Journal>,
    at: Option<Time>,
    idle: Option<Duration>,
}

impl Journal for Closed {
    fn restore(&mut self) -> Result<Restored, String> {
        let mut restored = self.journal.restore()?;
        for log in &mut restored.logs {
            log.at = self.at.unwrap_or(log.at);
            log.idle = self.idle.unwrap_or(log.idle);
        }
        Ok(restored)
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        self.journal.commit_all(batch)
    }

    fn load(&mut self, load: Load) -> Loaded {
        self.journal.load(load)
    }
}

fn stage() -> Stage {
    let journal: Box<dyn journal::Journal> = Box::new(MemoryJournal::new(1000));
    Stage::on(journal, LoungeSettings { room_retention: RETENTION, ..settings() })
}

/// Starts again on the same journal.
fn again(stage: Stage, at: Option<Time>, idle: Option<Duration>) -> Stage {
    let journal = Closed { journal: stage.harness.into_journal(), at, idle };
    Stage::on(Box::new(journal), LoungeSettings { room_retention: RETENTION, ..settings() })
}

fn is_there(stage: &mut Stage) -> bool {
    let client = stage.enter().client;
    let (answer, _) = stage.ask(client, json!({"type": "history", "room": "tea"}));
    stage.harness.drop_client(client);
    answer["type"] == "ok"
}

fn with_a_room() -> Stage {
    let mut stage = stage();
    let ann = stage.enter().client;
    stage.join(ann, "tea");
    stage.ok(ann, json!({"type": "leave", "room": "tea"}));
    stage.harness.drop_client(ann);
    stage
}

/// As an import does it: an event such as `counted` tells no time, so the log's is 1970.
#[test]
fn a_room_whose_events_tell_no_time_stays_after_a_start() {
    let mut stage = again(with_a_room(), Some(Time(0)), Some(Duration::ZERO));
    stage.pass(29 * DAY);
    assert!(is_there(&mut stage));
    stage.pass(2 * DAY);
    assert!(!is_there(&mut stage), "it is used no more, and goes in its time");
}

#[test]
fn time_in_which_no_server_ran_does_not_count() {
    let long_ago = Time(1_795_224_660_000 - 1000 * DAY * 1000);
    let mut stage = again(with_a_room(), Some(long_ago), Some(Duration::from_secs(20 * DAY)));
    stage.pass(9 * DAY);
    assert!(is_there(&mut stage));
    stage.pass(2 * DAY);
    assert!(!is_there(&mut stage));
}

#[test]
fn a_start_gives_a_grace() {
    let mut stage = again(with_a_room(), None, Some(RETENTION * 2));
    stage.pass(9 * 60);
    assert!(is_there(&mut stage));
    stage.pass(2 * HOUR);
    assert!(!is_there(&mut stage));
}

#[test]
fn a_clock_set_forward_deletes_nothing() {
    let mut stage = with_a_room();
    stage.pass(DAY);
    stage.harness.set_clock(stage.harness.now() + Duration::from_secs(400 * DAY));
    assert!(is_there(&mut stage));
    stage.pass(28 * DAY);
    assert!(is_there(&mut stage));
    stage.pass(2 * DAY);
    assert!(!is_there(&mut stage));
}

#[test]
fn a_silent_room_with_somebody_in_it_is_in_use_also_over_a_restart() {
    let mut stage = stage();
    let ann = stage.enter().client;
    stage.join(ann, "tea");
    let said = stage.ok(ann, json!({"type": "say", "room": "tea", "body": "the last words"}));
    stage.pass(100 * DAY);
    assert!(is_there(&mut stage));
    // The journal says how long ago it was last written to.
    let idle = |stage: Stage| -> (Duration, Stage) {
        let now = stage.harness.now();
        let mut journal = stage.harness.into_journal();
        let at = journal.restore().unwrap().logs[0].at;
        let settings = LoungeSettings { room_retention: RETENTION, ..settings() };
        let idle = now.since(at);
        (idle, Stage::on(Box::new(Closed { journal, at: None, idle: Some(idle) }), settings))
    };
    let (idle, mut stage) = idle(stage);
    assert!(idle <= Duration::from_secs(2 * DAY), "{idle:?}");
    stage.pass(27 * DAY);
    let ann = stage.enter().client;
    let rooms: Value = stage.ok(ann, json!({"type": "rooms"}));
    assert_eq!(rooms["rooms"][0]["last_at"], said["at"], "to be in a room is no event of it");
    assert_eq!(rooms["rooms"][0]["seq"], 2);
    let joined = stage.join(ann, "tea");
    assert_eq!((&joined["seq"], joined["events"].as_array().unwrap().len()), (&json!(2), 2));
    let said = stage.ok(ann, json!({"type": "say", "room": "tea", "body": "hello"}));
    assert_eq!(
        (&said["seq"], &stage.ok(ann, json!({"type": "rooms"}))["rooms"][0]["last_at"]),
        (&json!(3), &said["at"])
    );
}
