"""Adds what is missing of the first N segments, through NetBox's API. Usage: seed.py N, with NETBOX_URL and NETBOX_TOKEN set."""

import os
import sys

import requests

SITES = ["Site1", "Site2", "Site3"]
VRFS = ["Network1", "Network2", "Network3"]
BULK = 200

session = requests.Session()
session.headers["Authorization"] = "Token " + os.environ["NETBOX_TOKEN"]


def segment(i):
    """Segment i, counted from 0: nine (VRF, site) pairs in turn."""
    site, vrf, vid = SITES[i % 3], VRFS[i % 9 // 3], 100 + i // 9
    return {
        "site": site,
        "vrf": vrf,
        "vid": vid,
        "prefix": f"10.{i // 256}.{i % 256}.0/24",
        "name": f"EPG_{vrf}_{site}_{vid}",
        "dhcp": i % 2 == 0,
        "cluster": f"cl-{i % 5}" if i % 3 else None,
    }


def call(method, path, **arguments):
    answer = session.request(method, os.environ["NETBOX_URL"] + "/api/" + path, timeout=300, **arguments)
    if answer.status_code >= 400:
        sys.exit(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
    return answer.json()


def every(path, fields):
    """All rows, page by page from the last id seen."""
    start = 0
    while True:
        rows = call("GET", path, params={"limit": 1000, "start": start, "fields": fields})["results"]
        yield from rows
        if len(rows) < 1000:
            return
        start = rows[-1]["id"] + 1


def add(path, rows):
    """Creates the rows in bulk and returns what NetBox made of them."""
    made = []
    for at in range(0, len(rows), BULK):
        made += call("POST", path, json=rows[at : at + BULK])
    return made


def ensure(path, key, rows):
    """Creates the rows whose `key` is not there yet; maps key to id."""
    ids = {row[key]: row["id"] for row in every(path, f"id,{key}")}
    ids.update((row[key], row["id"]) for row in add(path, [row for row in rows if row[key] not in ids]))
    return ids


tenant = ensure("tenancy/tenants/", "slug", [{"name": "RedBull", "slug": "redbull"}])["redbull"]
role = ensure("ipam/roles/", "slug", [{"name": "Data", "slug": "data"}])["data"]
sites = ensure("dcim/site-groups/", "name", [{"name": name, "slug": name.lower()} for name in SITES])
vrfs = ensure("ipam/vrfs/", "name", [{"name": name, "rd": f"65000:{n}"} for n, name in enumerate(VRFS, 1)])
ensure("extras/custom-fields/", "name", [
    {"name": "Cluster", "label": "Cluster", "type": "text", "object_types": ["ipam.prefix"]},
    {"name": "DHCP", "label": "DHCP", "type": "boolean", "object_types": ["ipam.prefix"]},
])
groups = ensure("ipam/vlan-groups/", "name", [
    {
        "name": f"{vrf}-ClickCluster-{site}",
        "slug": f"{vrf}-clickcluster-{site}".lower(),
        "scope_type": "dcim.sitegroup",
        "scope_id": sites[site],
    }
    for vrf in VRFS
    for site in SITES
])

segments = [segment(i) for i in range(int(sys.argv[1]))]
for s in segments:
    s["group"] = groups[f"{s['vrf']}-ClickCluster-{s['site']}"]

vlans = {(v["group"]["id"], v["vid"]): v["id"] for v in every("ipam/vlans/", "id,vid,group") if v["group"]}
ours = {"tenant": tenant, "role": role, "status": "active"}
missing = [s for s in segments if (s["group"], s["vid"]) not in vlans]
made = add("ipam/vlans/", [{"vid": s["vid"], "name": s["name"], "group": s["group"], **ours} for s in missing])
vlans.update(((s["group"], s["vid"]), v["id"]) for s, v in zip(missing, made, strict=True))

prefixes = {p["prefix"] for p in every("ipam/prefixes/", "id,prefix")}
missing = [s for s in segments if s["prefix"] not in prefixes]
add("ipam/prefixes/", [
    {
        "prefix": s["prefix"],
        "vrf": vrfs[s["vrf"]],
        "vlan": vlans[s["group"], s["vid"]],
        "description": s["name"],
        "scope_type": "dcim.sitegroup",
        "scope_id": sites[s["site"]],
        "custom_fields": {"Cluster": s["cluster"], "DHCP": s["dhcp"]},
        **ours,
    }
    for s in missing
])
print(f"{len(made)} VLANs and {len(missing)} prefixes added")
