//! Several nodes that serve one lounge, on a Redis.

use std::time::Duration;

use super::define::settings;
use super::node::{KeyPrefix, NodeAddress, NodeListen, NodeName};
use super::optional_file::OptionalFile;

settings! {
    /// Several nodes that serve one lounge: each with the same Redis as its `journal`, and the same settings. See docs/nodes.md.
    pub struct NodeSettings, "Nodes" {
        /// File with the password for Redis, on one line; none takes the one in the URL, if there is one.
        ///
        /// The name of the user, if it is another than `default`, stands in the URL: redis://ann@redis.internal. Everyone who can
        /// list processes sees flags, so a password is better here, or in the variable `PARLOR_JOURNAL`.
        redis_password_file: OptionalFile = "none";

        /// PEM file with the root certificates that sign the one of Redis, for rediss:; none takes those of the public authorities.
        redis_ca: OptionalFile = "none";

        /// Beginning of all keys in Redis; each lounge on a Redis needs its own.
        ///
        /// The name in braces is the hash tag: a Redis Cluster keeps all keys with the same one on one of its servers, so that a
        /// script can write several at once.
        redis_prefix: KeyPrefix = "{parlor}:";

        /// Time for which requests wait for a Redis that does not answer.
        ///
        /// Then those that certainly have no effect are answered unavailable, and clients whose request may have had one are
        /// closed with 1012: they come back and ask again.
        redis_patience: Duration = "10s", from "100ms" to "10m";

        /// Allow a Redis that does not write to its disk: what was acknowledged may be lost with it.
        redis_volatile: bool = "false";

        /// Replicas that must have an event before it is acknowledged.
        ///
        /// It makes a loss by failover unlikely, and not impossible: a Sentinel may choose a replica that was not among them.
        redis_wait_replicas: u32 = "0", unit "replicas", from "0" to "16";

        /// Name of this node, which no other has; random makes one at each start.
        ///
        /// It is seen in logs and figures, and in the secrets of sessions without WebSocket.
        node_name: NodeName = "random";

        /// Address and port for the other nodes alone; auto is the address by which this machine reaches Redis, and any free port.
        ///
        /// Requests of sessions without WebSocket that reach another node are passed on to it. It is plain HTTP: keep it inside your
        /// own network, and away from the load balancer. Behind a firewall fix the port: auto:8081.
        node_listen: NodeListen = "auto";

        /// Address by which the other nodes reach `node_listen`, if it is another than the one it listens on.
        node_address: NodeAddress = "auto";
    }
}
