//! Quotas by address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use crate::settings::Allowance;
use parlor_core::{AddressBlock, Steady};

/// Token buckets by address (IPv6: by /64, which is what one customer has).
///
/// Bounded by `addresses`: of more, the new ones share one bucket.
#[derive(Debug)]
pub struct AddressQuota {
    allowance: Allowance,
    addresses: usize,
    /// The time at which the bucket of an address is full again: an entry of the past is as good as none.
    full_at: HashMap<AddressBlock, Steady>,
    /// The time of the last look for entries that are full again.
    tidied_at: Steady,
}

impl AddressQuota {
    pub fn new(allowance: Allowance, addresses: usize) -> Self {
        AddressQuota { allowance, addresses, full_at: HashMap::new(), tidied_at: Steady::default() }
    }

    /// Takes one.
    ///
    /// # Errors
    /// If there is none: after how many milliseconds there will be.
    pub fn take(&mut self, address: IpAddr, now: Steady) -> Result<(), u64> {
        self.tidy(now);
        let address = self.bucket(address);
        let every = self.every_ms();
        let full_at = self.full_at.get(&address).copied().unwrap_or_default().max(now);
        let until_full = full_at.0 - now.0 + every;
        let room = u64::from(self.allowance.burst).saturating_mul(every);
        if until_full > room {
            return Err(until_full - room);
        }
        self.full_at.insert(address, Steady(now.0 + until_full));
        Ok(())
    }

    /// Puts one back that came to nothing.
    pub fn give_back(&mut self, address: IpAddr) {
        let every = self.every_ms();
        if let Some(full_at) = self.full_at.get_mut(&self.bucket(address)) {
            *full_at = Steady(full_at.0.saturating_sub(every));
        }
    }

    fn every_ms(&self) -> u64 {
        u64::try_from(self.allowance.every.as_millis()).unwrap_or(u64::MAX).max(1)
    }

    fn bucket(&self, address: IpAddr) -> AddressBlock {
        let bucket = AddressBlock::of(address);
        let is_known = self.full_at.contains_key(&bucket) || self.full_at.len() < self.addresses;
        if is_known { bucket } else { AddressBlock::of(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) }
    }

    /// Forgets those that are full again, when a whole bucket's time has gone by.
    fn tidy(&mut self, now: Steady) {
        let fills_in = self.allowance.every * self.allowance.burst;
        if now.since(self.tidied_at) < fills_in {
            return;
        }
        self.tidied_at = now;
        #[expect(clippy::disallowed_methods, reason = "what stays does not depend on the order")]
        self.full_at.retain(|_, full_at| *full_at > now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn quota(addresses: usize) -> AddressQuota {
        AddressQuota::new(Allowance { burst: 2, every: Duration::from_secs(10) }, addresses)
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let mut rooms = quota(10);
        let (one, start) = ("192.0.2.1".parse().unwrap(), Steady(1_000_000));
        assert_eq!(rooms.take(one, start), Ok(()));
        assert_eq!(rooms.take(one, start), Ok(()));
        assert_eq!(rooms.take(one, start), Err(10_000));
        assert_eq!(rooms.take(one, Steady(1_009_999)), Err(1));
        assert_eq!(rooms.take(one, Steady(1_010_000)), Ok(()));
        assert_eq!(rooms.take("192.0.2.2".parse().unwrap(), start), Ok(()));
        rooms.give_back(one);
        assert_eq!(rooms.take(one, Steady(1_010_000)), Ok(()));
        assert!(rooms.take(one, Steady(1_010_000)).is_err());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let mut rooms = quota(10);
        let now = Steady(1);
        for address in ["2001:db8::1", "2001:db8::2"] {
            assert_eq!(rooms.take(address.parse().unwrap(), now), Ok(()));
        }
        assert!(rooms.take("2001:db8::3".parse().unwrap(), now).is_err());
        assert_eq!(rooms.take("2001:db8:0:1::3".parse().unwrap(), now), Ok(()));
    }

    #[test]
    fn addresses_beyond_the_bound_share() {
        let mut rooms = quota(1);
        let (known, now) = ("192.0.2.1".parse().unwrap(), Steady(1));
        assert_eq!(rooms.take(known, now), Ok(()));
        for last in 2..4 {
            assert_eq!(rooms.take(IpAddr::from([192, 0, 2, last]), now), Ok(()));
        }
        assert!(rooms.take("192.0.2.9".parse().unwrap(), now).is_err());
        assert_eq!(rooms.take(known, now), Ok(()));
        assert!(rooms.full_at.len() <= 2);
        rooms.take(known, now + Duration::from_secs(60)).unwrap();
        assert_eq!(rooms.full_at.len(), 1);
    }
}
