// What can be done to segments: create, allocate, release, rename.

import { Problem, call, writer } from './api.js';
import { say } from './dom.js';
import { formDialog } from './form.js';
import { cost } from './freshness.js';

// A dialog that sends one write. `request(values)` gives its method, path, body and headers.
function write({ id, title, intro, fields, verb, request, told, done, refused }) {
  const send = writer();
  let spent = '';
  return formDialog({
    id, title, intro, fields, verb, previews: true,
    send: async (values, dryRun) => {
      const { method, path, body, headers } = await request(values);
      try {
        const answer = dryRun
          ? await call(method, `${path}?dry_run=true`, { body, headers })
          : await send(method, path, body, headers);
        spent = cost(answer.headers);
        return answer.value;
      } catch (problem) {
        refused?.(problem);
        throw problem;
      }
    },
    onAnswer: (segment, problem) => {
      say(problem ? `${title} failed: ${problem.detail}` : `${told(segment)} ${spent}.`, true);
      if (segment) done(segment);
    },
  });
}

const places = (known, chosen) => [
  { name: 'site', label: 'Site', kind: 'select', options: known.sites, value: chosen.site, half: true },
  { name: 'vrf', label: 'VRF', kind: 'select', options: known.vrfs, value: chosen.vrf, half: true },
];

export function create(known, chosen, done) {
  return write({
    id: 'create-dialog', title: 'Create segment', verb: 'Create', done,
    fields: [
      ...places(known, chosen),
      { name: 'vlan_id', label: 'VLAN id', kind: 'number', hint: '1 to 4094', half: true },
      { name: 'segment', label: 'Network', hint: 'Such as 172.20.0.0/24', half: true },
      { name: 'epg_name', label: 'EPG name' },
      { name: 'description', label: 'Description (optional)' },
      { name: 'dhcp', label: 'DHCP', kind: 'checkbox' },
    ],
    request: (body) => ({ method: 'POST', path: 'api/segments', body }),
    told: (made) => `Created ${made.epg_name}: VLAN ${made.vlan_id}, ${made.segment}.`,
  });
}

export function allocate(known, chosen, done) {
  return write({
    id: 'allocate-dialog', title: 'Allocate a segment', verb: 'Allocate', done,
    intro: 'Gives a free segment of a site and VRF to a cluster. A cluster that has one there keeps it.',
    fields: [
      { name: 'cluster_name', label: 'Cluster' },
      ...places(known, chosen),
      { name: 'strategy', label: 'Which (optional)', kind: 'select', options: ['first', 'last', 'random'], hint: 'By VLAN id; first if none is chosen', half: true },
      { name: 'prefix_length', label: 'Prefix length (optional)', kind: 'number', hint: 'Such as 24', half: true },
    ],
    request: (body) => ({ method: 'POST', path: 'api/allocate-vlan', body }),
    told: (got) => `${got.message}: ${got.epg_name}, VLAN ${got.vlan_id}, ${got.segment}.`,
  });
}

export function release(segment, done) {
  const clusters = segment.cluster_name.split(',');
  return write({
    id: 'release-dialog', title: `Release ${segment.epg_name}`, verb: 'Release', done,
    intro: `VLAN ${segment.vlan_id}, ${segment.segment}, at ${segment.site} in ${segment.vrf}. `
      + (clusters.length > 1 ? 'Other clusters on it stay.' : 'Then it is free for others.'),
    fields: [{ name: 'cluster_name', label: 'Cluster', kind: 'select', options: clusters, value: clusters.length === 1 ? clusters[0] : null }],
    request: ({ cluster_name }) => ({
      method: 'POST', path: 'api/release-vlan', body: { cluster_name, site: segment.site, vrf: segment.vrf, id: segment.id },
    }),
    told: (given) => `Released ${given.epg_name}${given.cluster_name ? `; still used by ${given.cluster_name}` : ''}.`,
  });
}

export function rename(segment, done) {
  const path = `api/segments/${encodeURIComponent(segment.id)}`;
  // The tag says what the user has seen: what came after it makes the write fail instead of being overwritten.
  let tag = null;
  let seen = segment.epg_name;
  return write({
    id: 'rename-dialog', title: 'Rename segment', verb: 'Rename', done,
    intro: `VLAN ${segment.vlan_id}, ${segment.segment}, at ${segment.site} in ${segment.vrf}.`,
    fields: [{ name: 'epg_name', label: 'EPG name', value: segment.epg_name }],
    // A change of nothing would be no mistake.
    request: async ({ epg_name = '' }) => {
      if (tag === null) {
        const now = await call('GET', path);
        if (now.value.epg_name !== seen) {
          const before = seen;
          seen = now.value.epg_name;
          throw new Problem(412, {
            title: 'Renamed meanwhile',
            detail: `it was ${before} when you opened this, and is ${seen} now; nothing was changed. Send it again to rename it all the same.`,
          });
        }
        tag = now.headers.get('etag');
      }
      return { method: 'PATCH', path, body: { epg_name }, headers: { 'If-Match': tag } };
    },
    refused: (problem) => { if (problem.status === 412) tag = null; },
    told: (now) => `Renamed to ${now.epg_name}.`,
  });
}
