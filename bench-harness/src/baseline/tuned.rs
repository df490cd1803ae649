//! The service that the component replaces, as it was after its authors made it faster.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::{try_join, try_join3, try_join4};
use serde_json::{Value, json};
use url::Url;

use super::cache::Cache;
use super::each;
use super::rows::{self, OURS, Places, Prefix, ROLE, TENANT};
use super::session::Session;
use crate::netbox::Secret;
use crate::verify::{Claim, Id, Manner, Seen, Subject, Wanted};

/// Keeps the prefix list until the next write empties it; tenant, role, VLAN groups, sites and VRFs for five minutes; looks up at
/// once what does not need one another. VRF and site group of a write are asked for each time.
///
/// Calls (depth), with the prefix list emptied by the last write: start 8 (8), list 1, create 7 (5), rename 6 (5), allocate 3 (3),
/// release 3 (3), delete 5 (5). One less where the prefix list is known, one more for the first create in a VLAN group.
#[derive(Debug)]
pub struct Tuned {
    session: Session,
    known: Known,
}

#[derive(Debug, Default)]
struct Known {
    prefixes: Cache<Arc<[Prefix]>>,
    tenant: Cache<u64>,
    role: Cache<u64>,
    sites: Cache<Vec<String>>,
    vrfs: Cache<Vec<String>>,
    groups: Mutex<HashMap<String, Arc<Cache<u64>>>>,
}

impl Known {
    fn group(&self, name: &str) -> Arc<Cache<u64>> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(groups.entry(name.to_owned()).or_default())
    }
}

impl Tuned {
    /// The client of this NetBox. Nothing is called yet.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(netbox: &Url, token: Secret) -> anyhow::Result<Self> {
        Ok(Self {
            session: Session::new(netbox, token)?,
            known: Known::default(),
        })
    }

    async fn prefixes(&self) -> anyhow::Result<Arc<[Prefix]>> {
        let read = async {
            let rows = self.session.list("ipam/prefixes", &OURS).await?;
            Ok(Prefix::read_all(&rows)?.into())
        };
        self.known.prefixes.get(read).await
    }

    async fn tenant(&self) -> anyhow::Result<u64> {
        let read = async { rows::id(&self.session.find("tenancy/tenants", &[TENANT]).await?) };
        self.known.tenant.get(read).await
    }

    async fn role(&self) -> anyhow::Result<u64> {
        let read = async { rows::id(&self.session.find("ipam/roles", &[ROLE]).await?) };
        self.known.role.get(read).await
    }

    async fn sites(&self) -> anyhow::Result<Vec<String>> {
        let read = self.names("dcim/site-groups", "slug");
        self.known.sites.get(read).await
    }

    async fn vrfs(&self) -> anyhow::Result<Vec<String>> {
        let read = self.names("ipam/vrfs", "name");
        self.known.vrfs.get(read).await
    }

    async fn names(&self, list: &str, field: &str) -> anyhow::Result<Vec<String>> {
        let rows = self.session.list(list, &[]).await?;
        Ok(rows.iter().map(|row| rows::text(&row[field])).collect())
    }

    async fn vrf(&self, name: &str) -> anyhow::Result<Value> {
        self.session.find("ipam/vrfs", &[("name", name)]).await
    }

    async fn site(&self, slug: &str) -> anyhow::Result<Value> {
        let filter = [("slug", slug)];
        self.session.find("dcim/site-groups", &filter).await
    }

    async fn vlans(&self, vid: u16) -> anyhow::Result<Vec<Value>> {
        let vid = vid.to_string();
        self.session.list("ipam/vlans", &[("vid", &vid)]).await
    }

    async fn prefix(&self, id: Id) -> anyhow::Result<Prefix> {
        Prefix::segment(&self.session.get(&format!("ipam/prefixes/{id}")).await?)
    }

    /// A write, after which the prefix list is read anew by whoever needs it, whether it went well or not.
    async fn writing<T>(
        &self,
        write: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let done = write.await;
        self.known.prefixes.empty();
        done
    }

    async fn create_one(&self, wanted: &Wanted) -> anyhow::Result<Id> {
        let session = &self.session;
        rows::refuse_conflicts(&self.prefixes().await?, wanted)?;
        let (vrf, site, vlans) = try_join3(
            self.vrf(&wanted.vrf),
            self.site(&wanted.site),
            self.vlans(wanted.vlan_id),
        )
        .await?;
        let group = rows::group_name(&wanted.vrf, &site);
        let cached = self.known.group(&group);
        let site = rows::id(&site)?;
        let there = rows::in_group(&vlans, &group);
        // The function that made VLANs asked for the site group again.
        let (_, tenant, role, group) = try_join4(
            self.site(&wanted.site),
            self.tenant(),
            self.role(),
            cached.get(session.group(&group, site)),
        )
        .await?;
        let places = Places {
            vrf: rows::id(&vrf)?,
            site,
            tenant,
            role,
        };
        let vlan = match there {
            Some(there) => rows::adopted(there, wanted)?,
            None => {
                let body = rows::new_vlan(wanted, places, group);
                let posted = self.writing(session.post("ipam/vlans", &body)).await?;
                rows::id(&posted)?
            }
        };
        let body = rows::new_prefix(wanted, places, vlan);
        let posted = self.writing(session.post("ipam/prefixes", &body)).await?;
        rows::id(&posted)
    }

    async fn rename_one(&self, (id, name): &(Id, String)) -> anyhow::Result<()> {
        let all = self.prefixes().await?;
        self.vrf(&rows::with_id(&all, *id)?.seen.vrf).await?;
        let prefix = self.prefix(*id).await?;
        let vlan = format!("ipam/vlans/{}", prefix.vlan);
        try_join(self.session.get(&vlan), self.vlans(prefix.seen.vlan_id)).await?;
        let body = json!({"name": name});
        self.writing(self.session.patch(&vlan, &body))
            .await
            .map(drop)
    }

    /// Reads a prefix once more, and changes it.
    async fn change(
        &self,
        prefix: &Prefix,
        change: impl FnOnce(&Prefix) -> Value,
    ) -> anyhow::Result<Id> {
        let id = prefix.seen.id;
        let body = change(&self.prefix(id).await?);
        let path = format!("ipam/prefixes/{id}");
        self.writing(self.session.patch(&path, &body)).await?;
        Ok(id)
    }

    async fn allocate_one(&self, claim: &Claim) -> anyhow::Result<Id> {
        let all = self.prefixes().await?;
        if let Some(held) = rows::held(&all, claim) {
            return Ok(held.seen.id);
        }
        let taken = |_: &Prefix| rows::taken_by(&claim.cluster);
        self.change(rows::free(&all, claim)?, taken).await
    }

    async fn release_one(&self, claim: &Claim) -> anyhow::Result<()> {
        let all = self.prefixes().await?;
        let left = |now: &Prefix| now.without(&claim.cluster);
        self.change(rows::must_hold(&all, claim)?, left)
            .await
            .map(drop)
    }

    async fn delete_one(&self, id: &Id) -> anyhow::Result<()> {
        let all = self.prefixes().await?;
        let prefix = self.prefix(*id).await?;
        let vlan = format!("ipam/vlans/{}", prefix.vlan);
        self.session.get(&vlan).await?;
        let path = format!("ipam/prefixes/{id}");
        self.writing(self.session.delete(&path)).await?;
        match rows::shared(&all, &prefix) {
            true => Ok(()),
            false => self.writing(self.session.delete(&vlan)).await,
        }
    }
}

