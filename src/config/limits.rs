//! How much one client, one address and all of them together may take.

use std::time::Duration;

use super::setting::settings;
use super::units::ByteSize;

settings! {
    /// How much one client, one address and all of them together may take.
    pub struct LimitSettings, "Limits" {
        /// Requests a client may send in the long run.
        ///
        /// Who sends more is told when to go on, and is closed with 4003 when that doesn't help. Very large values turn
        /// the limit off in effect.
        rate_per_second: u32 = "20", unit "per second", from "1" to "4294967295";

        /// Requests a client may send at once after a rest.
        rate_burst: u32 = "40", unit "requests", from "1" to "4294967295";

        /// Clients served at the same time, at /ws and /echo together; more are refused with 503.
        ///
        /// Each takes a file descriptor (`ulimit -n`) and some KiB of memory.
        max_clients: usize = "10000", unit "clients", from "1" to "10000000";

        /// Clients from one address at the same time.
        ///
        /// Behind a proxy all clients seem to have the proxy's address: name it with trusted_proxy.
        max_clients_per_address: usize = "100", unit "clients", from "1" to "10000000";

        /// Connections that are not clients, at the same time: before their handshake, or for a page; more are closed.
        ///
        /// They are counted beside max_clients, so that connections which never ask for anything keep no client out. One
        /// address may have as many of them as max_clients_per_address says; for a trusted_proxy only this number counts.
        max_handshakes: usize = "1024", unit "connections", from "1" to "10000000";

        /// Rooms that exist at the same time.
        max_rooms: usize = "10000", unit "rooms", from "1" to "10000000";

        /// Rooms that one address may create at once after a rest; IPv6 addresses count by their /64 network.
        ///
        /// Everybody behind one router or proxy has one address: see the preset for a school in docs/settings.md.
        room_creation_burst: u32 = "500", unit "rooms", from "1" to "1000000";

        /// Time after which an address may create one more room.
        room_creation_interval: Duration = "2s", from "1ms" to "1d";

        /// New users that one address may have at once after a rest.
        ///
        /// A guest becomes a user, whom the journal keeps for user_retention, with the first message, name or game.
        user_creation_burst: u32 = "1000", unit "users", from "1" to "1000000";

        /// Time after which an address may have one more new user.
        user_creation_interval: Duration = "1s", from "1ms" to "1d";

        /// Rooms a client is in at the same time.
        ///
        /// Whoever leaves has to be taken out of each of them: more than 10000 would hold up the others.
        rooms_per_client: usize = "64", unit "rooms", from "1" to "10000";

        /// Largest frame a client may send; a larger one closes it with 1009 before it is read.
        ///
        /// The default holds a message of 4096 characters however they are escaped. Each client may make the server hold
        /// as much memory: hence the bound.
        frame_bytes: ByteSize = "64KiB", from "1KiB" to "64MiB";

        /// Longest message, in Unicode scalar values.
        body_chars: usize = "4096", unit "characters", from "1" to "1000000";

        /// Events a returning client catches up with; one that missed more gets the newest page instead.
        ///
        /// What is more than 512 KiB is not caught up with either, so that larger values seldom change anything.
        recover_events: usize = "1000", unit "events", from "1" to "100000";
    }
}
