//! The same reads by REST, for a NetBox whose GraphQL API is off or does not answer for us.

use futures_util::future::{try_join, try_join_all, try_join5};

use super::answer::decode_bytes;
use super::client::{Call, Client};
use super::error::NetboxError;
use super::find::Page;
use super::graphql::List;
use super::pages::{PAGE, Walk};
use super::read::{Everything, Ours, Part};
use super::rows::{Id, Prefix, Raw};
use super::trail::Trail;
use crate::timestamp::Timestamp;

const OPERATION: &str = "read everything by REST";
/// Only these fields: leaving tenant, role and the rest out halves NetBox's time (measured).
const PREFIX_FIELDS: &str =
    "id,prefix,status,comments,custom_fields,vrf,vlan,scope_type,scope_id,created,last_updated";
const VLAN_FIELDS: &str = "id,vid,name,group,created,last_updated";
/// Pages asked at once in one list; the client's own limit keeps the whole below four in flight.
const AT_ONCE: usize = 4;

/// Reads everything: the reference lists at once, then the tenant's VLANs and prefixes at once.
pub(super) async fn everything(
    client: &Client,
    trail: &Trail,
    ours: &Ours,
) -> Result<Everything, NetboxError> {
    let by_slug = |slug: &str| vec![("slug", slug.to_owned())];
    let (tenant, role, site_groups, vrfs, vlan_groups) = try_join5(
        page(
            client,
            trail,
            "/api/tenancy/tenants/",
            by_slug(&ours.tenant),
        ),
        page(client, trail, "/api/ipam/roles/", by_slug(&ours.role)),
        list(
            client,
            trail,
            List::SiteGroups,
            "/api/dcim/site-groups/",
            vec![],
        ),
        list(client, trail, List::Vrfs, "/api/ipam/vrfs/", vec![]),
        list(
            client,
            trail,
            List::VlanGroups,
            "/api/ipam/vlan-groups/",
            vec![],
        ),
    )
    .await?;
    let mut all = Everything {
        tenant: tenant.results.into_iter().next().map(Raw::named),
        role: role.results.into_iter().next().map(Raw::named),
        site_groups: site_groups.site_groups,
        vrfs: vrfs.vrfs,
        vlan_groups: vlan_groups.vlan_groups,
        ..Everything::default()
    };
    // A filter on a tenant or role that does not exist is a 400, not an empty list; and nothing can be ours then.
    if all.tenant.is_some() && all.role.is_some() {
        let tenant = ("tenant", ours.tenant.clone());
        let role = ("role", ours.role.clone());
        let fields = |names: &str| ("fields", names.to_owned());
        let (vlans, prefixes) = try_join(
            list(
                client,
                trail,
                List::Vlans,
                "/api/ipam/vlans/",
                vec![tenant.clone(), fields(VLAN_FIELDS)],
            ),
            list(
                client,
                trail,
                List::Prefixes,
                "/api/ipam/prefixes/",
                vec![tenant, role, fields(PREFIX_FIELDS)],
            ),
        )
        .await?;
        all.vlans = vlans.vlans;
        all.prefixes = prefixes.prefixes;
    }
    Ok(all)
}

/// Makes sure that lists which GraphQL gave as empty are not only hidden from us: a call for each, all at once.
///
/// # Errors
/// [`NetboxError::Forbidden`] when the token may not view one of them.
pub(super) async fn may_see_what_is_empty(
    client: &Client,
    trail: &Trail,
    all: &Everything,
) -> Result<(), NetboxError> {
    let lists = [
        (all.vlan_groups.is_empty(), "/api/ipam/vlan-groups/"),
        (all.vlans.is_empty(), "/api/ipam/vlans/"),
        (all.prefixes.is_empty(), "/api/ipam/prefixes/"),
    ];
    // Only the status counts: no id is below this one.
    let none = || vec![("fields", "id".to_owned()), ("id__lt", "1".to_owned())];
    let empty = lists.into_iter().filter(|(empty, _)| *empty);
    let asked = empty.map(|(_, path)| page(client, trail, path, none()));
    try_join_all(asked).await.map(drop)
}

/// Reads what was written in a VRF since an instant.
pub(super) async fn since(
    client: &Client,
    trail: &Trail,
    ours: &Ours,
    vrf: Id,
    since: Timestamp,
) -> Result<Vec<Prefix>, NetboxError> {
    let query = vec![
        ("tenant", ours.tenant.clone()),
        ("role", ours.role.clone()),
        ("vrf_id", vrf.to_string()),
        ("last_updated__gte", since.to_string()),
        ("fields", PREFIX_FIELDS.to_owned()),
    ];
    let all = list(client, trail, List::Prefixes, "/api/ipam/prefixes/", query).await?;
    Ok(all.prefixes)
}

/// One page of a list, from the start unless the query says otherwise.
async fn page(
    client: &Client,
    trail: &Trail,
    path: &'static str,
    mut query: Vec<(&'static str, String)>,
) -> Result<Page<Raw>, NetboxError> {
    query.push(("limit", PAGE.to_string()));
    let mut call = Call::get(OPERATION, path);
    call.query = query;
    decode_bytes(OPERATION, &client.fetch(trail, call).await?)
}

/// A whole list by id. Addresses are built here, never taken from `next`, which may name a host we can't reach.
///
/// NetBox before 4.6 ignores the cursor and shows it by a count, which a page by cursor has not. There the same pages are
/// asked for by a filter on the id, which costs it a count each.
async fn list(
    client: &Client,
    trail: &Trail,
    list: List,
    path: &'static str,
    query: Vec<(&'static str, String)>,
) -> Result<Everything, NetboxError> {
    let mut all = Everything::default();
    let mut walk = Walk::default();
    let mut at_once = 1;
    let mut cursor = true;
    while !walk.complete() {
        let starts = walk.next(at_once);
        let pages = starts.iter().map(|start| {
            let mut query = query.clone();
            query.push((if cursor { "start" } else { "id__gte" }, start.to_string()));
            if !cursor {
                query.push(("ordering", "id".to_owned()));
            }
            page(client, trail, path, query)
        });
        let pages = try_join_all(pages).await?;
        if cursor && pages.iter().any(|p| p.count.is_some() && p.next.is_some()) {
            cursor = false;
            continue;
        }
        for (start, page) in starts.iter().zip(pages) {
            if page.results.first().is_some_and(|row| row.id < *start) {
                return Err(NetboxError::Unusable {
                    operation: OPERATION,
                    status: 200,
                    detail: format!("a page of {path} has rows before those asked for"),
                });
            }
            let more = page.next.is_some();
            all.add(&mut walk, *start, Part::of(list, page.results, more));
        }
        at_once = AT_ONCE;
    }
    all.tidy();
    Ok(all)
}
