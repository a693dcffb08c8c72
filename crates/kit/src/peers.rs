//! The servers that share an app's journal, as each of them knows the others.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The servers that serve one app together, with any load balancer in front: where each of them listens for the others.
/// [`Server::peers`](crate::Server::peers) takes it.
///
/// A session over HTTP lives on the server that opened it, and its secret names that server. A request that reaches another
/// one is passed on. The methods are called for each such request, on any thread, so they answer from memory.
///
/// ```
/// use parlor_kit::{NodeName, Peers};
///
/// /// Two servers with fixed addresses.
/// struct Pair {
///     me: NodeName,
///     other: (NodeName, String),
///     key: [u8; 32],
/// }
///
/// impl Peers for Pair {
///     fn me(&self) -> NodeName {
///         self.me.clone()
///     }
///
///     fn address_of(&self, node: &NodeName) -> Option<String> {
///         (*node == self.other.0).then(|| self.other.1.clone())
///     }
///
///     fn key(&self) -> [u8; 32] {
///         self.key
///     }
/// }
/// ```
pub trait Peers: Send + Sync + 'static {
    /// The name of this server, which no other one has. It stands in the secrets of sessions that are opened from now on.
    fn me(&self) -> NodeName;

    /// Returns where a server listens for its peers, as `host:port`; `None` for one that is unknown or gone.
    fn address_of(&self, node: &NodeName) -> Option<String>;

    /// The key by which the servers know each other. It is the same for all of them, and nobody else has it.
    fn key(&self) -> [u8; 32];
}

/// The name of a server among its peers: 1 to 32 lower-case letters of ASCII and digits. It is public, since it stands in the
/// secrets of sessions.
///
/// ```
/// use parlor_kit::NodeName;
///
/// assert_eq!("n1".parse::<NodeName>()?.as_str(), "n1");
/// for refused in ["", "N1", "n-1", "n.1", "abcdefghijklmnopqrstuvwxyz0123456"] {
///     assert!(refused.parse::<NodeName>().is_err(), "{refused}");
/// }
/// # Ok::<(), parlor_kit::InvalidNodeName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

/// A text that is no [`NodeName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidNodeName;

const CHARACTERS_MAX: usize = 32;

impl NodeName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeName {
    type Err = InvalidNodeName;

    fn from_str(text: &str) -> Result<Self, InvalidNodeName> {
        let is_short = (1..=CHARACTERS_MAX).contains(&text.len());
        let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if is_short && is_plain { Ok(NodeName(text.into())) } else { Err(InvalidNodeName) }
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidNodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of a node has 1 to {CHARACTERS_MAX} lower-case letters and digits")
    }
}

impl std::error::Error for InvalidNodeName {}
