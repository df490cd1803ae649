//! Whether somebody else took the same addresses while we did.
//!
//! NetBox keeps prefixes apart only by a check before the insert: two simultaneous requests were both stored in 10 of 12
//! tries (measured), and overlapping prefixes are never refused. So whoever makes a prefix looks afterwards at what
//! appeared in the VRF. Of two rivals at least the one that committed later sees the other. Whoever sees a rival withdraws;
//! that both may withdraw is the price for never both staying.

use std::time::Duration;

use super::error::Obstacle;
use super::{Result, Service};
use crate::netbox::Trail;
use crate::netbox::rows::{Id, Prefix};
use crate::segment::{Cidr, SegmentId};
use crate::timestamp::Timestamp;

/// How long before the last row we know a row may have been written and still have been unseen: times are taken when a row
/// is written, and it is seen when its transaction ends. NetBox's longest bulk writes take seconds (measured).
const OVERLAP: Duration = Duration::from_secs(60);

/// What a look for rivals found.
pub(super) struct Look {
    /// Our own row, as NetBox has it.
    pub own: Option<Prefix>,
    /// The others' rows that overlap it or are on its VLAN.
    pub rivals: Vec<Prefix>,
}

/// A segment that is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Its VRF.
    pub vrf: Id,
    /// From when on rows may be unknown to us.
    pub since: Timestamp,
    /// Its addresses.
    pub cidr: Cidr,
    /// Its VLAN, when nobody else may be on it.
    pub vlan: Option<Id>,
    /// The id of its prefix. Without it, the row that has exactly these addresses and this VLAN is ours.
    pub own: Option<Id>,
}

impl Wanted {
    fn judge(&self, rows: &[Prefix]) -> Look {
        let text = self.cidr.to_string();
        let is_own = |row: &Prefix| match self.own {
            Some(id) => row.id == id,
            None => row.cidr == text && row.vlan == self.vlan,
        };
        let mut look = Look {
            own: None,
            rivals: Vec::new(),
        };
        for row in rows {
            if look.own.is_none() && is_own(row) {
                look.own = Some(row.clone());
                continue;
            }
            let overlaps = Cidr::parse(&row.cidr).is_ok_and(|other| other.overlaps(&self.cidr));
            if (overlaps && row.status != "container")
                || (self.vlan.is_some() && row.vlan == self.vlan)
            {
                look.rivals.push(row.clone());
            }
        }
        look
    }
}

impl Look {
    /// What is in the way, in words.
    pub(super) fn obstacles(&self, cidr: Cidr) -> Vec<Obstacle> {
        let of = |rival: &Prefix| {
            let overlaps = Cidr::parse(&rival.cidr).is_ok_and(|other| other.overlaps(&cidr));
            let (code, pointer, what) = if overlaps {
                ("overlap", "/segment", "has addresses of")
            } else {
                ("vlan-id-taken", "/vlan_id", "is on the VLAN of")
            };
            Obstacle {
                code,
                pointer,
                rival: Some(SegmentId(rival.id)),
                detail: format!(
                    "segment {} ({}) {what} {cidr}; it was made by somebody else meanwhile",
                    rival.id, rival.cidr
                ),
                expected: "addresses and a VLAN that nobody has".to_owned(),
            }
        };
        self.rivals.iter().map(of).collect()
    }
}

impl Service {
    /// The instant from which on rows may be unknown to us, by NetBox's clock.
    pub(super) fn unseen_since(&self) -> Timestamp {
        self.ask(|c| c.watermark).minus(OVERLAP)
    }

    /// Looks at what appeared in the VRFs of these segments, for rivals of each; an answer for each, in order.
    pub(super) async fn look_for_rivals(
        &self,
        trail: &Trail,
        wanted: Vec<Wanted>,
    ) -> Vec<Result<Look>> {
        let views = wanted.iter().map(|w| (w.vrf, w.since)).collect();
        let rows = self.writer.views.since(trail, views).await;
        let looks = wanted.iter().zip(rows);
        looks
            .map(|(wanted, rows)| Ok(wanted.judge(&rows?)))
            .collect()
    }

    /// A pause of random length, so that rivals that gave way to one another do not meet again.
    pub(super) async fn random_pause(&self) {
        let ms = 50 + self.host.random() % 250;
        self.host.sleep(Duration::from_millis(ms)).await;
    }
}
