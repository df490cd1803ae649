//! Where in NetBox a segment belongs: its VRF, its site group and its VLAN group.

use serde_json::Value;

use super::claims::Claim;
use super::error::{Obstacle, ServiceError};
use super::{Result, Service};
use crate::catalogue::{Catalogue, Change};
use crate::netbox::Trail;
use crate::netbox::rows::{Id, Named, VlanGroup, Vrf};
use crate::segment::{
    Cidr, Conflict, ConflictIndex, ConflictKind, Diff, Draft, Rule, SegmentId, SiteSlug, Violation,
    VrfName,
};
use crate::settings::GroupTemplate;

/// How many names an error lists.
const LISTED: usize = 20;

/// Where a segment belongs.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The VRF's id.
    pub vrf: Id,
    /// The site group's id.
    pub site_group: Id,
    /// The name of the VLAN group, whether it exists or not.
    pub group_name: String,
    /// The VLAN group's id, when it exists.
    pub group: Option<Id>,
}

impl Service {
    /// Checks a wanted segment against all rules that need no write, and finds its place. On success the draft has
    /// NetBox's own forms of its names.
    ///
    /// A refusal that rests on what we know is checked against NetBox before it goes out, when what we know is older than
    /// a few seconds: somebody may have made the site, or deleted the rival, meanwhile.
    pub(super) async fn check(
        &self,
        trail: &Trail,
        draft: &mut Draft,
        changing: Option<(SegmentId, Diff)>,
    ) -> Result<Place> {
        let first = self.check_known(draft, changing);
        if self.doubtful(&first, draft, changing) && self.keeper.look_again(trail).await? {
            return self.check_known(draft, changing);
        }
        first
    }

    /// Checks new segments, each as [`Service::check`] does, and against those before it in the list.
    pub(super) async fn check_all(
        &self,
        trail: &Trail,
        drafts: &mut [Draft],
    ) -> Result<Vec<Result<Place>>> {
        let check = |drafts: &mut [Draft]| -> Vec<Result<Place>> {
            let each = drafts.iter_mut().map(|draft| self.check_known(draft, None));
            each.collect()
        };
        let mut places = check(drafts);
        let doubtful = |(place, draft): (&Result<Place>, &Draft)| self.doubtful(place, draft, None);
        if places.iter().zip(drafts.iter()).any(doubtful) && self.keeper.look_again(trail).await? {
            places = check(drafts);
        }
        let mut earlier = ConflictIndex::default();
        for (n, (place, draft)) in places.iter_mut().zip(drafts.iter()).enumerate() {
            if place.is_err() {
                continue;
            }
            let conflicts = earlier.conflicts(draft, None);
            if !conflicts.is_empty() {
                *place = Err(ServiceError::Conflict(
                    conflicts.into_iter().map(within).collect(),
                ));
            } else if let Ok(number) = u64::try_from(n) {
                earlier.insert_draft(SegmentId(number), draft);
            }
        }
        Ok(places)
    }

    /// Whether a refusal rests on what we know of NetBox, which may be old.
    fn doubtful(
        &self,
        place: &Result<Place>,
        draft: &Draft,
        changing: Option<(SegmentId, Diff)>,
    ) -> bool {
        match place {
            Err(ServiceError::Conflict(_) | ServiceError::Unprepared(_)) => true,
            // Addresses that are wrong by our own rules are wrong whatever NetBox has.
            Err(ServiceError::Invalid(_)) => self.broken_by_addresses(draft, changing).is_empty(),
            _ => false,
        }
    }

    fn broken_by_addresses(
        &self,
        draft: &Draft,
        changing: Option<(SegmentId, Diff)>,
    ) -> Vec<Violation> {
        if changing.is_some_and(|(_, diff)| !diff.cidr && !diff.site) {
            return Vec::new();
        }
        let rules = self.settings.addresses.check(&draft.site, &draft.cidr);
        rules
            .into_iter()
            .map(|rule| Violation::of_member("segment", rule))
            .collect()
    }

