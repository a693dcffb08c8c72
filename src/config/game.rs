//! Games.

use std::time::Duration;

use super::setting::settings;

settings! {
    /// Games between people whose connections come and go.
    pub struct GameSettings, "Games" {
        /// How long a player may be away on their turn before the game is lost.
        forfeit_after: Duration = "1m", from "100ms" to "30d";
    }
}
