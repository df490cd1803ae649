"""Keeps network segments in NetBox with pynetbox, as a script of a user does.

Reads one JSON object a line from stdin, such as {"do": "list"}, and answers each with one line: {"ok": ...} or {"error": "..."}.
Address and token of the NetBox are in NETBOX_URL and NETBOX_TOKEN.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pynetbox

nb = pynetbox.api(os.environ["NETBOX_URL"], token=os.environ["NETBOX_TOKEN"])
OURS = {"tenant": "redbull", "role": "data"}


def clusters(prefix):
    text = prefix.custom_fields.get("Cluster") or ""
    return [name.strip() for name in text.split(",") if name.strip()]


def shown(prefix):
    return {
        "id": prefix.id,
        "site": prefix.scope["slug"],
        "vrf": prefix.vrf.name,
        "vlan_id": prefix.vlan.vid,
        "epg_name": prefix.vlan.name,
        "segment": prefix.prefix,
        "clusters": ",".join(clusters(prefix)),
    }


def found(record, what):
    if record is None:
        raise LookupError(f"NetBox has no {what}")
    return record


def prefix_with_id(number):
    return found(nb.ipam.prefixes.get(number), f"prefix {number}")


def place(item):
    vrf = found(nb.ipam.vrfs.get(name=item["vrf"]), f"VRF {item['vrf']}")
    site = found(nb.dcim.site_groups.get(slug=item["site"]), f"site group {item['site']}")
    return vrf, site


def group(vrf, site):
    name = f"{vrf.name}-ClickCluster-{site.name}"
    return nb.ipam.vlan_groups.get(name=name) or nb.ipam.vlan_groups.create(
        name=name, slug=name.lower(), scope_type="dcim.sitegroup", scope_id=site.id
    )


def owner():
    tenant = found(nb.tenancy.tenants.get(slug="redbull"), "tenant redbull")
    role = found(nb.ipam.roles.get(slug="data"), "role data")
    return {"tenant": tenant.id, "role": role.id, "status": "active"}


def new_vlan(item, home, owned):
    return {"vid": item["vlan_id"], "name": item["epg_name"], "group": home.id, **owned}


def new_prefix(item, vlan, vrf, site, owned):
    return {
        "prefix": item["segment"],
        "vrf": vrf.id,
        "vlan": vlan.id,
        "scope_type": "dcim.sitegroup",
        "scope_id": site.id,
        "custom_fields": {"Cluster": None, "DHCP": item["dhcp"]},
        **owned,
    }


def create(item):
    vrf, site = place(item)
    owned = owner()
    vlan = nb.ipam.vlans.create(new_vlan(item, group(vrf, site), owned))
    return nb.ipam.prefixes.create(new_prefix(item, vlan, vrf, site, owned)).id


def create_all(items):
    owned = owner()
    # Each place is looked up once.
    places = {(item["vrf"], item["site"]): None for item in items}
    for vrf, site in places:
        where = place({"vrf": vrf, "site": site})
        places[vrf, site] = (*where, group(*where))
    home = [places[item["vrf"], item["site"]] for item in items]
    vlans = nb.ipam.vlans.create([new_vlan(item, at[2], owned) for item, at in zip(items, home)])
    rows = [
        new_prefix(item, vlan, at[0], at[1], owned) for item, vlan, at in zip(items, vlans, home)
    ]
    return [prefix.id for prefix in nb.ipam.prefixes.create(rows)]


def rename(item):
    number, name = item
    vlan = prefix_with_id(number).vlan
    vlan.name = name
    vlan.save()


def rename_all(items):
    names = dict(map(tuple, items))
    prefixes = nb.ipam.prefixes.filter(id=list(names))
    nb.ipam.vlans.update([{"id": p.vlan.id, "name": names[p.id]} for p in prefixes])


def renumber(item):
    number, vid = item
    vlan = prefix_with_id(number).vlan
    vlan.vid = vid
    vlan.save()


def renumber_all(items):
    vids = dict(map(tuple, items))
    prefixes = nb.ipam.prefixes.filter(id=list(vids))
    nb.ipam.vlans.update([{"id": p.vlan.id, "vid": vids[p.id]} for p in prefixes])


def at_place(claim):
    vrf, site = place(claim)
    return list(nb.ipam.prefixes.filter(vrf_id=vrf.id, site_group_id=site.id, **OURS))


def allocate(claim):
    there = at_place(claim)
    for prefix in there:
        if claim["cluster"] in clusters(prefix):
            return prefix.id
    free = [prefix for prefix in there if not clusters(prefix)]
    if not free:
        raise LookupError(f"no segment is free at {claim['site']} in {claim['vrf']}")
    prefix = min(free, key=lambda free: (free.vlan.vid, free.id))
    prefix.update({"status": "reserved", "custom_fields": {"Cluster": claim["cluster"]}})
    return prefix.id


def release(claim):
    held = [prefix for prefix in at_place(claim) if claim["cluster"] in clusters(prefix)]
    if not held:
        raise LookupError(f"{claim['cluster']} has no segment at {claim['site']} in {claim['vrf']}")
    left = [name for name in clusters(held[0]) if name != claim["cluster"]]
    change = {"custom_fields": {"Cluster": ",".join(left) or None}}
    held[0].update(change if left else {"status": "active", **change})


def unused(vlan):
    return nb.ipam.prefixes.count(vlan_id=vlan.id) == 0


def delete(number):
    prefix = prefix_with_id(number)
    vlan = prefix.vlan
    prefix.delete()
    if unused(vlan):
        vlan.delete()


def delete_all(numbers):
    vlans = {prefix.vlan.id for prefix in nb.ipam.prefixes.filter(id=numbers)}
    nb.ipam.prefixes.delete(numbers)
    used = {prefix.vlan.id for prefix in nb.ipam.prefixes.filter(vlan_id=list(vlans))}
    if vlans - used:
        nb.ipam.vlans.delete(sorted(vlans - used))


def listed():
    return [shown(prefix) for prefix in nb.ipam.prefixes.filter(**OURS)]


def references():
    return [[site.slug for site in nb.dcim.site_groups.all()], [vrf.name for vrf in nb.ipam.vrfs.all()]]


READS = {
    "start": lambda ask: nb.status()["netbox-version"],
    "list": lambda ask: listed(),
    "get": lambda ask: shown(prefix_with_id(ask["id"])),
    "references": lambda ask: references(),
}
WRITES = {
    "create": (create, create_all),
    "rename": (rename, rename_all),
    "renumber": (renumber, renumber_all),
    "allocate": (allocate, None),
    "release": (release, None),
    "delete": (delete, delete_all),
}


def answer(ask):
    if ask["do"] in READS:
        return READS[ask["do"]](ask)
    one, all_at_once = WRITES[ask["do"]]
    items = ask["items"]
    if ask["manner"] == "bulk" and all_at_once and items:
        return all_at_once(items)
    if ask["manner"] == "at-once":
        with ThreadPoolExecutor(max_workers=max(1, len(items))) as pool:
            return list(pool.map(one, items))
    return [one(item) for item in items]


for line in sys.stdin:
    try:
        reply = {"ok": answer(json.loads(line))}
    except Exception as error:  # Whatever went wrong, the other side is told, and may ask again.
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
