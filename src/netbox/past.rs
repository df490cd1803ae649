//! What is gone, from NetBox's change log.

use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use super::answer::decode_bytes;
use super::client::{Call, Client};
use super::error::NetboxError;
use super::find::Page;
use super::rows::Id;
use super::trail::Trail;
use crate::timestamp::Timestamp;

const CHANGES: &str = "/api/core/object-changes/";
/// How long before its VLAN a prefix was deleted at most, so that both were one segment.
const TOGETHER: Duration = Duration::from_secs(600);

#[derive(Deserialize)]
struct Entry {
    time: String,
    changed_object_id: Id,
    #[serde(default)]
    prechange_data: Value,
}

impl Client {
    /// The VLAN id and the CIDR of the segment that was deleted last of those with this EPG name in this VLAN group; `None`
    /// when the change log knows of none, or may not be read. Two calls.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn deleted_segment(
        &self,
        trail: &Trail,
        group: Id,
        name: &str,
    ) -> Result<Option<(u16, String)>, NetboxError> {
        let query = vec![("q", name.to_owned())];
        let vlans = self.deleted(trail, "ipam.vlan", query).await?;
        let ours = |entry: &&Entry| {
            entry.prechange_data["name"] == name && entry.prechange_data["group"] == group
        };
        let Some(vlan) = vlans.iter().find(ours) else {
            return Ok(None);
        };
        let vid = vlan.prechange_data["vid"].as_u64();
        let (Some(vid), Some(at)) = (
            vid.and_then(|vid| u16::try_from(vid).ok()),
            Timestamp::parse(&vlan.time),
        ) else {
            return Ok(None);
        };
        let query = vec![
            ("time_after", at.minus(TOGETHER).to_string()),
            ("time_before", at.plus(Duration::from_secs(1)).to_string()),
        ];
        let prefixes = self.deleted(trail, "ipam.prefix", query).await?;
        let on_it = |entry: &&Entry| entry.prechange_data["vlan"] == vlan.changed_object_id;
        let prefix = prefixes.iter().find(on_it);
        let cidr = prefix.and_then(|entry| entry.prechange_data["prefix"].as_str());
        Ok(cidr.map(|cidr| (vid, cidr.to_owned())))
    }

    /// The latest deletions of a kind of object, the last one first.
    async fn deleted(
        &self,
        trail: &Trail,
        kind: &str,
        mut query: Vec<(&'static str, String)>,
    ) -> Result<Vec<Entry>, NetboxError> {
        const OPERATION: &str = "look for what was deleted";
        query.extend([
            ("action", "delete".to_owned()),
            ("changed_object_type", kind.to_owned()),
            ("fields", "time,changed_object_id,prechange_data".to_owned()),
            ("limit", "200".to_owned()),
        ]);
        let mut call = Call::get(OPERATION, CHANGES);
        call.query = query;
        match self.fetch(trail, call).await {
            Ok(page) => Ok(decode_bytes::<Page<Entry>>(OPERATION, &page)?.results),
            Err(NetboxError::Forbidden { .. } | NetboxError::Missing { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
