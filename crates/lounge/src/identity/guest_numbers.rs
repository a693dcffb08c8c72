//! Numbers for guests: see [`guests`](super::guests).

use parlor_core::{ClientId, Steady};

/// Numbers that a server has taken, and those who wait for some.
#[derive(Debug, Default)]
pub struct GuestNumbers {
    /// Clients that have come and have no number yet. Bounded by the clients there are.
    pub waiting: Vec<ClientId>,
    /// Numbers are asked for.
    pub is_asking: bool,
    /// The length of the last block, and the time at which it came.
    pub last: Option<(u64, Steady)>,
}
