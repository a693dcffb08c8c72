//! Detection of clients that are gone or read slowly.

use std::time::Duration;

use super::define::settings;
use super::units::ByteSize;

settings! {
    /// Detection of clients that are gone or read slowly.
    pub struct ConnectionSettings, "Connections" {
        /// Time between two pings to a silent client.
        ///
        /// Many proxies and home routers drop silent connections after 30 to 60 s.
        heartbeat: Duration = "25s", from "100ms" to "1h";

        /// Time without any bytes from a client after which it is closed; more than heartbeat.
        ///
        /// The default allows for one lost ping.
        heartbeat_timeout: Duration = "1m", from "200ms" to "1d";

        /// Bytes that may wait for a client that reads slowly; one with more is closed with 4000.
        ///
        /// The largest answer has to fit: a catch-up of 512 KiB and the members of a room. So does the largest frame.
        outbox_bytes: ByteSize = "1MiB", from "640KiB" to "1GiB";

        /// Time in which a client with waiting bytes has to take some; one that takes none is closed with 4000.
        outbox_stall: Duration = "10s", from "100ms" to "10m";

        /// Length from which messages are compressed for clients that offer it, as browsers do; none for no compression.
        ///
        /// permessage-deflate (RFC 7692). Shorter messages take more time than they save bytes. Compressed connections need no
        /// more memory than others; each worker thread may take up to 2 MiB.
        compress_from: Option<ByteSize> = "256", from "0" to "1GiB";
    }
}