    /// The same by what we know now.
    pub(super) fn check_known(
        &self,
        draft: &mut Draft,
        changing: Option<(SegmentId, Diff)>,
    ) -> Result<Place> {
        self.owner()?;
        let (found, mut violations) =
            self.ask(|c| resolve(c, draft, &self.settings.group_template));
        if let Some((_, site, vrf)) = &found {
            draft.site = site.clone();
            draft.vrf = vrf.clone();
        }
        violations.extend(self.broken_by_addresses(draft, changing));
        let Some((place, ..)) = found.filter(|_| violations.is_empty()) else {
            return Err(ServiceError::Invalid(violations));
        };
        let obstacles = self.ask(|c| obstacles(c, draft, &place, changing));
        if obstacles.is_empty() {
            Ok(place)
        } else {
            Err(ServiceError::Conflict(obstacles))
        }
    }

    /// The site and the VRF of these names, as NetBox writes them.
    pub(super) fn site_and_vrf(&self, site: &str, vrf: &str) -> Result<(SiteSlug, VrfName)> {
        self.ask(|c| match names(c, Some(site), Some(vrf)) {
            (Some(site), Some(vrf), _) => {
                Ok((SiteSlug::stored(&site.slug), VrfName::stored(&vrf.name)))
            }
            (_, _, violations) => Err(ServiceError::Invalid(violations)),
        })
    }

