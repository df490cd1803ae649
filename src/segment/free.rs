//! The next network and the next VLAN id that nobody has.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::{Cidr, VlanId, VlanRange};

/// The first network of this length inside `block` that overlaps none of `taken`, which are in the order of [`Cidr`].
///
/// One step for each network in the block, so that a block with ten thousand of them costs less than a millisecond.
pub fn next_network(block: IpNet, length: u8, taken: impl Iterator<Item = Cidr>) -> Option<Cidr> {
    if length < block.prefix_len() || length > block.max_prefix_len() {
        return None;
    }
    let host_bits = u32::from(block.max_prefix_len() - length);
    // All sums are made beyond the last address of IPv6, too.
    let size = 1_u128.checked_shl(host_bits)?;
    let (mut next, last) = (number(block.network()), number(block.broadcast()));
    let up = |at: u128| at.checked_add(size - 1).map(|at| at & !(size - 1));
    for network in taken {
        let network = IpNet::from(network);
        if network.max_prefix_len() != block.max_prefix_len() {
            continue;
        }
        let (from, to) = (number(network.network()), number(network.broadcast()));
        if to < next {
            continue;
        }
        if from > last || next.checked_add(size - 1).is_some_and(|end| end < from) {
            break;
        }
        next = up(to.checked_add(1)?)?;
    }
    let end = next.checked_add(size - 1)?;
    let address = address(next, block.max_prefix_len() == 32)?;
    let found = IpNet::new(address, length).ok()?;
    (end <= last).then(|| Cidr::from(found))
}

/// The first VLAN id of a range that `is_taken` does not know.
pub fn next_vlan_id(range: Option<VlanRange>, is_taken: impl Fn(VlanId) -> bool) -> Option<VlanId> {
    let (from, to) = range.map_or((1, 4094), |r| (r.from.get(), r.to.get()));
    (from..=to)
        .filter_map(|number| VlanId::new(u64::from(number)).ok())
        .find(|id| !is_taken(*id))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn address(number: u128, v4: bool) -> Option<IpAddr> {
    if v4 {
        let number = u32::try_from(number).ok()?;
        Some(Ipv4Addr::from(number).into())
    } else {
        Some(Ipv6Addr::from(number).into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::segment::testing::cidr;

    fn next(block: &str, length: u8, taken: &[&str]) -> Option<String> {
        let taken: BTreeSet<Cidr> = taken.iter().map(|text| cidr(text)).collect();
        let found = next_network(block.parse().unwrap(), length, taken.into_iter());
        found.map(|found| found.to_string())
    }

    #[test]
    fn the_first_gap_that_is_large_enough_is_taken() {
        assert_eq!(next("10.0.0.0/22", 24, &[]).unwrap(), "10.0.0.0/24");
        let taken = ["10.0.0.0/24", "10.0.1.64/26"];
        assert_eq!(next("10.0.0.0/22", 24, &taken).unwrap(), "10.0.2.0/24");
        assert_eq!(next("10.0.0.0/22", 26, &taken).unwrap(), "10.0.1.0/26");
        assert_eq!(next("10.0.0.0/22", 25, &taken).unwrap(), "10.0.1.128/25");
        assert_eq!(next("10.0.0.0/22", 23, &taken).unwrap(), "10.0.2.0/23");
    }

    #[test]
    fn a_full_block_has_none_and_a_wider_network_fills_it() {
        assert_eq!(next("10.0.0.0/24", 24, &["10.0.0.128/29"]), None);
        assert_eq!(next("10.0.0.0/24", 28, &["10.0.0.0/8"]), None);
        assert_eq!(next("10.0.0.0/24", 23, &[]), None);
    }

    #[test]
    fn the_last_addresses_there_are_can_be_taken() {
        assert_eq!(
            next("255.255.255.0/24", 25, &["255.255.255.0/25"]).unwrap(),
            "255.255.255.128/25"
        );
        assert_eq!(next("255.255.255.0/24", 25, &["255.255.255.0/24"]), None);
        let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:0/112";
        assert_eq!(
            next(last, 120, &[]).unwrap(),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:0/120"
        );
        assert_eq!(next(last, 112, &[last]), None);
    }

    #[test]
    fn the_lowest_free_vlan_id_is_taken() {
        let range = VlanRange::parse("100-102").unwrap();
        let taken = |taken: &'static [u16]| move |id: VlanId| taken.contains(&id.get());
        assert_eq!(next_vlan_id(Some(range), taken(&[100])).unwrap().get(), 101);
        assert_eq!(next_vlan_id(Some(range), taken(&[100, 101, 102])), None);
        assert_eq!(next_vlan_id(None, taken(&[])).unwrap().get(), 1);
    }

    proptest! {
        /// Compared with trying each network of the block in turn.
        #[test]
        fn what_is_found_is_the_first_that_overlaps_nothing(
            taken in prop::collection::btree_set((0_u32..256, 24_u8..=32), 0..12),
            length in 24_u8..=32,
        ) {
            let net = |(low, length): (u32, u8)| {
                Cidr::from(IpNet::new(Ipv4Addr::from(0x0a00_0000 | low).into(), length).unwrap())
            };
            let taken: BTreeSet<Cidr> = taken.into_iter().map(net).collect();
            let block: IpNet = "10.0.0.0/24".parse().unwrap();
            let tried = block.subnets(length).unwrap().map(Cidr::from);
            let first = tried.into_iter().find(|c| taken.iter().all(|t| !t.overlaps(c)));
            prop_assert_eq!(next_network(block, length, taken.into_iter()), first);
        }
    }
}
