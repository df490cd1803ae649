//! Two requests in one instance that want the same thing take turns, so that the second decides by what the first did.
//!
//! Between instances NetBox's own constraints, guards and the look for rivals decide; here it costs no call.

use std::cell::{Cell, RefCell};

use crate::platform::Host;
use crate::segment::{Cidr, SegmentId};
use crate::sync::Bell;

/// Something that at most one request works on at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A segment.
    Segment(SegmentId),
    /// A VLAN id in the VLAN group of this name.
    VlanId(String, u16),
    /// An EPG name in the VLAN group of this name.
    EpgName(String, String),
    /// The segment of a cluster at a site (its key) in the VRF of this name.
    Allocation(String, String, String),
    /// Addresses in the VRF of this name.
    Addresses(String, Cidr),
}

impl Claim {
    fn collides(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Addresses(vrf, cidr), Self::Addresses(other_vrf, other_cidr)) => {
                vrf == other_vrf && cidr.overlaps(other_cidr)
            }
            _ => self == other,
        }
    }
}

/// What is being worked on in this instance.
pub struct Claims {
    held: RefCell<Vec<(u64, Vec<Claim>)>>,
    next: Cell<u64>,
    released: Bell,
}

/// Claims held; dropping it gives them back.
pub struct Held<'a> {
    claims: &'a Claims,
    number: u64,
}

impl Claims {
    /// Nothing is being worked on yet.
    #[must_use]
    pub fn new(host: Host) -> Self {
        Self {
            held: RefCell::default(),
            next: Cell::new(0),
            released: Bell::new(host),
        }
    }

    /// Waits until nobody else holds anything that collides with these, and takes them all at once.
    pub async fn take(&self, wanted: Vec<Claim>) -> Held<'_> {
        while !self.free(&wanted) {
            self.released.wait().await;
        }
        self.hold(wanted)
    }

    /// Takes these if nobody holds anything that collides with them.
    pub fn try_take(&self, wanted: Vec<Claim>) -> Option<Held<'_>> {
        self.free(&wanted).then(|| self.hold(wanted))
    }

    /// Whether nobody holds anything that collides with this.
    #[must_use]
    pub fn is_free(&self, wanted: &Claim) -> bool {
        self.free(std::slice::from_ref(wanted))
    }

    /// The addresses in a VRF that somebody is about to take.
    #[must_use]
    pub fn addresses(&self, vrf: &str) -> Vec<Cidr> {
        let held = self.held.borrow();
        let held = held.iter().flat_map(|(_, claims)| claims);
        held.filter_map(|claim| match claim {
            Claim::Addresses(name, cidr) if name == vrf => Some(*cidr),
            _ => None,
        })
        .collect()
    }

    fn hold(&self, wanted: Vec<Claim>) -> Held<'_> {
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        self.held.borrow_mut().push((number, wanted));
        Held {
            claims: self,
            number,
        }
    }

    fn free(&self, wanted: &[Claim]) -> bool {
        let held = self.held.borrow();
        let mut held = held.iter().flat_map(|(_, claims)| claims);
        !held.any(|h| wanted.iter().any(|w| w.collides(h)))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let number = self.number;
        self.claims.held.borrow_mut().retain(|(n, _)| *n != number);
        self.claims.released.ring();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::testing::host;
    use futures_util::FutureExt;

    fn addresses(vrf: &str, cidr: &str) -> Claim {
        Claim::Addresses(vrf.to_owned(), Cidr::parse(cidr).unwrap())
    }

    #[test]
    fn overlapping_addresses_wait_for_one_another() {
        let claims = Claims::new(host());
        let first = claims
            .take(vec![addresses("a", "10.0.0.0/24")])
            .now_or_never()
            .unwrap();
        let mut second = Box::pin(claims.take(vec![addresses("a", "10.0.0.0/25")]));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[test]
    fn different_things_do_not_wait() {
        let claims = Claims::new(host());
        let _vrf_a = claims
            .take(vec![addresses("a", "10.0.0.0/24")])
            .now_or_never()
            .unwrap();
        assert!(
            claims
                .take(vec![addresses("b", "10.0.0.0/24")])
                .now_or_never()
                .is_some()
        );
        let vid = |group: &str| vec![Claim::VlanId(group.to_owned(), 100)];
        let _group_g = claims.take(vid("g")).now_or_never().unwrap();
        assert!(claims.take(vid("h")).now_or_never().is_some());
        assert!(claims.take(vid("g")).now_or_never().is_none());
    }
}
