//! The settings of a world, as a script writes them: only those that differ from the defaults.

use std::collections::BTreeMap;
use std::time::Duration;

use parlor_lounge::{LoungeSettings, Signer};

/// Settings by name. Times are in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(pub BTreeMap<String, u64>);

/// Every setting that a script may have, with its default.
pub const NAMES: [(&str, u64); 27] = [
    ("addresses", 100_000),
    ("body_chars", 4096),
    ("client_queue", 256),
    ("crowd_every", 1000),
    ("forfeit_after", 60_000),
    ("name_reservation", 600_000),
    ("page_events", 50),
    ("presence_grace", 10_000),
    ("presence_room", 64),
    ("recover_bytes", 512 * 1024),
    ("recover_events", 1000),
    ("retain", 1000),
    ("retain_age", 0),
    ("room_batch", 256),
    ("room_creation_burst", 500),
    ("room_creation_every", 2000),
    ("room_queue", 1024),
    ("room_retention", 30 * DAY),
    ("rooms", 10_000),
    ("rooms_per_address", 2500),
    ("rooms_per_client", 64),
    ("user_creation_burst", 1000),
    ("user_creation_every", 1000),
    ("user_retention", 90 * DAY),
    ("window_bytes", 64 * 1024),
    ("window_events", 100),
    ("inbox_events", 1000),
];

const DAY: u64 = 24 * 60 * 60 * 1000;

impl Settings {
    pub fn get(&self, name: &str) -> u64 {
        let default = || NAMES.iter().find(|(known, _)| *known == name).map_or(0, |(_, default)| *default);
        self.0.get(name).copied().unwrap_or_else(default)
    }

    pub fn count(&self, name: &str) -> usize {
        usize::try_from(self.get(name)).unwrap_or(usize::MAX)
    }

    pub fn set(&mut self, name: &str, value: u64) {
        self.0.insert(name.to_owned(), value);
    }

    fn time(&self, name: &str) -> Duration {
        Duration::from_millis(self.get(name))
    }

    /// `None`: age does not matter.
    pub fn retain_age(&self) -> Option<Duration> {
        Some(self.time("retain_age")).filter(|age| !age.is_zero())
    }

    pub fn lounge(&self) -> LoungeSettings {
        let mut settings = LoungeSettings::new(Signer::new(b"the secret of a simulated world"));
        let number = |name| u32::try_from(self.get(name)).unwrap_or(u32::MAX);
        settings.addresses = self.count("addresses");
        settings.body_chars = self.count("body_chars");
        settings.client_queue = self.count("client_queue");
        settings.crowd_every = self.time("crowd_every");
        settings.forfeit_after = self.time("forfeit_after");
        settings.name_reservation = self.time("name_reservation");
        settings.page_events = self.count("page_events");
        settings.presence_grace = self.time("presence_grace");
        settings.presence_room = self.count("presence_room");
        settings.recover_bytes = self.count("recover_bytes");
        settings.recover_events = self.count("recover_events");
        settings.retain_age = self.retain_age();
        settings.inbox_events = self.count("inbox_events");
        settings.room_batch = self.count("room_batch");
        settings.room_creation.burst = number("room_creation_burst");
        settings.room_creation.every = self.time("room_creation_every");
        settings.room_queue = self.count("room_queue");
        settings.room_retention = self.time("room_retention");
        settings.rooms = self.count("rooms");
        settings.rooms_per_address = self.count("rooms_per_address");
        settings.rooms_per_client = self.count("rooms_per_client");
        settings.user_creation.burst = number("user_creation_burst");
        settings.user_creation.every = self.time("user_creation_every");
        settings.user_retention = self.time("user_retention");
        settings.window_bytes = self.count("window_bytes");
        settings.window_events = self.count("window_events");
        settings
    }
}
