//! The service that the component replaces, as it was before its authors made it faster.

use serde_json::{Value, json};
use url::Url;

use super::each;
use super::rows::{self, OURS, Places, Prefix, ROLE, TENANT};
use super::session::Session;
use crate::netbox::Secret;
use crate::verify::{Claim, Id, Manner, Seen, Subject, Wanted};

/// Looks everything up before each write, one call after another, and knows nothing from one request to the next.
///
/// Calls, one VLAN and prefix each: start 1 and 2 for each VLAN, list 1 and 1 for each prefix, create 11 (12 with a new VLAN group),
/// rename 7, allocate 8, release 8, delete 5. Allocate and release were 8 to 12; which calls they were beyond those
/// that are known (prefix list, VRF, prefix, PATCH) is guessed: site group, two searches for the cluster, VLAN.
#[derive(Debug)]
pub struct Naive {
    session: Session,
}

impl Naive {
    /// The client of this NetBox. Nothing is called yet.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(netbox: &Url, token: Secret) -> anyhow::Result<Self> {
        let session = Session::new(netbox, token)?;
        Ok(Self { session })
    }

    async fn prefixes(&self) -> anyhow::Result<Vec<Value>> {
        self.session.list("ipam/prefixes", &OURS).await
    }

    async fn vrf(&self, name: &str) -> anyhow::Result<Value> {
        self.session.find("ipam/vrfs", &[("name", name)]).await
    }

    async fn site(&self, slug: &str) -> anyhow::Result<Value> {
        let filter = [("slug", slug)];
        self.session.find("dcim/site-groups", &filter).await
    }

    /// A prefix with its site group, which is asked for by itself.
    async fn seen(&self, row: &Value) -> anyhow::Result<Option<Seen>> {
        let Some(mut prefix) = Prefix::read(row)? else {
            return Ok(None);
        };
        let path = format!("dcim/site-groups/{}", prefix.site);
        prefix.seen.site = rows::text(&self.session.get(&path).await?["slug"]);
        Ok(Some(prefix.seen))
    }

    async fn create_one(&self, wanted: &Wanted) -> anyhow::Result<Id> {
        let session = &self.session;
        let vrf = rows::id(&self.vrf(&wanted.vrf).await?)?;
        let site = self.site(&wanted.site).await?;
        session.find("tenancy/tenants", &[TENANT]).await?;
        session.find("ipam/roles", &[ROLE]).await?;
        let vid = wanted.vlan_id.to_string();
        let vlans = session.list("ipam/vlans", &[("vid", &vid)]).await?;
        let group = rows::group_name(&wanted.vrf, &site);
        // The function that made VLANs looked up for itself what its caller knew.
        let places = Places {
            vrf,
            site: rows::id(&self.site(&wanted.site).await?)?,
            tenant: rows::id(&session.find("tenancy/tenants", &[TENANT]).await?)?,
            role: rows::id(&session.find("ipam/roles", &[ROLE]).await?)?,
        };
        let vlan = match rows::in_group(&vlans, &group) {
            Some(there) => rows::adopted(there, wanted)?,
            None => {
                let group = session.group(&group, places.site).await?;
                let body = rows::new_vlan(wanted, places, group);
                rows::id(&session.post("ipam/vlans", &body).await?)?
            }
        };
        let body = rows::new_prefix(wanted, places, vlan);
        rows::id(&session.post("ipam/prefixes", &body).await?)
    }

    async fn rename_one(&self, (id, name): &(Id, String)) -> anyhow::Result<()> {
        let session = &self.session;
        let path = format!("ipam/prefixes/{id}");
        let prefix = Prefix::segment(&session.get(&path).await?)?;
        session.get(&format!("ipam/vlans/{}", prefix.vlan)).await?;
        let vid = prefix.seen.vlan_id.to_string();
        session.list("ipam/vlans", &[("vid", &vid)]).await?;
        let site = self.site_of(&prefix).await?;
        session
            .group(&rows::group_name(&prefix.seen.vrf, &site), prefix.site)
            .await?;
        let vlan = format!("ipam/vlans/{}", prefix.vlan);
        session.patch(&vlan, &json!({"name": name})).await?;
        // The VLAN is the old one, so it is not cleaned up: two calls less than when the VLAN id changed.
        session
            .patch(&path, &json!({"vlan": prefix.vlan}))
            .await
            .map(drop)
    }

    async fn site_of(&self, prefix: &Prefix) -> anyhow::Result<Value> {
        let path = format!("dcim/site-groups/{}", prefix.site);
        self.session.get(&path).await
    }

    /// What allocating and releasing look up alike: all segments, and those in which the cluster is mentioned.
    async fn search(&self, claim: &Claim) -> anyhow::Result<(Vec<Prefix>, Vec<Prefix>)> {
        let all = Prefix::read_all(&self.prefixes().await?)?;
        let vrf = self.vrf(&claim.vrf).await?["id"].to_string();
        let site = self.site(&claim.site).await?["id"].to_string();
        let mut mentioned = Vec::new();
        // The second search, by a pattern, was needless: NetBox ignores such a filter, and gives all of the place.
        for filter in ["cf_Cluster", "cf_Cluster__ic"] {
            let filters = [
                ("vrf_id", vrf.as_str()),
                ("site_group_id", &site),
                (filter, &claim.cluster),
            ];
            let rows = self.session.list("ipam/prefixes", &filters).await?;
            mentioned.extend(Prefix::read_all(&rows)?);
        }
        Ok((all, mentioned))
    }

    /// Reads a prefix and its VLAN once more, and changes the prefix.
    async fn change(
        &self,
        prefix: &Prefix,
        change: impl FnOnce(&Prefix) -> Value,
    ) -> anyhow::Result<Id> {
        let path = format!("ipam/prefixes/{}", prefix.seen.id);
        let now = Prefix::segment(&self.session.get(&path).await?)?;
        self.session
            .get(&format!("ipam/vlans/{}", now.vlan))
            .await?;
        self.session.patch(&path, &change(&now)).await?;
        Ok(now.seen.id)
    }

    async fn allocate_one(&self, claim: &Claim) -> anyhow::Result<Id> {
        let (all, mentioned) = self.search(claim).await?;
        match rows::held(&mentioned, claim) {
            Some(held) => Ok(held.seen.id),
            None => {
                let taken = |_: &Prefix| rows::taken_by(&claim.cluster);
                self.change(rows::free(&all, claim)?, taken).await
            }
        }
    }

    async fn release_one(&self, claim: &Claim) -> anyhow::Result<()> {
        let (_, mentioned) = self.search(claim).await?;
        let held = rows::must_hold(&mentioned, claim)?;
        let left = |now: &Prefix| now.without(&claim.cluster);
        self.change(held, left).await.map(drop)
    }

    async fn delete_one(&self, id: &Id) -> anyhow::Result<()> {
        let all = Prefix::read_all(&self.prefixes().await?)?;
        let path = format!("ipam/prefixes/{id}");
        let prefix = Prefix::segment(&self.session.get(&path).await?)?;
        let vlan = format!("ipam/vlans/{}", prefix.vlan);
        self.session.get(&vlan).await?;
        self.session.delete(&path).await?;
        match rows::shared(&all, &prefix) {
            true => Ok(()),
            false => self.session.delete(&vlan).await,
        }
    }
}

