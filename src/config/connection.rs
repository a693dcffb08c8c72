//! How it is seen that a client is gone, or no longer reads.

use std::time::Duration;

use super::setting::settings;
use super::units::ByteSize;

settings! {
    /// How it is seen that a client is gone, or no longer reads.
    pub struct ConnectionSettings, "Connections" {
        /// Time between two pings to a silent client.
        ///
        /// Proxies and home routers forget silent connections, many of them after 30 to 60 s.
        heartbeat: Duration = "25s", from "100ms" to "1h";

        /// Time without any sign of life after which a client is gone; more than heartbeat.
        ///
        /// The default allows for one lost ping.
        heartbeat_timeout: Duration = "1m", from "200ms" to "1d";

        /// Bytes that may wait for a client which reads slowly; beyond that it is closed with 4000.
        ///
        /// The largest answer, a catch-up of 512 KiB, has to fit in, and so does the largest frame.
        outbox_bytes: ByteSize = "1MiB", from "640KiB" to "1GiB";

        /// Time for which nothing that waits may move on; beyond that the client is closed with 4000.
        outbox_stall: Duration = "10s", from "100ms" to "10m";
    }
}
