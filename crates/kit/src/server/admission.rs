//! Counts the clients of one app and refuses those beyond its limits. actix no longer counts a connection after its upgrade.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::access::connections::{Place, Total};
use crate::access::rejection::Rejection;
use parlor_core::{AddressBlock, Limits};

/// The connections of one app, all workers and transports together.
#[derive(Debug)]
pub struct Admission {
    /// Clients of all apps.
    total: Arc<Total>,
    clients_max: usize,
    per_address_max: usize,
    shut: AtomicBool,
    inside: AtomicUsize,
    /// Empty when addresses are not limited.
    by_address: Mutex<HashMap<AddressBlock, usize>>,
}

impl Admission {
    pub fn new(limits: &Limits, total: Arc<Total>) -> Arc<Self> {
        Arc::new(Admission {
            total,
            clients_max: limits.clients,
            per_address_max: limits.clients_per_address,
            shut: AtomicBool::new(false),
            inside: AtomicUsize::new(0),
            by_address: Mutex::default(),
        })
    }

    /// Admits a connection. It counts until its [`Permit`] is dropped.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Permit, Rejection> {
        if self.is_shut() {
            return Err(Rejection::Closing);
        }
        let place = self.total.enter().ok_or(Rejection::Clients { limit: self.total.max() })?;
        let counted =
            self.inside.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n < self.clients_max).then_some(n + 1));
        if counted.is_err() {
            return Err(Rejection::Clients { limit: self.clients_max });
        }
        // From here on the permit gives back what was taken, whatever comes.
        let mut permit = Permit { admission: Arc::clone(self), from: None, _place: place };
        if self.per_address_max != usize::MAX {
            let from = AddressBlock::of(address);
            let mut by_address = self.by_address();
            let inside = by_address.entry(from).or_insert(0);
            if *inside >= self.per_address_max {
                return Err(Rejection::Address { limit: self.per_address_max });
            }
            *inside += 1;
            permit.from = Some(from);
        }
        Ok(permit)
    }

    /// Returns the number of connections, until their sockets are closed: zero when a shutdown is complete.
    pub fn count(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }

    /// Refuses all clients from now on.
    pub fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    /// Returns whether all clients are refused.
    pub fn is_shut(&self) -> bool {
        self.shut.load(Ordering::SeqCst)
    }

    fn by_address(&self) -> MutexGuard<'_, HashMap<AddressBlock, usize>> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Proof that a connection is counted.
#[derive(Debug)]
pub struct Permit {
    admission: Arc<Admission>,
    from: Option<AddressBlock>,
    _place: Place,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(from) = self.from {
            let mut by_address = self.admission.by_address();
            if let Some(inside) = by_address.get_mut(&from) {
                *inside -= 1;
                if *inside == 0 {
                    by_address.remove(&from);
                }
            }
        }
        self.admission.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(clients: usize, clients_per_address: usize) -> Arc<Admission> {
        let limits = Limits::default().clients(clients).clients_per_address(clients_per_address);
        Admission::new(&limits, Total::new(usize::MAX))
    }

    fn ip(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn a_place_is_free_again_when_its_pass_is_dropped() {
        let admission = admission(2, usize::MAX);
        let first = admission.enter(ip("127.0.0.1")).unwrap();
        let _second = admission.enter(ip("127.0.0.1")).unwrap();
        assert_eq!(admission.enter(ip("127.0.0.2")).unwrap_err(), Rejection::Clients { limit: 2 });
        drop(first);
        let _third = admission.enter(ip("127.0.0.2")).unwrap();
        assert_eq!(admission.count(), 2);
    }

    #[test]
    fn who_is_refused_for_the_address_takes_no_place() {
        let admission = admission(2, 1);
        let _first = admission.enter(ip("127.0.0.1")).unwrap();
        assert_eq!(admission.enter(ip("127.0.0.1")).unwrap_err(), Rejection::Address { limit: 1 });
        assert_eq!(admission.count(), 1);
        let second = admission.enter(ip("127.0.0.2")).unwrap();
        drop(second);
        assert_eq!(admission.by_address().len(), 1, "addresses without connections are forgotten");
    }

    #[test]
    fn ipv6_counts_by_64_bits_and_mapped_addresses_as_ipv4() {
        let admission = admission(10, 1);
        let _one = admission.enter(ip("2001:db8::1")).unwrap();
        assert!(admission.enter(ip("2001:db8::ffff:2")).is_err());
        let _next = admission.enter(ip("2001:db8:0:1::1")).unwrap();
        let _mapped = admission.enter(ip("::ffff:10.0.0.1")).unwrap();
        assert!(admission.enter(ip("10.0.0.1")).is_err());
    }

    #[test]
    fn the_clients_of_all_apps_count_together() {
        let total = Total::new(2);
        let [one, other] = [(); 2].map(|()| Admission::new(&Limits::default(), Arc::clone(&total)));
        let _first = one.enter(ip("127.0.0.1")).unwrap();
        let second = other.enter(ip("127.0.0.1")).unwrap();
        for app in [&one, &other] {
            assert_eq!(app.enter(ip("127.0.0.1")).unwrap_err(), Rejection::Clients { limit: 2 });
        }
        drop(second);
        assert!(one.enter(ip("127.0.0.1")).is_ok());
    }

    #[test]
    fn nobody_comes_through_shut_doors() {
        let admission = admission(10, 1);
        admission.shut();
        assert_eq!(admission.enter(ip("127.0.0.1")).unwrap_err(), Rejection::Closing);
    }
}
