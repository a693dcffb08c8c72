//! A look at everything after each step: what was heard, who was closed, and whether all collections are within their bounds.

use super::World;
use crate::client::Link;
use crate::fault::{Checked, hold};
use crate::hear::Ears;
use crate::model::names::check_unique;

impl World {
    pub(super) fn look(&mut self) -> Checked {
        self.listen()?;
        self.check_names()?;
        self.check_gauges()
    }

    /// Everybody hears what there is, if a server did anything since the last time.
    pub(super) fn listen(&mut self) -> Checked {
        let effects = self.nodes.iter().map(|node| node.effects).sum();
        if self.listened == (effects, self.deaf()) {
            return Ok(());
        }
        self.listened = (effects, self.deaf());
        self.scene.is_prompt = self.is_prompt();
        self.refresh();
        let names: Vec<String> =
            self.clients.iter().filter(|(_, client)| client.link.is_some()).map(|(name, _)| name.clone()).collect();
        for name in &names {
            self.hear(name)?;
        }
        self.scene.is_late = false;
        let signed_out = self.model.tokens.look()?;
        for name in &names {
            self.look_at_close(name, &signed_out)?;
        }
        Ok(())
    }

    fn deaf(&self) -> usize {
        self.clients.values().filter(|client| client.is_deaf).count()
    }

    /// Who is on has their name, and is in their rooms.
    pub(super) fn refresh(&mut self) {
        for link in self.clients.values().filter_map(|client| client.link.as_ref()) {
            let Some(user) = &link.user else { continue };
            self.model.names.seen(&link.name, user, &self.scene);
            for asked in link.asked.iter().filter(|asked| asked.kind() == "rename") {
                self.model.names.seen(asked.text("name").unwrap_or_default(), user, &self.scene);
            }
            let leaves = |room: &str| {
                let mut leaving = link.asked.iter().filter(|asked| asked.kind() == "leave");
                leaving.any(|asked| asked.text("room") == Some(room))
            };
            for (room, view) in link.views.iter().filter(|(room, _)| !leaves(room)) {
                self.model.rooms.used(room, &view.epoch, &self.scene);
            }
        }
    }

    fn hear(&mut self, name: &str) -> Checked {
        let Some(client) = self.clients.get(name).filter(|client| !client.is_deaf) else { return Ok(()) };
        let (node, Some(id)) = (client.node, client.link.as_ref().map(|link| link.id)) else { return Ok(()) };
        let Some(frames) = self.drive(node, |harness| harness.heard(id))? else { return Ok(()) };
        let World { clients, model, scene, .. } = self;
        let Some(client) = clients.get_mut(name) else { return Ok(()) };
        scene.is_late = std::mem::take(&mut client.is_late);
        frames.iter().try_for_each(|frame| Ears { client, model, scene }.hear(frame)).map_err(|mut fault| {
            fault.words = format!("{name}: {}", fault.words);
            fault
        })
    }

    /// Only those are closed who have signed out everywhere, from another session.
    fn look_at_close(&mut self, name: &str, signed_out: &[(String, u64)]) -> Checked {
        let Some(client) = self.clients.get(name) else { return Ok(()) };
        let (node, Some(link)) = (client.node, &client.link) else { return Ok(()) };
        let (id, number) = (link.id, link.number);
        let user = link.user.clone().unwrap_or_default();
        let by = signed_out.iter().find(|(of, _)| *of == user).map(|(_, by)| *by);
        let is_sure = !client.is_deaf && link.asked.is_empty();
        let close = self.drive(node, |harness| harness.closed(id).cloned())?.flatten();
        match &close {
            Some(close) => {
                let may = by.is_some_and(|by| by != number)
                    || self.model.tokens.is_in_doubt(&user)
                    || !is_sure
                    || self.anybody_signs_out();
                hold!("closes-have-reasons", may && close.code == 4501, "{name} was closed: {close:?}");
                self.drop(name)?;
            }
            None => {
                let stays = by.is_none_or(|by| by == number) || !is_sure;
                hold!("signed-out-is-out", stays, "{user} has signed out everywhere, and {name} is still on");
            }
        }
        Ok(())
    }

    /// A sign-out whose answer nobody has read yet.
    fn anybody_signs_out(&self) -> bool {
        self.clients.values().filter_map(|client| client.link.as_ref()).any(|link| link.awaits("sign_out"))
    }

    fn check_names(&self) -> Checked {
        let is_sure = |link: &&Link| link.asked.is_empty();
        let reading = self.clients.values().filter(|client| !client.is_deaf);
        let links = reading.filter_map(|client| client.link.as_ref()).filter(is_sure);
        check_unique(links.filter_map(|link| Some((link.user.as_deref()?, link.name.as_str()))))
    }

    /// The bounds, one by one.
    fn check_gauges(&self) -> Checked {
        for node in &self.nodes {
            let Some(app) = node.app() else { continue };
            let gauges = parlor_core::App::gauges(app);
            let gauge = |name| gauges.iter().find(|gauge| gauge.name == name).map_or(0, |gauge| gauge.value as usize);
            let links = self.clients.values().filter(|client| client.link.is_some()).count();
            let settings = &self.scene.settings;
            hold!("bounds", gauge("sessions") == links, "{} sessions of {links} connections", gauge("sessions"));
            hold!("bounds", gauge("users_online") <= links, "{} users of {links} connections", gauge("users_online"));
            // Users stay for their name's reservation: as many as there were connections.
            let users = self.links as usize;
            hold!("bounds", gauge("users_remembered") <= users, "{} users", gauge("users_remembered"));
            // Rooms that always open come on top, and those that are being made or deleted count twice.
            let rooms = settings.count("rooms") + 1 + links * 2;
            hold!("bounds", gauge("rooms") <= rooms, "{} rooms of {rooms}", gauge("rooms"));
            hold!("bounds", gauge("rooms_in_use") <= gauge("rooms"), "{} rooms in use", gauge("rooms_in_use"));
            hold!("bounds", gauge("games_running") <= gauge("rooms"), "{} games run", gauge("games_running"));
            hold!("bounds", gauge("clock_watchers") <= links, "{} watchers", gauge("clock_watchers"));
            // One for each user, client and room, and for each interval; and the look at the rooms.
            let timers = 3 * self.links as usize + 3 * gauge("rooms") + 11;
            hold!("bounds", gauge("timers") <= timers, "{} timers", gauge("timers"));
            if node.is_prompt() {
                hold!("bounds", gauge("journal_waits") == 0, "{} waits, and none is held", gauge("journal_waits"));
                let open = node.harness().map_or(0, |harness| harness.open_requests());
                hold!("answered-once", open == 0, "{open} requests are open, and nothing is held");
            }
        }
        Ok(())
    }
}
