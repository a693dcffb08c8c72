//! Presence of people in rooms.

use std::time::Duration;

use super::define::settings;

settings! {
    /// Presence of people in rooms.
    pub struct PresenceSettings, "Presence" {
        /// People in a room up to which each arrival and departure is announced; in larger rooms only the number is.
        ///
        /// A list of more than 1000 people would not fit into the 256 KiB of a reply.
        presence_room: usize = "64", unit "people", from "1" to "1000";

        /// Time for which somebody may be away before their departure is announced, so that a reload is silent.
        presence_grace: Duration = "10s", from "0s" to "5m";
    }
}