    /// What is wrong with the names and addresses of a body that is wrong in other ways already, so that its sender hears of
    /// every mistake at once. Parts that are no names or addresses at all are passed over: they are among the others.
    pub async fn further_mistakes(&self, trail: &Trail, body: &Value) -> Vec<Violation> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let site = text("site").filter(|t| SiteSlug::parse(t).is_ok());
        let vrf = text("vrf").filter(|t| VrfName::parse(t).is_ok());
        let mut violations = Vec::new();
        // Names can be judged only by what NetBox has; while it can't be read, the mistakes that are known must do.
        if self.current(trail).await.is_ok() {
            violations = self.ask(|c| names(c, site, vrf).2);
        }
        if let Some(cidr) = text("segment").and_then(|t| Cidr::parse(t).ok()) {
            let site = SiteSlug::stored(site.unwrap_or_default());
            let rules = self.settings.addresses.check(&site, &cidr);
            violations.extend(
                rules
                    .into_iter()
                    .map(|r| Violation::of_member("segment", r)),
            );
        }
        violations
    }

    /// What a request for this segment works on.
    pub(super) fn claims_for(&self, draft: &Draft) -> Vec<Claim> {
        let found = self
            .ask(|c| resolve(c, draft, &self.settings.group_template))
            .0;
        let Some((place, _, vrf)) = found else {
            return Vec::new();
        };
        vec![
            Claim::VlanId(place.group_name.clone(), draft.vlan_id.get()),
            Claim::EpgName(place.group_name, draft.epg_name.as_str().to_owned()),
            Claim::Addresses(vrf.as_str().to_owned(), draft.cidr),
        ]
    }

    /// The VLAN group of a place, made when it is not there yet.
    pub(super) async fn group(
        &self,
        trail: &Trail,
        place: &Place,
    ) -> Result<(Id, Option<VlanGroup>)> {
        use crate::netbox::NetboxError::{Raced, Refused};
        if let Some(group) = place.group {
            return Ok((group, None));
        }
        let _one_at_a_time = self.new_groups.take().await;
        let known = || {
            self.ask(|c| {
                c.vlan_group(place.site_group, &place.group_name)
                    .map(|g| g.id)
            })
        };
        if let Some(group) = known() {
            return Ok((group, None));
        }
        let name = &place.group_name;
        let slug = GroupTemplate::slug(name);
        match self
            .client
            .create_vlan_group(trail, name, &slug, place.site_group)
            .await
        {
            Ok(group) => {
                // At once, so that whoever waits for the same group finds it.
                self.keeper.learn(&[Change::VlanGroup(group.clone())]);
                Ok((group.id, Some(group)))
            }
            // Somebody else was first, or the answer was lost: the group that is there now is the one.
            Err(error)
                if error.outcome_unknown() || matches!(error, Refused { .. } | Raced { .. }) =>
            {
                self.keeper.read_anew(trail).await?;
                known()
                    .map(|group| (group, None))
                    .ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The site and the VRF of these names; or what is wrong with the names.
fn names<'a>(
    catalogue: &'a Catalogue,
    site: Option<&str>,
    vrf: Option<&str>,
) -> (Option<&'a Named>, Option<&'a Vrf>, Vec<Violation>) {
    let mut violations = Vec::new();
    let found_site = site.and_then(|slug| catalogue.site_group(slug));
    if let Some(slug) = site
        && found_site.is_none()
    {
        let known = catalogue.site_groups().map(|s| s.slug.clone());
        violations.push(unknown("site", "site", slug, known));
    }
    let vrfs = vrf.map(|name| (name, catalogue.vrfs_named(name)));
    let found_vrf = match vrfs {
        None => None,
        Some((_, named)) if named.len() == 1 => named.first().copied(),
        Some((name, named)) => {
            violations.push(if named.is_empty() {
                let known = catalogue.vrfs().map(|v| v.name.clone());
                unknown("vrf", "VRF", name, known)
            } else {
                ambiguous(name, &named)
            });
            None
        }
    };
    (found_site, found_vrf, violations)
}

/// Finds the place of a draft, with NetBox's own forms of its site and VRF; or says which names are wrong.
fn resolve(
    catalogue: &Catalogue,
    draft: &Draft,
    template: &GroupTemplate,
) -> (Option<(Place, SiteSlug, VrfName)>, Vec<Violation>) {
    let (site, vrf) = (draft.site.as_str(), draft.vrf.as_str());
    let (site, vrf, violations) = names(catalogue, Some(site), Some(vrf));
    let place = site.zip(vrf).map(|(site, vrf)| {
        let group_name = template.name(&vrf.name, &site.slug, &site.name);
        let group = catalogue.vlan_group(site.id, &group_name);
        let place = Place {
            vrf: vrf.id,
            site_group: site.id,
            group: group.map(|g| g.id),
            group_name: group.map_or(group_name, |g| g.name.clone()),
        };
        (
            place,
            SiteSlug::stored(&site.slug),
            VrfName::stored(&vrf.name),
        )
    });
    (place, violations)
}

fn ambiguous(name: &str, named: &[&Vrf]) -> Violation {
    let rd = |vrf: &&Vrf| vrf.rd.clone().unwrap_or_else(|| "none".to_owned());
    let rule = Rule::AmbiguousName {
        noun: "VRF",
        name: name.to_owned(),
        choices: named.iter().map(rd).collect(),
    };
    Violation::of_member("vrf", rule)
}

fn unknown(
    field: &'static str,
    noun: &'static str,
    name: &str,
    known: impl Iterator<Item = String>,
) -> Violation {
    let rule = Rule::UnknownName {
        noun,
        name: name.to_owned(),
        known: known.take(LISTED).collect(),
    };
    Violation::of_member(field, rule)
}

/// All that we know to be in the way of a segment. A segment that breaks a rule already may still be changed elsewhere, so of
/// a change only what it touches counts.
fn obstacles(
    catalogue: &Catalogue,
    draft: &Draft,
    place: &Place,
    changing: Option<(SegmentId, Diff)>,
) -> Vec<Obstacle> {
    let except = changing.map(|(id, _)| id);
    let touched = |kind: ConflictKind| changing.is_none_or(|(_, diff)| kind.can_come_from(&diff));
    let kinds = [
        ConflictKind::Overlap,
        ConflictKind::VlanId,
        ConflictKind::EpgName,
    ];
    if !kinds.into_iter().any(touched) {
        return Vec::new();
    }
    let conflicts = catalogue.conflicts(draft, except);
    let touching = conflicts.into_iter().filter(|c| touched(c.kind));
    let mut obstacles: Vec<Obstacle> = touching.map(obstacle).collect();
    if touched(ConflictKind::Overlap) {
        obstacles.extend(unfinished(catalogue, draft, place, except));
    }
    if let Some(group) = place.group
        && (touched(ConflictKind::VlanId) || touched(ConflictKind::EpgName))
    {
        obstacles.extend(idle_vlan(catalogue, draft, group, except));
    }
    obstacles
}

/// Prefixes of ours in the VRF that are no segments, for want of something, and that have these addresses.
fn unfinished(
    catalogue: &Catalogue,
    draft: &Draft,
    place: &Place,
    except: Option<SegmentId>,
) -> Vec<Obstacle> {
    let in_the_way = catalogue.incomplete().filter(|(prefix, _)| {
        prefix.vrf == Some(place.vrf)
            && except != Some(SegmentId(prefix.id))
            && Cidr::parse(&prefix.cidr).is_ok_and(|cidr| cidr.overlaps(&draft.cidr))
    });
    in_the_way
        .map(|(prefix, lack)| Obstacle {
            code: "overlap",
            pointer: "/segment",
            rival: None,
            detail: format!(
                "{} overlaps prefix {} ({}) of NetBox, which is ours but no segment, since it lacks {lack}",
                draft.cidr, prefix.id, prefix.cidr
            ),
            expected: "addresses that nobody has; or mend or delete that prefix in NetBox".to_owned(),
        })
        .collect()
}

/// A VLAN of ours without a segment that is in the way; one with the same id and name is not, it will be used.
fn idle_vlan(
    catalogue: &Catalogue,
    draft: &Draft,
    group: Id,
    except: Option<SegmentId>,
) -> Option<Obstacle> {
    let own = except
        .and_then(|id| catalogue.prefix(id.0))
        .and_then(|p| p.vlan);
    let idle = |id: Id| own != Some(id) && catalogue.users(id).next().is_none();
    let by_vid = catalogue.vlan_at(group, draft.vlan_id.get());
    let by_name = catalogue.vlan_named(group, draft.epg_name.as_str());
    if let Some(vlan) = by_vid.filter(|v| idle(v.id) && v.name != draft.epg_name.as_str()) {
        return Some(Obstacle {
            code: "vlan-id-taken",
            pointer: "/vlan_id",
            rival: None,
            detail: format!(
                "VLAN id {} of this group is held by VLAN {} (`{}`) of NetBox, which no segment uses",
                vlan.vid, vlan.id, vlan.name
            ),
            expected: format!(
                "another VLAN id, the EPG name `{}`, or delete that VLAN in NetBox",
                vlan.name
            ),
        });
    }
    by_name
        .filter(|v| idle(v.id) && v.vid != draft.vlan_id.get())
        .map(|vlan| Obstacle {
            code: "epg-name-taken",
            pointer: "/epg_name",
            rival: None,
            detail: format!(
                "the EPG name `{}` of this group is held by VLAN {} (VLAN id {}) of NetBox, which no segment uses",
                vlan.name, vlan.id, vlan.vid
            ),
            expected: format!("another EPG name, the VLAN id {}, or delete that VLAN in NetBox", vlan.vid),
        })
}

/// A conflict with an earlier item of the same list.
fn within(conflict: Conflict) -> Obstacle {
    let detail = match conflict.kind {
        ConflictKind::Overlap => "has addresses of",
        ConflictKind::VlanId => "has the VLAN id of",
        ConflictKind::EpgName => "has the EPG name of",
    };
    Obstacle {
        rival: None,
        detail: format!("it {detail} an earlier item of the same list"),
        ..obstacle(conflict)
    }
}

fn obstacle(conflict: Conflict) -> Obstacle {
    let expected = match conflict.kind {
        ConflictKind::Overlap => "addresses that no segment of the VRF has",
        ConflictKind::VlanId => "a VLAN id that no segment of this VRF and site has",
        ConflictKind::EpgName => "an EPG name that no segment of this VRF and site has",
    };
    Obstacle {
        code: conflict.kind.code(),
        pointer: conflict.kind.pointer(),
        rival: Some(conflict.rival),
        detail: conflict.detail,
        expected: expected.to_owned(),
    }
}
