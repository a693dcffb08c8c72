//! Counts who is connected, and says who may still come. Once a connection is upgraded nobody else counts it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_core::limits::Limits;

/// The connections of one app, all workers and transports together.
#[derive(Debug)]
pub struct Doors {
    clients_max: usize,
    per_address_max: usize,
    shut: AtomicBool,
    inside: AtomicUsize,
    /// Empty when addresses are not limited.
    by_address: Mutex<HashMap<Neighbourhood, usize>>,
}

impl Doors {
    pub fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Doors {
            clients_max: limits.clients,
            per_address_max: limits.clients_per_address,
            shut: AtomicBool::new(false),
            inside: AtomicUsize::new(0),
            by_address: Mutex::default(),
        })
    }

    /// Lets a connection in; it counts until its [`Pass`] is dropped.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Pass, Full> {
        if self.shut.load(Ordering::SeqCst) {
            return Err(Full::Closing);
        }
        let counted =
            self.inside.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n < self.clients_max).then_some(n + 1));
        if counted.is_err() {
            return Err(Full::Clients { limit: self.clients_max });
        }
        // From here on the pass gives back what was taken, whatever comes.
        let mut pass = Pass { doors: Arc::clone(self), from: None };
        if self.per_address_max != usize::MAX {
            let from = Neighbourhood::of(address);
            let mut by_address = self.by_address();
            let inside = by_address.entry(from).or_insert(0);
            if *inside >= self.per_address_max {
                return Err(Full::Address { limit: self.per_address_max });
            }
            *inside += 1;
            pass.from = Some(from);
        }
        Ok(pass)
    }

    /// Connections inside, until their sockets are closed for good: zero when a shutdown is through.
    pub fn count(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }

    /// From now on nobody is let in.
    pub fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    fn by_address(&self) -> MutexGuard<'_, HashMap<Neighbourhood, usize>> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Proof that a connection is counted.
#[derive(Debug)]
pub struct Pass {
    doors: Arc<Doors>,
    from: Option<Neighbourhood>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(from) = self.from {
            let mut by_address = self.doors.by_address();
            if let Some(inside) = by_address.get_mut(&from) {
                *inside -= 1;
                if *inside == 0 {
                    by_address.remove(&from);
                }
            }
        }
        self.doors.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Why a connection is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The app has as many clients as it takes.
    Clients { limit: usize },
    /// That address has as many as it may.
    Address { limit: usize },
    /// The server is going down.
    Closing,
}

/// Whose connections count together: an IPv4 address, or an IPv6 /64, of which one household or host has all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Neighbourhood([u8; 16]);

impl Neighbourhood {
    fn of(address: IpAddr) -> Self {
        let address = match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)),
        };
        Neighbourhood(address.octets())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(clients: usize, clients_per_address: usize) -> Arc<Doors> {
        Doors::new(&Limits { clients, clients_per_address, ..Limits::default() })
    }

    fn ip(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn a_place_is_free_again_when_its_pass_is_dropped() {
        let doors = doors(2, usize::MAX);
        let first = doors.enter(ip("127.0.0.1")).unwrap();
        let _second = doors.enter(ip("127.0.0.1")).unwrap();
        assert_eq!(doors.enter(ip("127.0.0.2")).unwrap_err(), Full::Clients { limit: 2 });
        drop(first);
        let _third = doors.enter(ip("127.0.0.2")).unwrap();
        assert_eq!(doors.count(), 2);
    }

    #[test]
    fn who_is_refused_for_the_address_takes_no_place() {
        let doors = doors(2, 1);
        let _first = doors.enter(ip("127.0.0.1")).unwrap();
        assert_eq!(doors.enter(ip("127.0.0.1")).unwrap_err(), Full::Address { limit: 1 });
        assert_eq!(doors.count(), 1);
        let second = doors.enter(ip("127.0.0.2")).unwrap();
        drop(second);
        assert_eq!(doors.by_address().len(), 1, "addresses without connections are forgotten");
    }

    #[test]
    fn ipv6_counts_by_64_bits_and_mapped_addresses_as_ipv4() {
        let doors = doors(10, 1);
        let _one = doors.enter(ip("2001:db8::1")).unwrap();
        assert!(doors.enter(ip("2001:db8::ffff:2")).is_err());
        let _next = doors.enter(ip("2001:db8:0:1::1")).unwrap();
        let _mapped = doors.enter(ip("::ffff:10.0.0.1")).unwrap();
        assert!(doors.enter(ip("10.0.0.1")).is_err());
    }

    #[test]
    fn nobody_comes_through_shut_doors() {
        let doors = doors(10, 1);
        doors.shut();
        assert_eq!(doors.enter(ip("127.0.0.1")).unwrap_err(), Full::Closing);
    }
}
