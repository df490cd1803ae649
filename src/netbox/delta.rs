//! What was written and deleted since an instant: the two calls that stand in for reading everything again.
//!
//! Rows that were written come by GraphQL, since every object has its `last_updated`; deletes are seen in the change log
//! only. Neither shows a row that was ours and belongs to somebody else now: the log says that it was written, the query
//! does not bring it, and [`Reader::still_ours`] tells what became of it.

use std::time::Duration;

use futures_util::future::join;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::answer::decode_bytes;
use super::client::{Call, Client};
use super::error::NetboxError;
use super::graphql::{self, List};
use super::pages::{PAGE, full};
use super::read::Reader;
use super::rows::{Id, Named, Prefix, Raw, Vlan, VlanGroup, Vrf};
use super::trail::Trail;
use crate::timestamp::Timestamp;

const WRITTEN: &str = "read what was written";
const LOGGED: &str = "read the change log";
const LOOK: &str = "look whether rows are still ours";
/// How long the change log is left alone after NetBox refused it.
const REFUSED_FOR: Duration = Duration::from_secs(600);
/// How long it is left alone after an answer that could not be used.
const UNUSABLE_FOR: Duration = Duration::from_secs(60);
/// A log entry is written a moment after its row: rows are asked for from this much earlier, so that none is taken for one
/// that the query did not bring.
const LOG_LAG: Duration = Duration::from_secs(1);

/// The kinds of objects that the catalogue follows in the change log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `ipam.prefix`
    Prefix,
    /// `ipam.vlan`
    Vlan,
    /// `ipam.vlangroup`
    VlanGroup,
    /// `ipam.vrf`
    Vrf,
    /// `dcim.sitegroup`
    SiteGroup,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Prefix,
        Self::Vlan,
        Self::VlanGroup,
        Self::Vrf,
        Self::SiteGroup,
    ];

    /// NetBox's name of the object type.
    #[must_use]
    pub fn object_type(self) -> &'static str {
        match self {
            Self::Prefix => "ipam.prefix",
            Self::Vlan => "ipam.vlan",
            Self::VlanGroup => "ipam.vlangroup",
            Self::Vrf => "ipam.vrf",
            Self::SiteGroup => "dcim.sitegroup",
        }
    }

    /// The kind that NetBox's name of an object type stands for; `None` for one that the catalogue does not follow.
    #[must_use]
    pub fn parse(object_type: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.object_type() == object_type)
    }
}

/// An entry of the change log: something happened to this object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The object's kind.
    pub kind: Kind,
    /// The object's id.
    pub id: Id,
    /// When, by NetBox's clock.
    pub at: Timestamp,
}

/// What was written and deleted since an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// The tenant's id.
    pub tenant: Option<Id>,
    /// The role's id.
    pub role: Option<Id>,
    /// Site groups that were written.
    pub site_groups: Vec<Named>,
    /// VRFs that were written.
    pub vrfs: Vec<Vrf>,
    /// VLAN groups that were written.
    pub vlan_groups: Vec<VlanGroup>,
    /// VLANs that were written and are ours.
    pub vlans: Vec<Vlan>,
    /// Prefixes that were written and are ours.
    pub prefixes: Vec<Prefix>,
    /// What the change log says was written, ours or not.
    pub written: Vec<Logged>,
    /// What the change log says was deleted, ours or not.
    pub deleted: Vec<Logged>,
}

/// What a look for changes brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// All of them.
    All(Box<Delta>),
    /// They can't be told; everything must be read. Why, in words.
    Unknown(&'static str),
}

/// Those of some VLANs and prefixes that are ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StillOurs {
    /// The VLANs.
    pub vlans: Vec<Vlan>,
    /// The prefixes.
    pub prefixes: Vec<Prefix>,
}

#[derive(Deserialize)]
struct Log {
    next: Option<IgnoredAny>,
    results: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    action: Action,
    changed_object_type: String,
    changed_object_id: Id,
    time: String,
}

#[derive(Deserialize)]
struct Action {
    value: String,
}

