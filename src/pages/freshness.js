// How old the data is, where it came from, what the last request cost, and what is wrong with NetBox.

import { answers, call } from './api.js';
import { byId, duration, el, plural } from './dom.js';

const SOURCES = [
  ['detail=stale-if-error', 'memory: NetBox fails'],
  ['detail=stale-while-revalidate', 'memory, being refreshed'],
  ['hit', 'memory'],
  ['fwd=', 'NetBox'],
];

// Problems that are to be tried again and are none of NetBox's load.
const OTHERS = ['store-unavailable', 'netbox-unprepared'];

// When the read of NetBox began that the shown data rests on, by this machine's clock.
let readAt = null;
// Where the last answer came from, and until when that counts as fresh.
let source = null;
let freshUntil = 0;
let sum = 0;

// Until when NetBox is to be left alone, by this machine's clock; null when nothing is known of that.
let busyUntil = null;

const span = (seconds) => duration(Math.max(0, Math.round(seconds)));

function showAge() {
  if (readAt !== null) byId('age').textContent = span((Date.now() - readAt) / 1000);
  const left = freshUntil - Date.now();
  if (source !== null) byId('source').textContent = left > 0 ? `${source}, fresh for ${span(left / 1000)}` : source;
}

// A warning above everything, one for each id; no text takes it away.
export function banner(id, kind, text, ...buttons) {
  byId(id)?.remove();
  if (text) byId('banners').append(el('div', { id, class: `banner ${kind}`, role: 'alert' }, el('span', {}, text), ...buttons));
}

function milliseconds(timing, name) {
  const part = timing.split(/,\s*/).find((entry) => entry.split(';')[0] === name);
  return Number.parseFloat(/dur=([\d.]+)/.exec(part ?? '')?.[1]);
}

// What an answer cost.
export function cost(headers) {
  const calls = Number(headers.get('x-netbox-calls') ?? 0);
  const total = milliseconds(headers.get('server-timing') ?? '', 'total');
  return plural(calls, 'NetBox call') + (Number.isNaN(total) ? '' : `, ${total} ms`);
}

function onAnswer({ detail: { method, path, status, headers, kind } }) {
  const calls = Number(headers.get('x-netbox-calls') ?? 0);
  sum += calls;
  byId('calls').textContent = `${calls} last, ${sum} in all`;
  const timing = headers.get('server-timing') ?? '';
  const [total, netbox] = [milliseconds(timing, 'total'), milliseconds(timing, 'netbox')];
  const took = total < 0.1 ? 'under 0.1 ms' : `${total} ms`;
  if (!Number.isNaN(total)) byId('took').textContent = calls ? `${took}, NetBox ${netbox} ms` : took;
  const cache = headers.get('cache-status');
  if (method === 'GET' && cache) {
    freshUntil = Date.now() + Number(/ttl=(\d+)/.exec(cache)?.[1] ?? 0) * 1000;
    source = SOURCES.find(([mark]) => cache.includes(mark))?.[1] ?? cache;
    byId('source').title = `Cache-Status: ${cache}`;
    const age = Number(headers.get('age') ?? 0);
    // The rows on the page are as old as the list that brought them.
    if (path?.startsWith('api/segments?')) readAt = Date.now() - age * 1000;
    showAge();
    const failing = cache.includes('stale-if-error');
    banner('stale', 'warn', failing && `NetBox can't be read just now. What you see is ${span(age)} old.`);
  }
  const after = Number.parseInt(headers.get('retry-after') ?? '', 10);
  if ((status === 429 || status === 503) && after >= 0 && !OTHERS.includes(kind)) busy(status, after);
  // An answer from memory, an old one above all, says nothing of NetBox.
  else if (calls > 0 && status < 400 && !/detail=stale/.test(cache ?? '')) calm();
}

function busy(status, after) {
  busyUntil = Date.now() + after * 1000;
  const time = new Date(busyUntil).toLocaleTimeString();
  banner('busy', 'warn', `NetBox is busy or can't be reached (${status}). Try again in ${after} s, at ${time}.`);
}

function calm() {
  busyUntil = null;
  banner('busy');
}

function tick() {
  showAge();
  if (busyUntil !== null && Date.now() >= busyUntil) calm();
}

// Deep health, asked for when wanted: it takes about eleven NetBox calls.
export async function health() {
  const close = el('button', { type: 'button', onclick: () => dialog.close() }, 'Close');
  const body = el('div', { 'aria-live': 'polite' }, 'Asking NetBox…');
  const dialog = el('dialog', { id: 'health-dialog', 'aria-labelledby': 'health-title' },
    el('form', {}, el('h2', { id: 'health-title' }, 'Health'), body, el('div', { class: 'actions' }, close)));
  dialog.addEventListener('close', () => dialog.remove());
  dialog.firstChild.addEventListener('submit', (event) => { event.preventDefault(); dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  try {
    const { value } = await call('GET', 'api/health?deep=true', { accept: 503 });
    const checks = value.checks.map(({ name, ok, detail, remedy }) => {
      const [kind, word] = !ok ? ['bad', 'fails'] : remedy ? ['warn', 'warning'] : ['free', 'ok'];
      return el('li', {}, el('span', {}, el('span', { class: `badge ${kind}` }, word)),
        el('span', {}, el('b', {}, `${name}: `), detail, remedy ? el('small', {}, remedy) : null));
    });
    body.replaceChildren(el('p', {}, value.status === 'ok' ? 'All that is needed is there.' : 'Something is missing.'), el('ul', { class: 'checks' }, ...checks));
  } catch (problem) {
    body.replaceChildren(el('p', { class: 'problem' }, problem.detail ?? problem.message));
  }
}

export function watch() {
  answers.addEventListener('answer', onAnswer);
  setInterval(tick, 1000);
}
