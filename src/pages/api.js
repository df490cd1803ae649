// Calls to the API: the token, the keys of writes, and what each answer says about itself.

import { formDialog } from './form.js';

const TOKEN = 'segment-edge-token';
// Where this page is, so that it also works behind a proxy that serves it under a path.
const BASE = new URL('.', document.baseURI);

// Every answer is an `answer` event, with the headers that tell what it cost.
export const answers = new EventTarget();

const kindOf = (body) => (body?.type ?? '').split(':').pop();

// An RFC 9457 problem, or that there was no answer at all (status 0).
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.detail || body.title || `HTTP ${status}`);
    Object.assign(this, { status, title: body.title, detail: this.message, retryAfter });
    this.errors = body.errors ?? [];
    this.alternatives = body.alternatives ?? [];
    this.left = body.left ?? [];
    this.kind = kindOf(body);
  }

  // Whether the same request, with the same key, may be sent again to learn how it ended.
  get isOpen() {
    return this.status === 0 || this.status >= 500 || this.kind === 'idempotency-key-running';
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  forget: () => sessionStorage.removeItem(TOKEN),
};

let asking = null;

// Asks for a token, once for all calls that miss one. Whether there is another one now.
async function askForToken(used, problem) {
  if (token.get() !== used) return true;
  asking ??= formDialog({
    id: 'token-dialog',
    title: 'Token needed',
    intro: 'It is kept in this tab until the tab is closed, and sent to this service only.',
    verb: 'Continue',
    fields: [{ name: 'token', label: 'API token', kind: 'password' }],
    problem: used ? problem : null,
    send: ({ token: given = '' }) => {
      if (!/^[\x21-\x7e]+$/.test(given)) {
        throw new Problem(0, { errors: [{ pointer: '/token', detail: 'A token is visible ASCII characters without spaces.' }] });
      }
      sessionStorage.setItem(TOKEN, given);
      return true;
    },
  }).finally(() => { asking = null; });
  return Boolean(await asking);
}

async function once(method, path, body, headers, signal) {
  const sent = { Accept: 'application/json', ...headers };
  const used = token.get();
  if (used) sent.Authorization = `Bearer ${used}`;
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  const options = { method, headers: sent, body: body && JSON.stringify(body), signal, cache: 'no-store', redirect: 'error' };
  let response, value;
  try {
    response = await fetch(new URL(path, BASE), options);
    const text = await response.text();
    value = text && (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : null;
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0, { title: 'No answer', detail: `segment-edge gave no whole answer (${error.message}). Look before you send a write again.` });
  }
  return { used, response, value };
}

// Sends a request; gives status, headers and value, or throws a Problem. `accept` is an error status that is an answer too.
export async function call(method, path, { body, headers, signal, accept } = {}) {
  for (;;) {
    const { used, response, value } = await once(method, path, body, headers, signal);
    const retry = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    answers.dispatchEvent(new CustomEvent('answer', { detail: { method, path, status: response.status, headers: response.headers, kind: kindOf(value) } }));
    if (response.ok || (response.status === accept && value?.checks)) {
      return { status: response.status, headers: response.headers, value };
    }
    const problem = new Problem(response.status, value ?? {}, Number.isNaN(retry) ? null : retry);
    if (response.status !== 401 || !(await askForToken(used, problem))) throw problem;
  }
}

// A random UUID; crypto.randomUUID is only there in secure contexts.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

// Sends writes. A key stands for one request: it is kept only while nobody knows how that request ended.
export function writer() {
  let open = null;
  return async (method, path, body, headers = {}) => {
    const request = JSON.stringify([method, path, body, headers]);
    if (open?.request !== request) open = { request, key: uuid() };
    try {
      const answer = await call(method, path, { body, headers: { ...headers, 'Idempotency-Key': open.key } });
      open = null;
      return answer;
    } catch (problem) {
      if (!problem.isOpen) open = null;
      throw problem;
    }
  };
}
