//! File descriptors: as many as connections need, and shared out when the system gives fewer.

use log::warn;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors beside those of connections: the journal, the workers' own, some to spare.
const BESIDE: usize = 256;

/// Raises the soft limit on descriptors as far as clients and handshakes need and the hard limit allows. Returns how many
/// of each there is room for: so neither of them can take all.
pub fn share(clients: usize, handshakes: usize) -> (usize, usize) {
    let allowed = allow(clients.saturating_add(handshakes).saturating_add(BESIDE));
    let (shared_clients, shared_handshakes) = shares(allowed, clients, handshakes);
    if (shared_clients, shared_handshakes) != (clients, handshakes) {
        warn!(
            "the system allows {allowed} file descriptors: {shared_clients} clients are let in instead of {clients}, and \
             {shared_handshakes} connections without a handshake instead of {handshakes}; raise ulimit -n, or lower \
             --max-clients"
        );
    }
    (shared_clients, shared_handshakes)
}

/// Raises the soft limit to `needed`, if the hard limit allows it. Returns the limit in force.
fn allow(needed: usize) -> usize {
    let needed = u64::try_from(needed).unwrap_or(u64::MAX);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(current) = current.filter(|current| *current < needed) else { return usize::MAX };
    let wanted = maximum.map_or(needed, |maximum| maximum.min(needed));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    usize::try_from(if raised.is_ok() { wanted } else { current }).unwrap_or(usize::MAX)
}

fn shares(allowed: usize, clients: usize, handshakes: usize) -> (usize, usize) {
    let connections = allowed.saturating_sub(BESIDE.min(allowed / 4));
    if connections >= clients.saturating_add(handshakes) {
        return (clients, handshakes);
    }
    let handshakes = handshakes.min((connections / 4).max(1));
    (clients.min(connections.saturating_sub(handshakes).max(1)), handshakes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_descriptors_are_shared_out() {
        assert_eq!(shares(usize::MAX, 10_000, 1024), (10_000, 1024));
        assert_eq!(shares(10_000 + 1024 + 256, 10_000, 1024), (10_000, 1024));
        let (clients, handshakes) = shares(1024, 10_000, 1024);
        assert_eq!((clients, handshakes), (576, 192));
        assert_eq!(clients + handshakes + BESIDE, 1024);
        assert_eq!(shares(64, 10, 1024), (10, 12));
        assert_eq!(shares(0, 10, 10), (1, 1));
    }
}
