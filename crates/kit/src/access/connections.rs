//! Counts connections that are not clients, from their accept on.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::access::rejection::Rejection;
use parlor_core::AddressBlock;

/// A number of things that has a bound.
#[derive(Debug)]
pub struct Total {
    max: usize,
    now: AtomicUsize,
}

impl Total {
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Total { max, now: AtomicUsize::new(0) })
    }

    /// Counts one, until the place is dropped; `None` if there are as many as may be.
    pub fn enter(self: &Arc<Self>) -> Option<Place> {
        let counted =
            self.now.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| (now < self.max).then_some(now + 1));
        counted.ok().map(|_| Place(Arc::clone(self)))
    }

    pub fn max(&self) -> usize {
        self.max
    }

    fn is_half_taken(&self) -> bool {
        self.now.load(Ordering::Relaxed) > self.max / 2
    }
}

/// One that is counted.
#[derive(Debug)]
pub struct Place(Arc<Total>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Connections in all, and by address.
#[derive(Debug)]
pub struct Connections {
    total: Arc<Total>,
    per_address_max: usize,
    /// Bounded by the total.
    by_address: ByAddress,
}

type ByAddress = Arc<Mutex<HashMap<AddressBlock, usize>>>;

impl Connections {
    pub fn new(max: usize, per_address_max: usize) -> Self {
        Connections { total: Total::new(max), per_address_max, by_address: Arc::default() }
    }

    /// Counts a connection until it is dropped. `address`: `None` for one that only the total counts for.
    ///
    /// # Errors
    /// If it is one too many.
    pub fn enter(&self, address: Option<IpAddr>) -> Result<Counted, Rejection> {
        let place = self.total.enter().ok_or(Rejection::Handshakes { limit: self.total.max() })?;
        let from = match address.map(AddressBlock::of) {
            None => None,
            Some(block) => {
                let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
                let count = by_address.entry(block).or_insert(0);
                if *count >= self.per_address_max {
                    return Err(Rejection::HandshakesOfAddress { limit: self.per_address_max });
                }
                *count += 1;
                Some((block, Arc::clone(&self.by_address)))
            }
        };
        Ok(Counted { _place: place, from })
    }

    /// Returns how many are counted.
    pub fn count(&self) -> usize {
        self.total.now.load(Ordering::SeqCst)
    }

    /// Ready when none is counted.
    pub async fn none(&self) {
        while self.count() > 0 {
            actix_rt::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Returns whether so many are counted that no connection should be kept for later.
    pub fn is_scarce(&self) -> bool {
        self.total.is_half_taken()
    }
}

/// A connection that is counted.
#[derive(Debug)]
pub struct Counted {
    _place: Place,
    from: Option<(AddressBlock, ByAddress)>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some((block, by_address)) = &self.from {
            let mut by_address = by_address.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = by_address.get_mut(block) {
                *count -= 1;
                if *count == 0 {
                    by_address.remove(block);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    #[test]
    fn one_address_can_not_take_every_place() {
        let connections = Connections::new(5, 2);
        let one: Vec<_> = (0..2).map(|_| connections.enter(ip("192.0.2.1")).unwrap()).collect();
        assert_eq!(connections.enter(ip("192.0.2.1")).unwrap_err(), Rejection::HandshakesOfAddress { limit: 2 });
        let other = connections.enter(ip("192.0.2.2")).unwrap();
        let proxies: Vec<_> = (0..2).map(|_| connections.enter(None).unwrap()).collect();
        assert_eq!(connections.enter(ip("192.0.2.3")).unwrap_err(), Rejection::Handshakes { limit: 5 });
        drop((one, other, proxies));
        assert!(connections.by_address.lock().unwrap().is_empty(), "addresses without connections are forgotten");
        assert_eq!(connections.total.now.load(Ordering::SeqCst), 0);
    }
}
