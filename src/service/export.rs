//! Reading all that meets a filter, in one go.

use super::{Result, Service};
use crate::catalogue::Sourced;
use crate::netbox::Trail;
use crate::segment::{Filter, SegmentView};

/// Goes through segments in the order of their ids, and shows each. Nothing is copied, and it can be done again.
pub(crate) type Each<'a> = dyn Fn(&mut dyn FnMut(&SegmentView<'_>)) + 'a;

impl Service {
    /// What `look` makes of the segments that meet a filter. All of it sees one state of the catalogue.
    ///
    /// # Errors
    /// [`super::ServiceError::Netbox`] when nothing is known and NetBox can't be read.
    pub async fn over<R>(
        &self,
        trail: &Trail,
        filter: &Filter,
        look: impl Fn(&Each<'_>) -> R,
    ) -> Result<(R, Sourced)> {
        let sourced = self.readable(trail).await?;
        let made = self.ask(|catalogue| {
            look(&|visit| {
                let found = catalogue.find(filter);
                found
                    .filter_map(|found| catalogue.show(&found))
                    .for_each(|segment| visit(&segment));
            })
        });
        Ok((made, sourced))
    }
}
