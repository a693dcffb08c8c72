//! Private messages: for whom they were, and nobody else, in one order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{SLACK_MS, Scene};
use crate::fault::{Checked, hold};

#[derive(Debug, Default)]
pub struct Inboxes {
    /// By owner.
    inboxes: BTreeMap<String, Inbox>,
    acknowledged: Vec<Acknowledged>,
    /// Users to whom a user was writing.
    pub typed: BTreeSet<(u64, String)>,
}

#[derive(Debug, Default)]
struct Inbox {
    epoch: Option<String>,
    events: BTreeMap<u64, Value>,
    /// Running time of the newest message.
    at: u64,
}

/// A private message that was answered `ok`.
#[derive(Debug)]
struct Acknowledged {
    from: String,
    /// The addressee, if an id was given.
    to: Option<String>,
    id: Value,
    at: u64,
}

impl Inboxes {
    /// An owner sees a message.
    pub fn event(&mut self, owner: &str, event: &Value, scene: &Scene) -> Checked {
        let is_theirs = [&event["from"]["id"], &event["to"]["id"]].iter().any(|id| *id == owner);
        hold!("private-is-private", is_theirs, "{owner} saw a message of others: {event}");
        let may_be_new = self.may_be_gone(owner, scene);
        let inbox = self.inboxes.entry(owner.to_owned()).or_default();
        let seq = event["seq"].as_u64().unwrap_or_default();
        match inbox.events.get(&seq) {
            Some(known) if may_be_new && known["id"] != event["id"] => inbox.events.clear(),
            Some(known) => {
                hold!("one-inbox", known == event, "{known} in one session, {event} in another");
                return Ok(());
            }
            None => {}
        }
        if seq == 1 && inbox.events.is_empty() {
            inbox.epoch = None; // an empty inbox that was joined before a restart has begun under another
        }
        inbox.events.insert(seq, event.clone());
        inbox.at = scene.running;
        Ok(())
    }

    /// A join says the epoch.
    pub fn epoch(&mut self, owner: &str, epoch: &str, scene: &Scene) -> Checked {
        let may = self.may_be_gone(owner, scene);
        let inbox = self.inboxes.entry(owner.to_owned()).or_default();
        if let Some(before) = inbox.epoch.as_ref().filter(|before| *before != epoch) {
            hold!("acknowledged-stays", may, "an inbox was begun anew: {before} became {epoch}");
            inbox.events.clear();
        }
        inbox.epoch = Some(epoch.to_owned());
        Ok(())
    }

    /// Returns whether an inbox may have expired, or there is none.
    fn may_be_gone(&self, owner: &str, scene: &Scene) -> bool {
        let retention = scene.settings.get("user_retention");
        // Who is slow hears of the last message late.
        let is_short = retention < 86_400_000;
        let is_over = |inbox: &Inbox| is_short || scene.running - inbox.at + SLACK_MS >= retention;
        self.inboxes.get(owner).is_none_or(|inbox| inbox.events.is_empty() || is_over(inbox))
    }

    pub fn may_begin_anew(&self, owner: &str, scene: &Scene) -> bool {
        self.may_be_gone(owner, scene)
    }

    pub fn acknowledge(&mut self, from: &str, request: &Value, answer: &Value, scene: &Scene) {
        let to = request["to"].as_str().filter(|to| to.len() == 36).map(str::to_lowercase);
        self.acknowledged.push(Acknowledged { from: from.to_owned(), to, id: answer["id"].clone(), at: scene.running });
    }

    /// Checks a whole inbox, from its oldest message that is kept.
    pub fn check_whole(&self, owner: &str, oldest: u64, head: u64, scene: &Scene) -> Checked {
        let Some(inbox) = self.inboxes.get(owner) else { return Ok(()) };
        let reaches = head.saturating_sub(scene.settings.get("retain")) + 1;
        let may_be_short = scene.settings.retain_age().is_some();
        hold!(
            "acknowledged-stays",
            may_be_short || oldest <= reaches,
            "an inbox reaches back to {oldest}, not {reaches}"
        );
        let mut ids = BTreeSet::new();
        for event in inbox.events.values() {
            hold!("said-once", ids.insert(event["id"].to_string()), "twice in one inbox: {event}");
        }
        let retention = scene.settings.get("user_retention");
        let is_kept = |of: &&Acknowledged| scene.running - of.at + SLACK_MS < retention;
        let is_whole = oldest <= 1 && !may_be_short;
        for of in self.acknowledged.iter().filter(is_kept) {
            let is_theirs = of.from == owner || of.to.as_deref() == Some(owner);
            let is_there = ids.contains(&of.id.to_string());
            hold!(
                "acknowledged-stays",
                !is_theirs || !is_whole || is_there,
                "{} is not in the inbox of {owner}",
                of.id
            );
        }
        Ok(())
    }

    pub fn events_of(&self, owner: &str) -> impl Iterator<Item = &Value> {
        self.inboxes.get(owner).into_iter().flat_map(|inbox| inbox.events.values())
    }
}
