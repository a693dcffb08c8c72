//! Who is here.

use std::time::Duration;

use super::setting::settings;

settings! {
    /// Who is here, and how that is told.
    pub struct PresenceSettings, "Presence" {
        /// People in a room up to whom each coming and going is told; beyond that only their number is.
        ///
        /// A list of more than 1000 would outgrow the 256 KiB that a reply may carry.
        presence_room: usize = "64", unit "people", from "1" to "1000";

        /// How long somebody may be away before it is told that they left, so that a reload is silent.
        presence_grace: Duration = "10s", from "0s" to "5m";
    }
}
