//! Limits of a client, of an address, and of all together.

use std::time::Duration;

use super::define::settings;
use super::room_names::RoomNames;
use super::units::ByteSize;

settings! {
    /// Limits of a client, of an address, and of all together.
    pub struct LimitSettings, "Limits" {
        /// Requests per second that a client may send for a long time.
        ///
        /// A client that sends more is told how long to wait, and is closed with 4003 if it goes on. Very large values turn
        /// the limit off.
        rate_per_second: u32 = "20", unit "per second", from "1" to "4294967295";

        /// Requests that a client may send at once after a pause.
        rate_burst: u32 = "40", unit "requests", from "1" to "4294967295";

        /// Requests that all clients of one address may send in the long run; none for what its clients may send together.
        ///
        /// A client that reconnects goes on with what it had left of its own rate, so that this bound is seldom met.
        address_rate_per_second: Option<u32> = "none", unit "per second", from "1" to "4294967295";

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
        /// address may have twice as many of them as max_clients_per_address says, since a client without WebSocket has two
        /// connections; for a trusted_proxy only this number counts.
        max_handshakes: usize = "1024", unit "connections", from "1" to "10000000";

        /// Rooms that exist at the same time.
        max_rooms: usize = "10000", unit "rooms", from "1" to "10000000";

        /// Rooms that exist at the same time and were created from one address, so that no address can take all.
        max_rooms_per_address: usize = "2500", unit "rooms", from "1" to "10000000";

        /// Room that opens even if there are as many as max_rooms; lobby always does. Repeatable.
        keep_room: RoomNames = "";

        /// Rooms that one address may create at once after a pause; IPv6 addresses count by their /64 network.
        ///
        /// Everybody behind one router or proxy has one address: see the preset for a school in docs/settings.md.
        room_creation_burst: u32 = "500", unit "rooms", from "1" to "1000000";

        /// Time after which an address may create one more room.
        room_creation_interval: Duration = "2s", from "1ms" to "1d";

        /// New users that one address may have at once after a pause.
        ///
        /// A guest becomes a user, whom the journal keeps for user_retention, with the first message, name or game.
        user_creation_burst: u32 = "1000", unit "users", from "1" to "1000000";

        /// Time after which an address may have one more new user.
        user_creation_interval: Duration = "1s", from "1ms" to "1d";

        /// Rooms that a client is in at the same time.
        ///
        /// A client that leaves is taken out of each of them: more than 10000 would hold up the others.
        rooms_per_client: usize = "64", unit "rooms", from "1" to "10000";

        /// Largest frame that a client may send; a larger one closes it with 1009 before it is read.
        ///
        /// The default holds a message of 4096 characters in any escaping. The server may have to hold as much memory for each
        /// client. An event has to fit into a page of history, 256 KiB: see body_chars.
        frame_bytes: ByteSize = "64KiB", from "1KiB" to "64MiB";

        /// Longest message, in Unicode scalar values.
        ///
        /// More than 43008 needs a frame_bytes of at most 252KiB: a page of history carries 256 KiB, and one that can't
        /// carry a message could not be read.
        body_chars: usize = "4096", unit "characters", from "1" to "1000000";

        /// Missed events that a returning client gets; one that missed more gets the newest page instead.
        ///
        /// It gets 512 KiB and `retain` events at most, so larger values seldom change anything.
        recover_events: usize = "1000", unit "events", from "1" to "100000";
    }
}
