// The page: the list with its filters and pages, and the utilisation.

import { allocate, create, release, rename } from './actions.js';
import { call, token } from './api.js';
import { byId, el, plural, say } from './dom.js';
import { words } from './form.js';
import { banner, health, watch } from './freshness.js';

const filters = byId('filters');
const listing = byId('listing');
const known = { sites: [], vrfs: [] };
// The cursors of the pages before this one; the first page has none.
let trail = [];
let cursor = null;
let next = null;
let reading = null;
let counting = null;
// Whether the overview is to be read after the next list that is shown.
let due = true;

function chosen() {
  const entries = [...new FormData(filters)].map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(entries.filter(([, value]) => value));
}

function cells(segment) {
  const names = (segment.cluster_name ?? '').split(',').filter(Boolean);
  const state = names.length ? el('span', {}, el('span', { class: 'badge used' }, 'allocated'), names.join(', '))
    : el('span', {}, el('span', { class: 'badge free' }, 'free'), segment.released ? 'released' : null);
  const called = `${segment.epg_name}, VLAN ${segment.vlan_id}`;
  const after = (what) => (now) => changed(now, what);
  const button = (what, work) => el('button', {
    type: 'button', 'data-do': what, 'aria-label': `${what} ${called}`, onclick: () => work(segment, after(what)),
  }, what);
  return [
    ['VLAN', 'number', String(segment.vlan_id)],
    ['EPG name', '', el('span', {}, segment.epg_name, segment.description ? el('small', {}, segment.description) : null)],
    ['Network', 'code', segment.segment],
    ['Site', '', segment.site],
    ['VRF', '', segment.vrf],
    ['DHCP', '', segment.dhcp ? 'yes' : 'no'],
    ['State', '', state],
    ['Actions', '', el('span', { class: 'actions' }, names.length ? button('Release', release) : null, button('Rename', rename))],
  ];
}

function row(segment) {
  return el('tr', { role: 'row', 'data-id': segment.id }, ...cells(segment).map(([label, kind, content]) =>
    el('td', { role: 'cell', 'data-label': label, class: kind || null }, el('span', {}, content))));
}

// In the place of rows: that there are none, or why.
function instead(...content) {
  byId('instead').replaceChildren(...content);
  byId('instead').hidden = content.length === 0;
}

const enable = (id, on) => byId(id).setAttribute('aria-disabled', String(!on));

// The query of the next page. Only that is taken from the header, so that a proxy may serve us under another path.
function nextCursor(headers) {
  const address = /<([^>]*)>;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];
  return address ? new URLSearchParams(address.slice(address.indexOf('?'))).get('cursor') : null;
}

function showPage(value, headers) {
  const total = Number(headers.get('x-total-count') ?? value.length);
  const first = trail.length * Number(byId('limit').value) + 1;
  byId('rows').replaceChildren(...value.map(row));
  next = nextCursor(headers);
  enable('next', next !== null);
  enable('previous', trail.length > 0);
  const range = value.length ? `${first}–${first + value.length - 1} of ${total}` : '';
  byId('range').textContent = range;
  if (value.length) instead();
  else if (Object.keys(chosen()).length) instead(el('p', {}, 'No segment matches.'), el('button', { type: 'button', onclick: () => filters.reset() }, 'Clear the filters'));
  else instead(el('p', {}, 'There are no segments yet.'), el('button', { type: 'button', class: 'primary', onclick: openCreate }, 'Create segment'));
  return value.length ? `${plural(total, 'segment')} found, ${range} shown.` : 'No segment found.';
}

// Reads the present page. What a later read has overtaken is not shown.
async function list({ quiet = false } = {}) {
  reading?.abort();
  const mine = reading = new AbortController();
  listing.setAttribute('aria-busy', 'true');
  // Where to go from a page is only known once it is there.
  next = null;
  enable('next', false);
  enable('previous', false);
  const shown = new URLSearchParams(chosen());
  history.replaceState(null, '', shown.size ? `?${shown}` : location.pathname);
  const query = new URLSearchParams({ ...chosen(), limit: byId('limit').value, ...(cursor ? { cursor } : {}) });
  try {
    const { value, headers } = await call('GET', `api/segments?${query}`, { signal: mine.signal });
    if (!value.length && trail.length) {
      // The last of this page is gone.
      cursor = trail.pop();
      return await list({ quiet });
    }
    const told = showPage(value, headers);
    if (!quiet) say(told);
    byId('forget').hidden = !token.get();
    if (due) overview();
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    const reasons = (problem.errors ?? []).map((error) => [error.pointer?.replace('?', ''), words(error)].filter(Boolean).join(': '));
    byId('rows').replaceChildren();
    byId('range').textContent = '';
    enable('previous', trail.length > 0);
    instead(el('p', { role: 'alert' }, [problem.title, problem.detail ?? problem.message, ...reasons].filter(Boolean).join(' – ')),
      el('button', { type: 'button', onclick: start }, 'Try again'));
    if (!quiet) say('');
    byId('forget').hidden = !token.get();
  } finally {
    if (reading === mine) listing.setAttribute('aria-busy', 'false');
  }
}

