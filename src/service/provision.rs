//! A segment of which only the size and the name are said: the next free prefix of the site and the next free VLAN id of
//! the group, as one unit.
//!
//! The choice is made by what we know, kept from others in this instance, and then carried out as a create, whose lock and
//! look for rivals tell when somebody else was faster: then the next ones are chosen.

use super::claims::{Claim, Held};
use super::create::Job;
use super::error::ServiceError;
use super::{Atomicity, Result, Service, Tagged};
use crate::catalogue::Catalogue;
use crate::netbox::Trail;
use crate::netbox::rows::Prefix;
use crate::segment::{
    Allocation, Cidr, Clusters, Draft, Provision, Rule, Segment, SegmentView, Strategy, Violation,
    VlanId, next_network, next_vlan_id,
};
use crate::sorted::Set;

/// How often addresses and a VLAN id are chosen when others are faster. Each loss costs a call, at the VLAN.
const ATTEMPTS: u64 = 8;
/// After a loss, any of so many free ones, and as many more after each of the next two: rivals that all take the next meet again.
const SPREAD: u64 = 64;

/// What a provision did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisioned {
    /// The segment.
    pub found: Tagged,
    /// Whether it has the addresses and the VLAN id that the name had before.
    pub restored: bool,
}

/// What a name had before.
pub(super) enum Past {
    /// A segment that is there still, without a cluster.
    There(Box<Segment>),
    /// What makes the segment again that was deleted.
    Gone(Box<Draft>),
}

fn suits(wanted: &Provision, cidr: Cidr, vlan_id: VlanId) -> bool {
    cidr.prefix_len() == wanted.prefix_length
        && wanted
            .vlan_range
            .is_none_or(|range| (range.from..=range.to).contains(&vlan_id))
}

/// Addresses and a VLAN id that seem free.
struct Choice<'a> {
    draft: Draft,
    /// Keeps them from the other requests of this instance.
    _held: Held<'a>,
}

