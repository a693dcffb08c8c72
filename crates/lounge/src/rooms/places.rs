//! Places for rooms: how many each address has taken.

use std::collections::HashMap;

use super::name::RoomName;
use crate::settings::LoungeSettings;

/// Rooms, being created or there, by the address that created them.
#[derive(Default)]
pub struct Places {
    taken: HashMap<u64, usize>,
}

impl Places {
    /// A room of this address is being created, or was restored.
    pub fn take(&mut self, made_by: Option<u64>) {
        if let Some(address) = made_by {
            *self.taken.entry(address).or_default() += 1;
        }
    }

    /// A room of this address was deleted, or could not be created.
    pub fn free(&mut self, made_by: Option<u64>) {
        if let Some(address) = made_by
            && let Some(taken) = self.taken.get_mut(&address)
        {
            *taken -= 1;
            if *taken == 0 {
                self.taken.remove(&address);
            }
        }
    }

    /// Returns the number of rooms of an address.
    pub fn of(&self, made_by: Option<u64>) -> usize {
        made_by.and_then(|address| self.taken.get(&address)).copied().unwrap_or_default()
    }
}

/// Returns whether a room always opens, and makes no place for others.
pub fn is_kept(name: &RoomName, settings: &LoungeSettings) -> bool {
    name.as_str() == "lobby" || settings.kept_rooms.contains(name)
}
