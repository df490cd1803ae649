//! What is measured: something that keeps segments in NetBox. The component, and the baselines that do the same work otherwise.

use std::fmt;

/// How several operations of one kind are asked for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// One after another, by one client.
    OneByOne,
    /// By as many clients as there are operations, all at the same instant.
    AtOnce,
    /// In one request, where the subject has such a thing; otherwise one after another.
    Bulk,
}

/// A segment that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The site's slug: `site1`.
    pub site: String,
    /// The VRF's name: `Network1`.
    pub vrf: String,
    /// The VLAN id, 1 to 4094.
    pub vlan_id: u16,
    /// The EPG's name.
    pub epg_name: String,
    /// The prefix as CIDR.
    pub segment: String,
    /// Whether DHCP is on.
    pub dhcp: bool,
}

/// A segment as a subject shows it. Two subjects that did the same work show the same segments, ids aside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The id of the prefix in NetBox.
    pub id: u64,
    /// The site's slug.
    pub site: String,
    /// The VRF's name.
    pub vrf: String,
    /// The VLAN id.
    pub vlan_id: u16,
    /// The EPG's name.
    pub epg_name: String,
    /// The prefix as CIDR.
    pub segment: String,
    /// The clusters on it, separated by commas; empty when it is free.
    pub clusters: String,
}

/// A cluster that wants a segment, or gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The cluster's name.
    pub cluster: String,
    /// The site's slug.
    pub site: String,
    /// The VRF's name.
    pub vrf: String,
}

/// The id of a segment: that of its prefix in NetBox.
pub type Id = u64;

/// Something that keeps segments in NetBox.
///
/// Every method fails with a text that names the operation and what was answered. Answers are in the order of what was asked.
#[allow(async_fn_in_trait, reason = "all of it runs on one task")]
pub trait Subject: fmt::Debug {
    /// Its name in tables: `segment-edge`, `naive`, `tuned`, `pynetbox`.
    fn name(&self) -> &'static str;

    /// Begins anew as a process just started: nothing is known, and whatever it reads at its start is read.
    async fn start(&mut self) -> anyhow::Result<()>;

    /// Begins anew as another process of the same deployment: what the last one stored for others is there. Without such a store
    /// it is the same as [`Subject::start`].
    async fn restart(&mut self) -> anyhow::Result<()> {
        self.start().await
    }

    /// All segments.
    async fn list(&self) -> anyhow::Result<Vec<Seen>>;

    /// One segment.
    async fn get(&self, id: Id) -> anyhow::Result<Seen>;

    /// The slugs of the sites, and the names of the VRFs: the reference look-ups of a client.
    async fn references(&self) -> anyhow::Result<(Vec<String>, Vec<String>)>;

    /// Makes segments.
    async fn create(&self, wanted: &[Wanted], manner: Manner) -> anyhow::Result<Vec<Id>>;

    /// Gives segments other EPG names.
    async fn rename(&self, names: &[(Id, String)], manner: Manner) -> anyhow::Result<()>;

    /// Gives segments other VLAN ids; `Ok(false)` when the subject can't (the original service answers 200 and does nothing).
    async fn renumber(&self, numbers: &[(Id, u16)], manner: Manner) -> anyhow::Result<bool>;

    /// Gives clusters a free segment each.
    async fn allocate(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<Vec<Id>>;

    /// Takes the segments of clusters back.
    async fn release(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<()>;

    /// Removes segments, with their VLANs when nothing else uses them.
    async fn delete(&self, ids: &[Id], manner: Manner) -> anyhow::Result<()>;
}
