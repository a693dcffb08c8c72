//! The other nodes, as the kit passes requests on to them.

use parlor_kit::{NodeName, Peers};
use parlor_redis::Nodes;

/// The nodes that share the journal.
pub struct OtherNodes {
    pub me: NodeName,
    pub nodes: Nodes,
    pub key: [u8; 32],
}

impl Peers for OtherNodes {
    fn me(&self) -> NodeName {
        self.me.clone()
    }

    fn address_of(&self, node: &NodeName) -> Option<String> {
        self.nodes.address_of(node.as_str())
    }

    fn key(&self) -> [u8; 32] {
        self.key
    }
}
