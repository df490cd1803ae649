//! Looks at what was written of late, shared by all who look at the same time.
//!
//! A look must begin after the write that it is to judge. Who comes while one is under way waits for the next, as writes do.

use std::rc::Rc;

use super::client::Client;
use super::error::NetboxError;
use super::group::{Company, Group};
use super::read::Reader;
use super::rows::{Id, Prefix};
use super::trail::Trail;
use crate::platform::Host;
use crate::sorted::Map;
use crate::timestamp::Timestamp;

/// What was written in a VRF.
type Seen = Result<Rc<Vec<Prefix>>, NetboxError>;

/// Looks at the VRFs of one NetBox.
pub struct Views {
    client: Rc<Client>,
    reader: Rc<Reader>,
    group: Group<(Id, Timestamp), Seen>,
}

impl Views {
    /// Nothing is looked at yet.
    #[must_use]
    pub(super) fn new(
        host: &Host,
        client: Rc<Client>,
        reader: Rc<Reader>,
        company: Company,
    ) -> Self {
        let lost = || {
            Err(NetboxError::Broken {
                operation: "check for rivals",
                detail: "the request that looked for us has ended".to_owned(),
            })
        };
        Self {
            client,
            reader,
            // However many look, it is one question for each VRF.
            group: Group::new(Rc::clone(host), company, usize::MAX, lost),
        }
    }

    /// The prefixes of ours in each VRF written since an instant, or earlier than that; an answer for each, in order.
    pub async fn since(&self, trail: &Trail, wanted: Vec<(Id, Timestamp)>) -> Vec<Seen> {
        let look = async |wanted| self.look(trail, wanted).await;
        self.group.submit(wanted, look).await
    }

    async fn look(&self, trail: &Trail, wanted: Vec<(Id, Timestamp)>) -> Vec<Seen> {
        let mut vrfs: Map<Id, Timestamp> = Map::new();
        for (vrf, since) in &wanted {
            let earliest = vrfs.entry(*vrf).or_insert(*since);
            *earliest = (*earliest).min(*since);
        }
        let vrfs: Vec<(Id, Timestamp)> = vrfs.into_iter().collect();
        let rows = match self.reader.since(&self.client, trail, &vrfs).await {
            Ok(rows) => rows,
            Err(error) => return wanted.iter().map(|_| Err(error.clone())).collect(),
        };
        let seen: Map<Id, Rc<Vec<Prefix>>> = vrfs
            .iter()
            .map(|(vrf, _)| *vrf)
            .zip(rows.into_iter().map(Rc::new))
            .collect();
        let of = |(vrf, _): &(Id, Timestamp)| Ok(seen.get(vrf).cloned().unwrap_or_default());
        wanted.iter().map(of).collect()
    }
}
