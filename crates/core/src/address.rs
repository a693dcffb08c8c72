//! Addresses that count as one client's network.

use std::net::{IpAddr, Ipv6Addr};

/// The unit in which limits by address count: one IPv4 address, or one IPv6 /64, which a household or a host has for
/// itself. IPv4-mapped IPv6 addresses count as IPv4.
///
/// ```
/// # use parlor_core::AddressBlock;
/// let block = |address: &str| AddressBlock::of(address.parse().unwrap());
/// assert_eq!(block("2001:db8::1"), block("2001:db8::ffff:2"));
/// assert_ne!(block("192.0.2.1"), block("192.0.2.2"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressBlock(IpAddr);

impl AddressBlock {
    /// Returns the block that an address belongs to.
    pub fn of(address: IpAddr) -> Self {
        AddressBlock(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (!0 << 64))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(address: &str) -> AddressBlock {
        AddressBlock::of(address.parse().unwrap())
    }

    #[test]
    fn ipv6_counts_by_64_bits_and_mapped_addresses_as_ipv4() {
        assert_eq!(block("2001:db8::1"), block("2001:db8::ffff:2"));
        assert_ne!(block("2001:db8::1"), block("2001:db8:0:1::1"));
        assert_eq!(block("::ffff:10.0.0.1"), block("10.0.0.1"));
        assert_ne!(block("10.0.0.1"), block("10.0.0.2"));
        assert_ne!(block("::"), block("0.0.0.0"));
    }
}