function bars(id, counts, filter) {
  byId(id).replaceChildren(...Object.entries(counts).map(([name, { total, allocated, available }]) => {
    const used = el('i');
    used.style.width = `${total ? (100 * allocated) / total : 0}%`;
    const choose = () => { filters.elements[filter].value = name; fromStart(); };
    return el('li', { 'data-name': name },
      el('button', { type: 'button', title: `Show the segments of ${name}`, onclick: choose }, name),
      el('span', { class: 'bar', 'aria-hidden': 'true' }, used),
      el('span', { class: 'counts' }, `${allocated} of ${total} used, `, el('b', {}, `${available} free`)));
  }));
}

function options(name, names) {
  const select = filters.elements[name];
  const kept = select.value;
  // The API takes sites in any case.
  const plain = (value) => (name === 'site' ? value.toLowerCase() : value);
  const same = names.find((value) => plain(value) === plain(kept));
  // What filters the list is shown, even where no segment has it.
  const all = kept && !same ? [kept, ...names] : names;
  select.replaceChildren(select.options[0], ...all.map((value) => el('option', { value }, value)));
  select.value = same ?? kept;
}

async function overview() {
  due = false;
  counting?.abort();
  const { signal } = counting = new AbortController();
  try {
    const [stats, sites, vrfs] = (await Promise.all(['stats', 'sites', 'vrfs'].map((what) => call('GET', `api/${what}`, { signal })))).map(({ value }) => value);
    const totals = { Segments: stats.total_segments, Allocated: stats.allocated, Free: stats.available, 'Of these released': stats.released, Utilisation: `${stats.utilization} %` };
    byId('totals').replaceChildren(...Object.entries(totals).map(([name, value]) =>
      el('div', {}, el('dt', {}, name), el('dd', {}, value.toLocaleString('en')))));
    bars('by-site', stats.by_site, 'site');
    bars('by-vrf', stats.by_vrf, 'vrf');
    Object.assign(known, sites, vrfs);
    options('site', known.sites);
    options('vrf', known.vrfs);
    banner('overview');
  } catch (problem) {
    if (signal.aborted) return;
    banner('overview', 'bad', `Utilisation, sites and VRFs could not be read: ${problem.detail ?? problem.message}`,
      el('button', { type: 'button', onclick: start }, 'Try again'));
  }
}

// The list goes first: what it makes segment-edge read, the others need not ask NetBox for again.
function start() {
  due = true;
  return list();
}

function fromStart() {
  trail = [];
  cursor = null;
  return list();
}

// After a write: everything anew, and the focus back to where it was, if that is still there.
async function changed(segment, what) {
  await Promise.all([list({ quiet: true }), overview()]);
  if (document.activeElement !== document.body) return;
  const here = byId('rows').querySelector(`[data-id="${CSS.escape(segment.id)}"]`);
  (here?.querySelector(`[data-do="${what}"]`) ?? here?.querySelector('button') ?? byId('segments')).focus();
}

const openCreate = () => create(known, chosen(), (made) => changed(made, 'Rename'));
const openAllocate = () => allocate(known, chosen(), (got) => changed(got, 'Release'));
const whenEnabled = (work) => ({ currentTarget }) => { if (currentTarget.getAttribute('aria-disabled') !== 'true') work(); };

let typing = 0;
filters.addEventListener('input', ({ target }) => {
  clearTimeout(typing);
  typing = setTimeout(fromStart, target.tagName === 'SELECT' ? 0 : 250);
});
filters.addEventListener('submit', (event) => { event.preventDefault(); clearTimeout(typing); fromStart(); });
// The fields are empty only after this event.
filters.addEventListener('reset', () => setTimeout(fromStart));
byId('limit').addEventListener('change', fromStart);
byId('next').addEventListener('click', whenEnabled(() => { trail.push(cursor); cursor = next; list(); }));
byId('previous').addEventListener('click', whenEnabled(() => { cursor = trail.pop(); list(); }));
byId('create').addEventListener('click', openCreate);
byId('allocate').addEventListener('click', openAllocate);
byId('refresh').addEventListener('click', start);
byId('health').addEventListener('click', health);
byId('forget').addEventListener('click', () => { token.forget(); location.reload(); });

for (const [name, value] of new URLSearchParams(location.search)) {
  const field = filters.elements[name];
  if (field?.tagName === 'INPUT' || name === 'allocated') field.value = value;
  // The names of places are not known yet: this one is, and what others there are comes later.
  else if (field?.tagName === 'SELECT' && value) {
    field.append(el('option', { value }, value));
    field.value = value;
  }
}
watch();
start();
