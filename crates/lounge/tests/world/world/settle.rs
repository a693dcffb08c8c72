//! Faults end and graces are over: then what everybody sees is what is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parlor_core::harness::Harness;
use serde_json::{Value, json};

use super::World;
use crate::fault::{Checked, Fault, hold};
use crate::shaky::Fuse;

/// A client that only looks.
pub const PROBE: &str = "probe";

impl World {
    pub(super) fn settle(&mut self) -> Checked {
        self.disk.refuse(false, false);
        self.release(0, |harness| harness.release_journal(Ok(())))?;
        self.release(1, Harness::release_answers)?;
        self.release(2, Harness::release_reads)?;
        self.nodes.iter().for_each(|node| Fuse::put_out(&node.fuse));
        let clients = self.clients.values_mut();
        clients.for_each(|client| client.is_late |= std::mem::take(&mut client.is_deaf));
        self.look()?; // sessions that were closed leave now, so that their grace is over too
        let settings = &self.scene.settings;
        let grace = settings.get("presence_grace") + settings.get("crowd_every") + 1500;
        self.pass(Duration::from_millis(grace))?;
        for (name, client) in &self.clients {
            let Some(link) = &client.link else { continue };
            hold!("answered-once", link.asked.is_empty(), "no answer to {name}: {:?}", link.asked);
        }
        self.check_presence()
    }

    fn check_presence(&mut self) -> Checked {
        let there = self.members();
        for (name, client) in &self.clients {
            let Some(link) = &client.link else { continue };
            for (room, view) in &link.views {
                let members = &there[room];
                let is_told_each = self.scene.settings.get("presence_room") >= 32;
                let fits = !is_told_each || view.members == *members;
                hold!("presence-converges", fits, "{name} sees {:?} in {room}, there are {members:?}", view.members);
                let fits = view.online == members.len() as u64;
                hold!("presence-converges", fits, "{name} counts {} in {room}, there are {members:?}", view.online);
            }
        }
        self.connect(PROBE)?;
        for (room, members) in there {
            let answer = self.probe(json!({"type": "users", "room": room}))?;
            if answer["type"] == "ok" {
                let told: BTreeSet<String> = ids(&answer["users"]);
                hold!("presence-converges", told == members, "users tells {told:?} of {room}, there are {members:?}");
            }
        }
        let answer = self.probe(json!({"type": "users"}))?;
        let links = self.clients.values().filter_map(|client| client.link.as_ref());
        let online: BTreeSet<String> = links.filter_map(|link| link.user.clone()).collect();
        let told: BTreeSet<String> = ids(&answer["users"]);
        hold!("presence-converges", told == online, "users tells {told:?}, on are {online:?}");
        self.drop(PROBE)
    }

    /// Users by the rooms that their connections are in.
    fn members(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for link in self.clients.values().filter_map(|client| client.link.as_ref()) {
            for room in link.views.keys() {
                there.entry(room.clone()).or_default().extend(link.user.clone());
            }
        }
        there
    }

    /// Asks as the probe, and returns the answer.
    pub(super) fn probe(&mut self, request: Value) -> Result<Value, Fault> {
        self.client(PROBE).answer = None;
        self.ask_value(PROBE, &request, false)?;
        let answer = self.client(PROBE).answer.take();
        hold_answer(answer, &request)
    }
}

fn hold_answer(answer: Option<Value>, request: &Value) -> Result<Value, Fault> {
    answer.ok_or_else(|| Fault { rule: "answered-once", words: format!("no answer to {request}") })
}

fn ids(users: &Value) -> BTreeSet<String> {
    users.as_array().into_iter().flatten().filter_map(|user| user["id"].as_str().map(str::to_owned)).collect()
}