impl Service {
    /// Makes a segment where there is room.
    ///
    /// # Errors
    /// [`ServiceError`]; NetBox is then as it was before, unless the error says what is left.
    pub async fn provision(&self, trail: &Trail, wanted: &Provision) -> Result<Provisioned> {
        self.ready_to_write(trail).await?;
        let name = wanted.epg_name.as_str().to_owned();
        let place = format!("{}/{}", wanted.site.key(), wanted.vrf.as_str());
        let _turn = self.claims.take(vec![Claim::EpgName(place, name)]).await;
        if let Err(error) = self.site_and_vrf(wanted.site.as_str(), wanted.vrf.as_str()) {
            if !self.keeper.look_again(trail).await? {
                return Err(error);
            }
            self.site_and_vrf(wanted.site.as_str(), wanted.vrf.as_str())?;
        }
        if wanted.restore
            && let Some(found) = self.restore(trail, wanted).await?
        {
            return Ok(found);
        }
        let mut passed_over = Set::new();
        let mut attempt = 1;
        loop {
            let skip = match attempt {
                1 => 0,
                n => self.host.random() % (SPREAD * (n - 1).min(3)),
            };
            let choice = match self.choose_room(wanted, &passed_over, skip) {
                Err(_) if attempt == 1 && self.keeper.look_again(trail).await? => {
                    self.choose_room(wanted, &passed_over, skip)?
                }
                choice => choice?,
            };
            let vlan_id = choice.draft.vlan_id;
            match self.carry_out_draft(trail, choice.draft).await {
                Ok(found) => {
                    return Ok(Provisioned {
                        found,
                        restored: false,
                    });
                }
                Err(ServiceError::Conflict(obstacles)) if attempt < ATTEMPTS => {
                    if obstacles.iter().any(|o| o.code == "epg-name-taken") {
                        return Err(ServiceError::Conflict(obstacles));
                    }
                    // What we do not know of, such as a VLAN of another tenant, would be chosen again.
                    passed_over.insert(vlan_id);
                    attempt += 1;
                }
                Err(ServiceError::Conflict(_)) => {
                    let detail = "others took each place that was chosen".to_owned();
                    return Err(ServiceError::Busy(detail));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What would be made, if nobody is faster.
    pub(super) async fn room_for(&self, trail: &Trail, wanted: &Provision) -> Result<Draft> {
        let nothing = Set::new();
        if let Ok(choice) = self.choose_room(wanted, &nothing, 0) {
            return Ok(choice.draft);
        }
        self.keeper.look_again(trail).await?;
        Ok(self.choose_room(wanted, &nothing, 0)?.draft)
    }

    async fn carry_out_draft(&self, trail: &Trail, draft: Draft) -> Result<Tagged> {
        let mut jobs: Vec<Job> = self.checked(trail, vec![draft]).await?;
        jobs.iter_mut().for_each(|job| job.diagnose = false);
        let made = self.make(trail, jobs, Atomicity::Each).await?;
        made.into_iter().next().unwrap_or_else(super::nothing)
    }

    /// The next free prefix and the next free VLAN id after `skip` others, where there are so many, kept from others in this
    /// instance.
    fn choose_room(
        &self,
        wanted: &Provision,
        passed_over: &Set<VlanId>,
        skip: u64,
    ) -> Result<Choice<'_>> {
        let (site, vrf) = self.site_and_vrf(wanted.site.as_str(), wanted.vrf.as_str())?;
        let policy = &self.settings.addresses;
        let Some(blocks) = policy.site_prefixes.get(&site.key()) else {
            let rule = Rule::SiteWithoutPrefixes {
                site: site.to_string(),
            };
            return Err(ServiceError::Invalid(vec![Violation::of_member(
                "site", rule,
            )]));
        };
        let length = wanted.prefix_length;
        let mut wrong = Vec::new();
        let mut fitting = Vec::new();
        for block in blocks {
            let Ok(example) = ipnet::IpNet::new(block.network(), length) else {
                continue;
            };
            let broken = policy.check(&site, &Cidr::from(example)).into_iter();
            let before = wrong.len();
            wrong.extend(broken.filter(|rule| matches!(rule, Rule::PrefixLength { .. })));
            if wrong.len() == before {
                fitting.push(*block);
            }
        }
        if fitting.is_empty() && !wrong.is_empty() {
            wrong.truncate(1);
            let wrong = wrong.into_iter();
            let of = |rule| Violation::of_member("prefix_length", rule);
            return Err(ServiceError::Invalid(wrong.map(of).collect()));
        }
        let mut taken: Set<Cidr> = self.ask(|c| {
            let here = c.vrfs_named(vrf.as_str());
            let here = |(p, _): &(&Prefix, _)| here.iter().any(|v| p.vrf == Some(v.id));
            let incomplete = c.incomplete().filter(here);
            let incomplete = incomplete.filter_map(|(p, _)| Cidr::parse(&p.cidr).ok());
            let around = fitting
                .iter()
                .flat_map(|b| c.networks(&vrf, Cidr::from(*b)));
            incomplete.chain(around).collect()
        });
        taken.extend(self.claims.addresses(vrf.as_str()));
        taken.extend(policy.reserved.iter().map(|block| Cidr::from(*block)));
        let next = |taken: &Set<Cidr>| {
            let mut blocks = fitting.iter();
            blocks.find_map(|block| next_network(*block, length, taken.iter().copied()))
        };
        let mut found = next(&taken);
        for _ in 0..skip {
            taken.extend(found);
            match next(&taken) {
                None => break,
                further => found = further,
            }
        }
        let Some(cidr) = found else {
            let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
            return Err(ServiceError::NoRoom(format!(
                "no /{length} is free in VRF `{vrf}` inside the prefixes of site `{site}` ({})",
                blocks.join(", ")
            )));
        };
        let mut draft = Draft {
            site,
            vrf,
            vlan_id: VlanId::MIN,
            epg_name: wanted.epg_name.clone(),
            cidr,
            dhcp: wanted.dhcp,
            description: wanted.description.clone(),
            clusters: wanted.cluster.iter().cloned().collect::<Clusters>(),
        };
        let group = self.group_name_of(&draft);
        let known = self.vlan_ids_of(&draft);
        let is_taken = |id: VlanId| {
            known.contains(&id)
                || passed_over.contains(&id)
                || !self.claims.is_free(&Claim::VlanId(group.clone(), id.get()))
        };
        let mut skipped = Set::new();
        let mut vlan_id = next_vlan_id(wanted.vlan_range, is_taken);
        for _ in 0..skip {
            skipped.extend(vlan_id);
            let further = |id: VlanId| skipped.contains(&id) || is_taken(id);
            match next_vlan_id(wanted.vlan_range, further) {
                None => break,
                further => vlan_id = further,
            }
        }
        let Some(vlan_id) = vlan_id else {
            return Err(ServiceError::NoRoom(format!(
                "no VLAN id is free in the VLAN group `{group}`{}",
                wanted.vlan_range.map_or_else(String::new, |range| format!(
                    " from {} to {}",
                    range.from, range.to
                ))
            )));
        };
        draft.vlan_id = vlan_id;
        let busy = || ServiceError::Busy("another request works on the same segment".to_owned());
        let held = self
            .claims
            .try_take(self.claims_for(&draft))
            .ok_or_else(busy)?;
        Ok(Choice { draft, _held: held })
    }

    /// Gives the name what it had before, while that is free.
    async fn restore(&self, trail: &Trail, wanted: &Provision) -> Result<Option<Provisioned>> {
        let found = match self.past(trail, wanted).await? {
            None => None,
            Some(Past::There(segment)) => self.take_again(trail, wanted, &segment).await?,
            Some(Past::Gone(draft)) => {
                let Some(_held) = self.claims.try_take(self.claims_for(&draft)) else {
                    return Ok(None);
                };
                match self.carry_out_draft(trail, *draft).await {
                    Ok(found) => Some(found),
                    // Somebody has them by now.
                    Err(ServiceError::Conflict(_) | ServiceError::Invalid(_)) => None,
                    Err(error) => return Err(error),
                }
            }
        };
        Ok(found.map(|found| Provisioned {
            found,
            restored: true,
        }))
    }

    /// The segment that has this name and no cluster, or had it until it was deleted.
    pub(super) async fn past(&self, trail: &Trail, wanted: &Provision) -> Result<Option<Past>> {
        let (site, vrf) = self.site_and_vrf(wanted.site.as_str(), wanted.vrf.as_str())?;
        let named = |s: &SegmentView<'_>| s.epg_name == wanted.epg_name.as_str();
        let there = |c: &Catalogue| Some(c.segments_at(&site, &vrf).find(named)?.to_segment());
        if let Some(segment) = self.ask(there) {
            let free = !segment.is_allocated() && suits(wanted, segment.cidr, segment.vlan_id);
            return Ok(free.then(|| Past::There(Box::new(segment))));
        }
        let group = self.ask(|c| {
            let place = c.site_group(site.as_str())?;
            let template = &self.settings.group_template;
            let group = template.name(vrf.as_str(), &place.slug, &place.name);
            c.vlan_group(place.id, &group).map(|g| g.id)
        });
        let Some(group) = group else { return Ok(None) };
        let name = wanted.epg_name.as_str();
        let Some((vid, cidr)) = self.client.deleted_segment(trail, group, name).await? else {
            return Ok(None);
        };
        let (Ok(vlan_id), Ok(cidr)) = (VlanId::new(u64::from(vid)), Cidr::parse(&cidr)) else {
            return Ok(None);
        };
        let draft = Draft {
            site,
            vrf,
            vlan_id,
            epg_name: wanted.epg_name.clone(),
            cidr,
            dhcp: wanted.dhcp,
            description: wanted.description.clone(),
            clusters: wanted.cluster.iter().cloned().collect::<Clusters>(),
        };
        Ok(suits(wanted, cidr, vlan_id).then(|| Past::Gone(Box::new(draft))))
    }

    /// A segment that was released, and is there still: given to the cluster, if there is one.
    async fn take_again(
        &self,
        trail: &Trail,
        wanted: &Provision,
        segment: &Segment,
    ) -> Result<Option<Tagged>> {
        let Some(cluster) = &wanted.cluster else {
            return Ok(self.known(segment.id));
        };
        let others = self.ask(|c| {
            let others = c.segments().filter(|s| s.id != segment.id);
            others.map(|s| s.id).collect()
        });
        let allocation = Allocation {
            cluster: cluster.clone(),
            site: segment.site.clone(),
            vrf: segment.vrf.clone(),
            strategy: Strategy::First,
            prefix_length: None,
            exclude: others,
        };
        let given = self
            .allocate_all(trail, vec![allocation], Atomicity::Each)
            .await?;
        match given.into_iter().next() {
            Some(Ok(given)) => Ok(Some(given.found)),
            Some(Err(ServiceError::NoneFree(_))) | None => Ok(None),
            Some(Err(error)) => Err(error),
        }
    }

    fn group_name_of(&self, draft: &Draft) -> String {
        let claims = self.claims_for(draft).into_iter();
        let mut names = claims.filter_map(|claim| match claim {
            Claim::VlanId(group, _) => Some(group),
            _ => None,
        });
        names.next().unwrap_or_default()
    }

    /// The VLAN ids of ours in the group where this segment belongs.
    fn vlan_ids_of(&self, draft: &Draft) -> Set<VlanId> {
        let group = self.group_name_of(draft);
        self.ask(|c| {
            let site = c.site_group(draft.site.as_str());
            let Some(found) = site.and_then(|site| c.vlan_group(site.id, &group)) else {
                return Set::new();
            };
            let ids = c.vlan_ids(found.id).into_iter().map(u64::from);
            ids.filter_map(|vid| VlanId::new(vid).ok()).collect()
        })
    }
}
