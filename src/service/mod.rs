//! The use cases: what this program does, told without HTTP.
//!
//! - [`read`]: list, get, sites, VRFs, statistics: from the catalogue, without a NetBox call while it is fresh. `export`: all of it.
//! - `create`, `update`, `delete`: lists of segments, checked against the catalogue, carried out at NetBox under guards,
//!   undone (`withdraw`, `undo`) when a later step fails, and told to the catalogue when NetBox has confirmed them. One
//!   segment is a list of one.
//! - [`allocate`]: giving a free segment to a cluster. `release`: taking it back. [`provision`]: finding addresses and a VLAN id too.
//! - `place`: where in NetBox a segment belongs. `vlan`: making sure it has its VLAN. `rivals`: whether somebody
//!   else took the same addresses meanwhile.
//! - [`forecast`]: what a write would do, without doing it.
//! - [`intents`]: what is being written, noted in the store; `heal`: finishing what a killed writer has left; `precedence`:
//!   coming to terms with unfinished writes before another one for the same.
//! - [`claims`]: two requests in one instance that want the same thing take turns.
//! - [`hooks`]: hearing of changes that others made.
//! - `metrics`: the counts of all instances.
//! - [`health`]: whether NetBox, the token and the objects we need are there, and what to do if not.

pub mod allocate;
pub mod claims;
mod create;
pub mod delete;
pub mod error;
mod export;
pub mod forecast;
pub mod heal;
pub mod health;
pub mod hooks;
pub mod intents;
mod memo;
mod metrics;
mod place;
mod precedence;
pub mod provision;
pub mod read;
mod release;
mod rivals;
mod undo;
pub mod update;
mod vlan;
mod withdraw;

use std::cell::RefCell;
use std::rc::Rc;

use crate::catalogue::{Catalogue, Keeper, Shelf, Sourced};
use crate::log::Logger;
pub use crate::netbox::Atomicity;
use crate::netbox::read::Reader;
use crate::netbox::rows::Id;
use crate::netbox::write::Owner;
use crate::netbox::{Client, Connection, Trail, Writer};
use crate::platform::Host;
use crate::segment::{Filter, Page, Segment, SegmentId, Stats};
use crate::settings::Settings;
use crate::sorted::Set;
use crate::sync::Permits;
use claims::Claims;
pub use error::ServiceError;
use intents::Intents;
use memo::Memo;
use metrics::Sharing;
use read::Listed;

/// How many NetBox timeouts the longest write may take: until then its intent is its own.
const LEASE: u32 = 4;

/// The result of a use case.
pub type Result<T> = std::result::Result<T, ServiceError>;

/// A segment, and the tag of its present state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The segment.
    pub segment: Segment,
    /// An entity tag (RFC 9110): differs whenever the prefix or the VLAN was written.
    pub etag: String,
}

/// What a delete did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// What could not be cleaned up, in words; empty when nothing is left.
    pub left: Vec<String>,
}

/// All that the use cases work with, in one instance.
pub struct Service {
    host: Host,
    settings: Settings,
    client: Rc<Client>,
    keeper: Rc<Keeper>,
    sharing: Rc<Sharing>,
    writer: Writer,
    intents: Intents,
    claims: Claims,
    new_groups: Permits,
    healing: Permits,
    logger: Logger,
    /// VLANs that this instance made and could not remove again.
    left_behind: RefCell<Set<Id>>,
    /// Lists and statistics that were asked for since the catalogue changed.
    lists: Memo<(Filter, Page), Listed>,
    stats: Memo<Filter, Stats>,
}

/// Where in the store lies what belongs to these settings: another NetBox, tenant or role never sees it.
#[must_use]
pub fn shelf(settings: &Settings) -> Shelf {
    Shelf::new(&[
        settings.netbox_url.as_str(),
        &settings.ours.tenant,
        &settings.ours.role,
    ])
}