impl Subject for Naive {
    fn name(&self) -> &'static str {
        "naive"
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        let session = &self.session;
        for vlan in session.list("ipam/vlans", &[("tenant", TENANT.1)]).await? {
            let vlan = rows::id(&vlan)?.to_string();
            let used = session.list("ipam/prefixes", &[("vlan_id", &vlan)]).await?;
            if let Some(prefix) = used.first() {
                self.seen(prefix).await?;
            }
        }
        Ok(())
    }

    async fn list(&self) -> anyhow::Result<Vec<Seen>> {
        let mut all = Vec::new();
        for row in self.prefixes().await? {
            all.extend(self.seen(&row).await?);
        }
        Ok(all)
    }

    async fn get(&self, id: Id) -> anyhow::Result<Seen> {
        let row = self.session.get(&format!("ipam/prefixes/{id}")).await?;
        let seen = self.seen(&row).await?;
        seen.ok_or_else(|| anyhow::anyhow!("prefix {id} is no segment"))
    }

    async fn references(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let sites = self.session.list("dcim/site-groups", &[]).await?;
        let vrfs = self.session.list("ipam/vrfs", &[]).await?;
        let names =
            |rows: &[Value], field| rows.iter().map(|row| rows::text(&row[field])).collect();
        Ok((names(&sites, "slug"), names(&vrfs, "name")))
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
