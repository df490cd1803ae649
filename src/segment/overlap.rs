//! Which networks overlap a given one, without looking at all of them.

use super::{Cidr, SegmentId};
use crate::sorted::{self, Map};

/// The networks of one VRF by number. They may nest and repeat: data made by others may overlap already.
///
/// Two networks are either apart or one contains the other. So what overlaps a network is: what it contains, which lies
/// side by side in the order of [`Cidr`]; and what contains it, of which there is one candidate for each shorter prefix
/// length. A question costs at most 32 look-ups (128 for IPv6) and one step for each answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks(Map<Cidr, Vec<SegmentId>>);

impl Networks {
    pub(super) fn insert(&mut self, network: Cidr, id: SegmentId) {
        let ids = self.0.entry(network).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    pub(super) fn remove(&mut self, network: Cidr, id: SegmentId) {
        if let Some(ids) = self.0.get_mut(&network) {
            ids.retain(|held| *held != id);
            if ids.is_empty() {
                self.0.remove(&network);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every network that overlaps `network`, with its segment: first those around it, nearest first, then those inside
    /// it, itself included, by number.
    pub(super) fn overlapping(
        &self,
        network: Cidr,
    ) -> impl Iterator<Item = (Cidr, SegmentId)> + '_ {
        let around = std::iter::successors(network.supernet(), Cidr::supernet)
            .filter_map(|wider| Some((wider, self.0.get(&wider)?)));
        // A network sorts before all it contains, and after all that begins where it does and is wider.
        let inside = sorted::from(&self.0, &network)
            .iter()
            .map(|(other, ids)| (*other, ids))
            .take_while(move |(other, _)| network.contains(other));
        around
            .chain(inside)
            .flat_map(|(other, ids)| ids.iter().map(move |id| (other, *id)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::segment::testing::{any_cidr, cidr, crowded_cidr};

    #[test]
    fn networks_around_come_nearest_first_and_those_inside_by_number() {
        let mut networks = Networks::default();
        for (id, text) in (1..).zip([
            "10.0.0.0/8",
            "10.0.0.0/16",
            "10.0.0.128/25",
            "10.0.0.0/25",
            "10.0.0.0/24",
            "10.0.1.0/24",
        ]) {
            networks.insert(cidr(text), SegmentId(id));
        }
        let found: Vec<_> = networks
            .overlapping(cidr("10.0.0.0/24"))
            .map(|(_, id)| id.get())
            .collect();
        assert_eq!(found, [2, 1, 5, 4, 3]);
    }

    #[test]
    fn the_widest_networks_are_found_and_searched_with() {
        let mut networks = Networks::default();
        networks.insert(cidr("0.0.0.0/0"), SegmentId(1));
        networks.insert(cidr("255.255.255.255/32"), SegmentId(2));
        networks.insert(cidr("::/0"), SegmentId(3));
        let ids = |text| {
            networks
                .overlapping(cidr(text))
                .map(|(_, id)| id.get())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("0.0.0.0/0"), [1, 2]);
        assert_eq!(ids("255.255.255.255/32"), [1, 2]);
        assert_eq!(ids("ffff::/16"), [3]);
    }

    proptest! {
        #[test]
        fn the_answer_is_that_of_looking_at_every_network(
            networks in prop::collection::vec(prop_oneof![3 => crowded_cidr().boxed(), 1 => any_cidr().boxed()], 0..60),
            gone in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
            asked in prop_oneof![3 => crowded_cidr().boxed(), 1 => any_cidr().boxed()],
        ) {
            let mut held: BTreeSet<(Cidr, SegmentId)> =
                (1..).map(SegmentId).zip(networks).map(|(id, network)| (network, id)).collect();
            let mut index = Networks::default();
            for (network, id) in &held {
                index.insert(*network, *id);
            }
            for which in gone {
                if held.is_empty() {
                    break;
                }
                let (network, id) = *which.get(&held.iter().copied().collect::<Vec<_>>());
                index.remove(network, id);
                held.remove(&(network, id));
            }
            let found: Vec<_> = index.overlapping(asked).collect();
            let distinct: BTreeSet<_> = found.iter().copied().collect();
            prop_assert_eq!(found.len(), distinct.len(), "each once");
            let expected: BTreeSet<_> = held.into_iter().filter(|(network, _)| network.overlaps(&asked)).collect();
            prop_assert_eq!(distinct, expected);
        }
    }
}