impl Reader {
    /// Until when, by our clock, the change log is left alone, because it could not be read; an instant long past otherwise.
    #[must_use]
    pub fn log_closed_until(&self) -> Timestamp {
        self.log_closed_until.get()
    }

    /// Leaves the change log alone until an instant of our clock, because it could not be read elsewhere.
    pub fn leave_log_until(&self, until: Timestamp) {
        self.log_closed_until
            .set(self.log_closed_until.get().max(until));
    }

    /// Reads what was written and deleted since an instant of NetBox's clock, in two calls at once. `now` is our clock's time.
    ///
    /// # Errors
    /// [`NetboxError`] when NetBox can't be read at all; when only this way of reading it can't be had, that is
    /// [`Changes::Unknown`].
    pub async fn changes(
        &self,
        client: &Client,
        trail: &Trail,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Changes, NetboxError> {
        if self.graphql_off.get() {
            return Ok(Changes::Unknown("GraphQL is off"));
        }
        if now < self.log_closed_until.get() {
            return Ok(Changes::Unknown("the change log can't be read"));
        }
        let query = graphql::delta(&self.ours.tenant, &self.ours.role, since.minus(LOG_LAG));
        let written = client.fetch(trail, Call::graphql(WRITTEN, query));
        let logged = client.fetch(trail, log_since(since));
        let (written, logged) = join(written, logged).await;
        let mut delta = match written
            .and_then(|answer| graphql::lists(WRITTEN, &answer))
            .and_then(rows)
        {
            Ok(Changes::All(delta)) => delta,
            Ok(unknown) => return Ok(unknown),
            Err(NetboxError::Missing { .. }) => {
                self.graphql_off.set(true);
                return Ok(Changes::Unknown("GraphQL is off"));
            }
            Err(
                NetboxError::Unusable {
                    status: 200 | 400, ..
                }
                | NetboxError::Refused { .. },
            ) => return Ok(Changes::Unknown("GraphQL did not take the query")),
            Err(error) => return Err(error),
        };
        match logged.and_then(|answer| decode_bytes::<Log>(LOGGED, &answer)) {
            Ok(log) if log.next.is_some() || log.results.len() >= PAGE => {
                Ok(Changes::Unknown("more changes in the log than fit a page"))
            }
            Ok(log) => {
                enter(&mut delta, log)?;
                Ok(Changes::All(delta))
            }
            Err(
                NetboxError::Forbidden { .. }
                | NetboxError::Missing { .. }
                | NetboxError::Refused { .. },
            ) => {
                self.leave_log_until(now.plus(REFUSED_FOR));
                Ok(Changes::Unknown("the change log can't be read"))
            }
            Err(NetboxError::Unusable { .. }) => {
                self.leave_log_until(now.plus(UNUSABLE_FOR));
                Ok(Changes::Unknown("the change log can't be read"))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads those of these VLANs and prefixes that are ours; `None` when they are too many for one call.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn still_ours(
        &self,
        client: &Client,
        trail: &Trail,
        vlans: &[Id],
        prefixes: &[Id],
    ) -> Result<Option<StillOurs>, NetboxError> {
        if vlans.len() >= PAGE || prefixes.len() >= PAGE {
            return Ok(None);
        }
        let query = graphql::by_id(&self.ours.tenant, &self.ours.role, vlans, prefixes);
        let answer = client.fetch(trail, Call::graphql(LOOK, query)).await?;
        let mut lists = graphql::lists(LOOK, &answer)?;
        let (vlans, prefixes) = (lists.first(List::Vlans)?, lists.first(List::Prefixes)?);
        Ok(Some(StillOurs {
            vlans: vlans.into_iter().filter_map(Raw::vlan).collect(),
            prefixes: prefixes.into_iter().filter_map(Raw::prefix).collect(),
        }))
    }
}

/// The call for the change log. Only filters that NetBox knows: one that it does not know it ignores in silence.
fn log_since(since: Timestamp) -> Call {
    let mut call = Call::get(LOGGED, "/api/core/object-changes/");
    call.query = vec![
        ("time_after", since.to_string()),
        (
            "fields",
            "id,action,changed_object_type,changed_object_id,time".to_owned(),
        ),
        ("limit", PAGE.to_string()),
    ];
    let of = |kind: Kind| ("changed_object_type", kind.object_type().to_owned());
    call.query.extend(Kind::ALL.map(of));
    call
}

fn rows(mut lists: graphql::Lists) -> Result<Changes, NetboxError> {
    let mut one = |name| -> Result<Option<Id>, NetboxError> {
        Ok(lists.take(name)?.first().map(|row| row.id))
    };
    let (tenant, role) = (one("tenant_list")?, one("role_list")?);
    if tenant.is_none() || role.is_none() {
        // No tenant may as well mean that the token may see nothing, and then an empty answer is no answer.
        return Ok(Changes::Unknown("GraphQL shows no tenant or no role"));
    }
    let mut cut = false;
    let mut list = |list| -> Result<std::vec::IntoIter<Raw>, NetboxError> {
        let rows = lists.first(list)?;
        cut |= rows.len() >= full(rows.len());
        Ok(rows.into_iter())
    };
    let delta = Delta {
        tenant,
        role,
        site_groups: list(List::SiteGroups)?.map(Raw::named).collect(),
        vrfs: list(List::Vrfs)?.map(Raw::vrf).collect(),
        vlan_groups: list(List::VlanGroups)?.map(Raw::vlan_group).collect(),
        vlans: list(List::Vlans)?.filter_map(Raw::vlan).collect(),
        prefixes: list(List::Prefixes)?.filter_map(Raw::prefix).collect(),
        ..Delta::default()
    };
    if cut {
        return Ok(Changes::Unknown("as many written rows as fit a page"));
    }
    Ok(Changes::All(Box::new(delta)))
}

fn enter(delta: &mut Delta, log: Log) -> Result<(), NetboxError> {
    for entry in log.results {
        let Some(kind) = Kind::parse(&entry.changed_object_type) else {
            continue;
        };
        let at = Timestamp::parse(&entry.time).ok_or_else(|| NetboxError::Unusable {
            operation: LOGGED,
            status: 200,
            detail: "an entry's time is not an RFC 3339 time".to_owned(),
        })?;
        let logged = Logged {
            kind,
            id: entry.changed_object_id,
            at,
        };
        if entry.action.value == "delete" {
            delta.deleted.push(logged);
        } else {
            delta.written.push(logged);
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lists(data: &serde_json::Value) -> graphql::Lists {
        let answer = serde_json::json!({ "data": data }).to_string();
        graphql::lists(WRITTEN, answer.as_bytes()).unwrap()
    }

    #[test]
    fn the_recorded_change_log_is_read() {
        let text =
            include_str!("../../bench-harness/recordings/netbox-4.7.3/029-changes-cursor.json");
        let recording: serde_json::Value = serde_json::from_str(text).unwrap();
        let log: Log =
            decode_bytes(LOGGED, recording["response"]["body"].to_string().as_bytes()).unwrap();
        let mut delta = Delta::default();
        enter(&mut delta, log).unwrap();
        assert!(delta.deleted.is_empty());
        assert_eq!(
            delta.written[0],
            Logged {
                kind: Kind::Prefix,
                id: 91,
                at: Timestamp::parse("2026-11-23T07:55:35.109276Z").unwrap(),
            }
        );
    }

    #[test]
    fn an_answer_without_our_tenant_is_no_answer() {
        let nothing = json!({"tenant_list": [], "role_list": [{"id": "1"}], "site_group_list": [], "vrf_list": [],
            "vlan_group_list": [], "vlan_list": [], "prefix_list": []});
        assert!(matches!(rows(lists(&nothing)), Ok(Changes::Unknown(_))));
    }

    #[test]
    fn a_full_page_means_that_there_may_be_more() {
        let many: Vec<_> = (0..PAGE).map(|id| json!({"id": id, "name": "x"})).collect();
        let full = json!({"tenant_list": [{"id": "1"}], "role_list": [{"id": "1"}], "site_group_list": [],
            "vrf_list": many, "vlan_group_list": [], "vlan_list": [], "prefix_list": []});
        assert!(matches!(rows(lists(&full)), Ok(Changes::Unknown(_))));
    }
}
