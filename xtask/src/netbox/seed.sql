-- Grows the data set to {SEGMENTS} segments: the same ones as seed.py makes, with the rows of an existing segment as a pattern.
-- Segments whose VLAN is already there are left alone. Each is a second younger than the one before it.
with segment as (
  select i, now() - ({SEGMENTS} - i) * interval '1 s' as made, vrf.id as vrf_id, grp.id as group_id, grp.scope_id, 100 + i / 9 as vid,
         format('10.%s.%s.0/24', i / 256, i % 256) as prefix,
         format('EPG_%s_%s_%s', vrf.name, site, 100 + i / 9) as name
  from generate_series(0, {SEGMENTS} - 1) i
  cross join lateral (select 'Site' || (i % 3 + 1) as site, 'Network' || (i % 9 / 3 + 1) as vrf_name) words
  join ipam_vrf vrf on vrf.name = words.vrf_name
  join ipam_vlangroup grp on grp.name = words.vrf_name || '-ClickCluster-' || words.site
),
vlan as (
  insert into ipam_vlan
  select new.*
  from segment s, (select * from ipam_vlan order by id limit 1) pattern,
  lateral jsonb_populate_record(null::ipam_vlan, to_jsonb(pattern) || jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('ipam_vlan', 'id')), 'vid', s.vid, 'name', s.name, 'group_id', s.group_id,
    'created', s.made, 'last_updated', s.made)) new
  where not exists (select 1 from ipam_vlan v where v.group_id = s.group_id and v.vid = s.vid)
  order by s.i
  returning id, group_id, vid
)
insert into ipam_prefix
select new.*
from segment s
join vlan on vlan.group_id = s.group_id and vlan.vid = s.vid
cross join (select * from ipam_prefix order by id limit 1) pattern
cross join lateral jsonb_populate_record(null::ipam_prefix, to_jsonb(pattern) || jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('ipam_prefix', 'id')), 'prefix', s.prefix, 'vrf_id', s.vrf_id, 'vlan_id', vlan.id,
  'scope_id', s.scope_id, '_site_group_id', s.scope_id, 'description', s.name,
  'custom_field_data', jsonb_build_object('Cluster', case when s.i % 3 > 0 then 'cl-' || s.i % 5 end, 'DHCP', s.i % 2 = 0),
  'created', s.made, 'last_updated', s.made)) new
order by s.i;
analyze ipam_vlan, ipam_prefix;
select (select count(*) from ipam_vlan) || ' VLANs, ' || (select count(*) from ipam_prefix) || ' prefixes';