impl Service {
    /// The service with these settings on this host.
    #[must_use]
    pub fn new(host: Host, settings: Settings) -> Self {
        let logger = Logger::new(Rc::clone(&host), settings.log_level);
        let connection = Connection {
            url: settings.netbox_url.clone(),
            token: settings.netbox_token.reveal().to_owned(),
            timeout: settings.netbox_timeout,
            max_in_flight: settings.max_in_flight,
            rate_limit: settings.rate_limit,
            slow: settings.slow,
        };
        let client = Rc::new(Client::new(Rc::clone(&host), logger.clone(), connection));
        let shelf = shelf(&settings);
        let reader = Rc::new(Reader::new(settings.ours.clone()));
        let lease = settings.netbox_timeout * LEASE;
        let intents = Intents::new(Rc::clone(&host), logger.clone(), shelf.intents(), lease);
        let counts = Rc::clone(client.counts());
        let sharing = Sharing::new(&host, logger.clone(), counts, shelf.figures());
        let keeper = Keeper::new(
            Rc::clone(&host),
            Rc::clone(&client),
            Rc::clone(&reader),
            shelf,
            settings.lifetimes,
            logger.clone(),
        );
        Self {
            writer: Writer::new(&host, Rc::clone(&client), reader),
            intents,
            claims: Claims::new(Rc::clone(&host)),
            new_groups: Permits::new(Rc::clone(&host), 1),
            healing: Permits::new(Rc::clone(&host), 1),
            left_behind: RefCell::default(),
            lists: Memo::default(),
            stats: Memo::default(),
            logger,
            host,
            settings,
            client,
            keeper: Rc::new(keeper),
            sharing,
        }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Makes sure of a catalogue that may answer.
    async fn current(&self, trail: &Trail) -> Result<Sourced> {
        Ok(self.keeper.current(trail).await?)
    }

    /// Makes sure of a catalogue that may answer a read.
    async fn readable(&self, trail: &Trail) -> Result<Sourced> {
        let sourced = self.keeper.readable(trail).await?;
        self.counts().read(sourced.source);
        Ok(sourced)
    }

    /// Makes sure of a catalogue, and that nothing is left of writes whose writer is gone.
    async fn ready_to_write(&self, trail: &Trail) -> Result<()> {
        self.current(trail).await?;
        self.heal(trail).await;
        Ok(())
    }

    /// Asks the catalogue. An empty one answers when there is none, which [`Service::current`] rules out.
    fn ask<R>(&self, question: impl Fn(&Catalogue) -> R) -> R {
        self.keeper
            .ask(&question)
            .unwrap_or_else(|| question(&Catalogue::default()))
    }

    /// A segment by its id, as the catalogue has it.
    fn known(&self, id: SegmentId) -> Option<Tagged> {
        self.ask(|catalogue| tagged(catalogue, id))
    }

    /// A segment by its id; one that is not known is looked for at NetBox, unless that was done just now.
    async fn find(&self, trail: &Trail, id: SegmentId) -> Result<Tagged> {
        if let Some(found) = self.known(id) {
            return Ok(found);
        }
        if self.keeper.look_again(trail).await?
            && let Some(found) = self.known(id)
        {
            return Ok(found);
        }
        Err(ServiceError::NoSuchSegment(id))
    }

    /// The ids under which all that we make is filed.
    fn owner(&self) -> Result<Owner> {
        let ours = &self.settings.ours;
        let (tenant, role) = self.ask(|c| (c.tenant, c.role));
        match (tenant, role) {
            (Some(tenant), Some(role)) => Ok(Owner { tenant, role }),
            (None, _) => Err(ServiceError::Unprepared(format!(
                "NetBox has no tenant with the slug `{}`",
                ours.tenant
            ))),
            (_, None) => Err(ServiceError::Unprepared(format!(
                "NetBox has no IPAM role with the slug `{}`",
                ours.role
            ))),
        }
    }
}

/// The answer to a list that came back without its item, which no list does.
fn nothing<T>() -> Result<T> {
    Err(ServiceError::Withheld)
}

/// A segment with the tag made of when its prefix and its VLAN were last written.
fn tagged(catalogue: &Catalogue, id: SegmentId) -> Option<Tagged> {
    let segment = catalogue.segment(id)?.to_segment();
    let prefix = catalogue.prefix(id.0)?;
    let vlan = catalogue.vlan(prefix.vlan?)?;
    let etag = format!(
        "\"{:x}-{:x}\"",
        prefix.last_updated.micros(),
        vlan.last_updated.micros()
    );
    Some(Tagged { segment, etag })
}
