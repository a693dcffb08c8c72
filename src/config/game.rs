//! Games.

use std::time::Duration;

use super::define::settings;

settings! {
    /// Games.
    pub struct GameSettings, "Games" {
        /// Time for which a player may be away on their turn before they lose the game.
        forfeit_after: Duration = "1m", from "100ms" to "30d";
    }
}
