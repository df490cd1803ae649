//! Reading: from the catalogue, without a NetBox call while it is fresh.

use bytes::Bytes;

use super::{Result, Service, Tagged};
use crate::catalogue::index::Found;
use crate::catalogue::{Catalogue, Sourced};
use crate::netbox::Trail;
use crate::segment::{Filter, Page, SegmentId, Stats, json_array};

/// A page of the list, written out.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The segments, as a JSON array. Written straight from the catalogue, so that nothing is copied first.
    pub json: Bytes,
    /// How many segments the whole list has.
    pub total: usize,
    /// The page that follows, when there is more.
    pub next: Option<Page>,
}

impl Service {
    /// The segments that meet a filter, or a page of them.
    ///
    /// # Errors
    /// [`super::ServiceError::Netbox`] when nothing is known and NetBox can't be read.
    pub async fn list(
        &self,
        trail: &Trail,
        filter: &Filter,
        page: &Page,
    ) -> Result<(Listed, Sourced)> {
        let sourced = self.readable(trail).await?;
        let revision = self.ask(Catalogue::revision);
        let question = (filter.clone(), *page);
        if let Some(listed) = self.lists.get(revision, &question) {
            return Ok((listed, sourced));
        }
        let listed = self.ask(|c| {
            let slice = page.cut(c.find(filter), Found::id);
            let shown = slice.items.iter().filter_map(|found| c.show(found));
            Listed {
                json: json_array(shown).into(),
                total: slice.total,
                next: slice.next,
            }
        });
        let bytes = listed.json.len();
        self.lists.keep(revision, question, listed.clone(), bytes);
        Ok((listed, sourced))
    }

    /// One segment.
    ///
    /// # Errors
    /// [`super::ServiceError::NoSuchSegment`], also according to NetBox a few seconds ago.
    pub async fn get(&self, trail: &Trail, id: SegmentId) -> Result<(Tagged, Sourced)> {
        let sourced = self.readable(trail).await?;
        let found = self.find(trail, id).await?;
        Ok((found, sourced))
    }

    /// The slugs of all sites, in order.
    ///
    /// # Errors
    /// [`super::ServiceError::Netbox`].
    pub async fn sites(&self, trail: &Trail) -> Result<(Vec<String>, Sourced)> {
        let sourced = self.readable(trail).await?;
        let mut sites: Vec<String> =
            self.ask(|c| c.site_groups().map(|s| s.slug.clone()).collect());
        sites.sort_unstable();
        Ok((sites, sourced))
    }

    /// The names of all VRFs, in order, each once.
    ///
    /// # Errors
    /// [`super::ServiceError::Netbox`].
    pub async fn vrfs(&self, trail: &Trail) -> Result<(Vec<String>, Sourced)> {
        let sourced = self.readable(trail).await?;
        let mut vrfs: Vec<String> = self.ask(|c| c.vrfs().map(|v| v.name.clone()).collect());
        vrfs.sort_unstable();
        vrfs.dedup();
        Ok((vrfs, sourced))
    }

    /// How many segments meet a filter, and how many of them are in use.
    ///
    /// # Errors
    /// [`super::ServiceError::Netbox`].
    pub async fn stats(&self, trail: &Trail, filter: &Filter) -> Result<(Stats, Sourced)> {
        let sourced = self.readable(trail).await?;
        let revision = self.ask(Catalogue::revision);
        let stats = self.stats.get(revision, filter).unwrap_or_else(|| {
            let stats = self.ask(|c| Stats::of(c.find(filter).filter_map(|found| c.show(&found))));
            self.stats.keep(revision, filter.clone(), stats.clone(), 0);
            stats
        });
        Ok((stats, sourced))
    }
}