impl Subject for Tuned {
    fn name(&self) -> &'static str {
        "tuned"
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        self.known = Known::default();
        self.session.get("status").await?;
        self.sites().await?;
        self.tenant().await?;
        self.role().await?;
        self.vrfs().await?;
        // Two parts of the service each looked for the tenant.
        self.session.find("tenancy/tenants", &[TENANT]).await?;
        let ours = [("tenant", TENANT.1)];
        self.session.list("ipam/vlans", &ours).await?;
        self.prefixes().await.map(drop)
    }

    async fn list(&self) -> anyhow::Result<Vec<Seen>> {
        let all = self.prefixes().await?;
        Ok(all.iter().map(|prefix| prefix.seen.clone()).collect())
    }

    async fn get(&self, id: Id) -> anyhow::Result<Seen> {
        let all = self.prefixes().await?;
        Ok(rows::with_id(&all, id)?.seen.clone())
    }

    async fn references(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        Ok((self.sites().await?, self.vrfs().await?))
    }

    async fn create(&self, wanted: &[Wanted], manner: Manner) -> anyhow::Result<Vec<Id>> {
        each(wanted, manner, async |wanted| self.create_one(wanted).await).await
    }

    async fn rename(&self, names: &[(Id, String)], manner: Manner) -> anyhow::Result<()> {
        let renamed = each(names, manner, async |name| self.rename_one(name).await);
        renamed.await.map(drop)
    }

    async fn renumber(&self, _numbers: &[(Id, u16)], _manner: Manner) -> anyhow::Result<bool> {
        Ok(false)
    }

    async fn allocate(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<Vec<Id>> {
        each(claims, manner, async |claim| self.allocate_one(claim).await).await
    }

    async fn release(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<()> {
        let released = each(claims, manner, async |claim| self.release_one(claim).await);
        released.await.map(drop)
    }

    async fn delete(&self, ids: &[Id], manner: Manner) -> anyhow::Result<()> {
        let deleted = each(ids, manner, async |id| self.delete_one(id).await);
        deleted.await.map(drop)
    }
}
