//! Settings: read once an instance from the host's variables, every mistake reported at once.
//!
//! A wrong setting never falls back to a default: the service answers nothing but the list of mistakes until it is mended.

mod access;
mod read;
mod template;

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use url::Url;

pub use access::{Access, Role, Token};
pub use template::GroupTemplate;

use crate::catalogue::Lifetimes;
use crate::log::Level;
use crate::netbox::RateLimit;
use crate::netbox::read::Ours;
use crate::segment::AddressPolicy;

/// All settings, valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `netbox_url`: where NetBox is.
    pub netbox_url: Url,
    /// `netbox_token`: NetBox's API token.
    pub netbox_token: Secret,
    /// `webhook_secret`: what NetBox's webhook signs its deliveries with; without it none are taken.
    pub webhook_secret: Option<Secret>,
    /// `auth` and `api_tokens`: who may do what here.
    pub access: Access,
    /// `tenant` and `role`: what in NetBox is ours.
    pub ours: Ours,
    /// `vlan_group_template`: how a VLAN group is named after its VRF and site.
    pub group_template: GroupTemplate,
    /// `site_prefixes`, `prefix_lengths`, `reserved_prefixes`: which addresses a segment may have.
    pub addresses: AddressPolicy,
    /// `cache_ttl`, `stale_while_revalidate`, `stale_if_error`: how long the catalogue may be believed.
    pub lifetimes: Lifetimes,
    /// `netbox_timeout`: how long one NetBox call may take.
    pub netbox_timeout: Duration,
    /// `max_in_flight`: how many NetBox calls may be under way at once.
    pub max_in_flight: usize,
    /// `rate_limit`: how many NetBox calls a second may go, if that is limited.
    pub rate_limit: Option<RateLimit>,
    /// `max_body`: the largest request body, in bytes.
    pub max_body: usize,
    /// `require_if_match`: whether a change or delete of a segment must have an `If-Match`.
    pub require_if_match: bool,
    /// `max_idempotency_keys`: about how many answers are kept for requests with an `Idempotency-Key`.
    pub max_idempotency_keys: usize,
    /// `slow_ms`: from here a NetBox call is logged as slow.
    pub slow: Duration,
    /// `log_level`: how much is logged.
    pub log_level: Level,
}

/// A value that no log and no error may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// One wrong setting. Secrets are named, never quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{setting}: {detail}; right would be {expected}")]
pub struct Mistake {
    /// The setting.
    pub setting: &'static str,
    /// What is wrong with it.
    pub detail: String,
    /// What would be right.
    pub expected: String,
}
