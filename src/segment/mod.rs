//! The domain: what a network segment is, and which rules hold for one and among many.
//!
//! Nothing here knows HTTP, NetBox, a host or a clock; everything is a function of its arguments.
//!
//! - **Values**: [`VlanId`], [`EpgName`], [`ClusterName`] and [`Clusters`], [`Description`], [`Cidr`], [`SiteSlug`],
//!   [`VrfName`], [`SegmentId`]. Each has a strict way in for callers (`parse`, `new`) and, because data made by others
//!   must still be readable, a tolerant one for what is held already (`stored`).
//! - **The segment**: [`Segment`]; [`SegmentView`] is one of which nothing is copied, and its form in the API.
//! - **Mistakes**: [`Rule`] says which rule is broken, what is wrong and what would be right; a [`Violation`] adds where.
//! - **Bodies**: [`Draft`] (POST, PUT) and [`Change`] (PATCH) report every mistake at once; [`Diff`] says what a wanted
//!   state changes.
//! - **Taking what is free**: [`Allocation`] and [`Release`], [`Provision`], [`next_network`] and [`next_vlan_id`].
//! - **Rules for one**: [`AddressPolicy`]. **Rules among many**: [`ConflictIndex`].
//! - **Lists**: [`Filter`], [`Page`] and [`Slice`], [`Stats`].

mod allocation;
mod body;
mod change;
mod cidr;
mod clusters;
mod conflict;
mod conflict_index;
mod description;
mod diff;
mod draft;
mod epg_name;
mod free;
mod id;
mod json;
mod overlap;
mod page;
mod policy;
mod policy_text;
mod provision;
mod query;
mod record;
mod rule;
mod rule_text;
mod search;
mod site;
mod stats;
mod suggest;
mod text;
mod view;
mod violation;
mod vlan_id;
mod vrf;

#[cfg(test)]
mod testing;

pub use allocation::{Allocation, Release, STRATEGIES, Strategy, clusters_of};
pub use body::WRITABLE;
pub use change::Change;
pub use cidr::Cidr;
pub use clusters::{ClusterName, Clusters};
pub use conflict::{Conflict, ConflictKind};
pub use conflict_index::ConflictIndex;
pub use description::Description;
pub use diff::Diff;
pub use draft::Draft;
pub use epg_name::EpgName;
pub use free::{next_network, next_vlan_id};
pub use id::SegmentId;
pub use json::json_array;
pub use page::{MAX_LIMIT, Page, Slice};
pub use policy::AddressPolicy;
pub use policy_text::{
    PolicyError, parse_prefix_lengths, parse_reserved_prefixes, parse_site_prefixes,
};
pub use provision::{Provision, VlanRange};
pub use query::{Filter, LIST_PARAMETERS, parse_list};
pub use record::Segment;
pub use rule::Rule;
pub use search::Search;
pub use site::SiteSlug;
pub use stats::{Counts, Stats};
pub use suggest::nearest;
pub use text::TextKind;
pub use view::{ClustersView, SegmentView};
pub use violation::Violation;
pub use vlan_id::VlanId;
pub use vrf::VrfName;
