// The API, read from its own description.

import { byId, el } from './dom.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
let description;

// Follows a reference inside the description.
function resolved(value) {
  if (!value?.$ref) return value;
  return value.$ref.slice(2).split('/').reduce((at, name) => at[name.replaceAll('~1', '/').replaceAll('~0', '~')], description);
}

const named = (value) => value.$ref?.split('/').pop();
const code = (text) => el('code', {}, text);
// A text in which what stands between backticks is code.
const prose = (text) => (text ?? '').split('`').map((part, at) => (at % 2 ? code(part) : part));

// What a schema takes, in a few words; names of other schemas are links. A file that is no text has none.
function kind(schema) {
  if (!schema) return ['a file'];
  if (schema.$ref) return [el('a', { href: `#schema-${named(schema)}` }, named(schema))];
  if (schema.anyOf) return schema.anyOf.flatMap((one, at) => (at ? [' or ', ...kind(one)] : kind(one)));
  if ('const' in schema) return [code(JSON.stringify(schema.const))];
  if (schema.enum) return schema.enum.flatMap((one, at) => (at ? [', ', code(JSON.stringify(one))] : [code(JSON.stringify(one))]));
  const types = [schema.type ?? 'any'].flat().join(' or ');
  if (schema.items) return [`${types} of `, ...kind(schema.items)];
  return [types];
}

// The limits of a schema.
function limits(schema) {
  const of = (name, words) => (schema[name] === undefined ? [] : [`${words} ${schema[name]}`]);
  return [
    ...of('minimum', 'at least'), ...of('maximum', 'at most'), ...of('minLength', 'length from'), ...of('maxLength', 'length to'),
    ...of('minItems', 'items from'), ...of('maxItems', 'items to'), ...of('default', 'by default'), ...of('pattern', 'matches'),
  ].join(', ');
}

function row(name, what, schema, required) {
  const limit = limits(schema);
  return el('tr', {},
    el('th', { scope: 'row' }, code(name)),
    el('td', {}, ...kind(schema), required ? ', required' : ''),
    el('td', {}, ...prose(what), limit ? el('span', { class: 'soft' }, `${what ? ' ' : ''}(${limit})`) : null));
}

function table(caption, rows) {
  return rows.length ? el('table', {}, el('caption', {}, caption), el('tbody', {}, ...rows)) : null;
}

function fields(schema) {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).map(([name, field]) => row(name, resolved(field).description, field, required.includes(name)));
}

// The headers that let a request in, by the first way that the operation takes; none where it takes one without any.
function secured(operation) {
  const ways = operation.security ?? description.security ?? [];
  if (!ways.length || ways.some((way) => !Object.keys(way).length)) return [];
  return Object.keys(ways[0]).map((name) => {
    const scheme = description.components.securitySchemes[name];
    const value = `$${name.toUpperCase()}`;
    return scheme.type === 'http' ? `-H "Authorization: Bearer ${value}"` : `-H "${scheme.name}: ${value}"`;
  });
}

function curl(method, path, operation, parameters) {
  const parts = ['curl'];
  if (method !== 'get') parts.push('-X', method.toUpperCase());
  const needed = parameters.filter((one) => one.required);
  const of = (place) => needed.filter((one) => one.in === place).map((one) => [one.name, String(one.example)]);
  parts.push(...secured(operation), ...of('header').map(([name, value]) => `-H '${name}: ${value}'`));
  const [media, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (body) parts.push(`-H 'Content-Type: ${media}'`);
  // A file goes into one with the name that it comes with.
  if (Object.values(operation.responses).some((one) => resolved(one).headers?.['Content-Disposition'])) parts.push('-OJ');
  const filled = of('path').reduce((at, [name, value]) => at.replace(`{${name}}`, encodeURIComponent(value)), path);
  const query = new URLSearchParams(of('query'));
  parts.push(`"$EDGE${filled}${query.size ? `?${query}` : ''}"`);
  if (body) parts.push(`\\\n  -d '${typeof body.example === 'string' ? body.example : JSON.stringify(body.example)}'`);
  return parts.join(' ');
}

// An example that is opened when it is wanted.
function example(name, { value }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return el('details', {}, el('summary', {}, `Example: ${name}`), el('pre', { tabindex: '0', 'aria-label': `Example: ${name}` }, text));
}

// Examples of an answer; those of problems stand with the problems.
const examples = (content) => Object.entries(content ?? {}).filter(([media]) => !media.includes('problem'))
  .flatMap(([, media]) => Object.entries(media.examples ?? {}).map(([name, one]) => example(name, resolved(one))));

function shown(method, path, item) {
  const operation = item[method];
  const parameters = [...(item.parameters ?? []), ...operation.parameters].map(resolved);
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const { description: what, content } = resolved(answer);
    const schemas = Object.entries(content ?? {}).flatMap(([media, { schema }]) => [el('br'), el('span', { class: 'soft' }, `${media}: `, ...kind(schema))]);
    return el('tr', {}, el('th', { scope: 'row' }, status), el('td', {}, ...prose(what), ...schemas, ...examples(content)));
  });
  return el('article', { class: 'operation', id: operation.operationId },
    el('h3', {}, el('span', { class: 'method' }, method.toUpperCase()), code(path), operation.summary),
    el('p', {}, ...prose(operation.description)),
    table('Parameters', parameters.map((one) => row(one.name, `${one.description} In the ${one.in}.`, one.schema, one.required))),
    ...bodies.map(([media, { schema }]) => el('p', {}, 'Body: ', code(media), ' ', ...kind(schema))),
    table('Answers', answers),
    el('pre', { class: 'command', tabindex: '0', 'aria-label': 'Command' }, curl(method, path, operation, parameters)));
}

function show() {
  byId('version').textContent = `version ${description.info.version}`;
  byId('about').append(el('p', {}, description.info.summary, '. ', ...prose(description.info.description)), ...Object.entries(description.components.securitySchemes).map(([name, one]) => el('p', {}, code(name), ': ', ...prose(one.description))));
  for (const tag of description.tags) {
    const all = Object.entries(description.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method]?.tags.includes(tag.name)).map((method) => [method, path, item]));
    byId('contents').append(el('h3', {}, tag.description), el('ul', {}, ...all.map(([method, , item]) => el('li', {}, el('a', { href: `#${item[method].operationId}` }, item[method].summary)))));
    byId('operations').append(el('section', { 'aria-label': tag.description }, el('h2', {}, tag.description), ...all.map((one) => shown(...one))));
  }
  const problems = Object.entries(description.components.examples).filter(([, { value }]) => value.type?.startsWith('urn:')).map(([name, one]) => el('tr', {},
    el('th', { scope: 'row' }, code(name)), el('td', {}, String(one.value.status)), el('td', {}, ...prose(`${one.value.title}. ${one.description}`), example(name, one))));
  byId('problems').append(el('p', {}, code('application/problem+json'), ' (RFC 9457): programs look at ', code('type'), ' and at ', code('rule'), ' in ', code('errors'), '.'), table('Kinds', problems));
  for (const [name, schema] of Object.entries(description.components.schemas)) {
    const rows = fields(schema);
    byId('schemas').append(el('article', { class: 'schema', id: `schema-${name}` },
      el('h3', {}, name),
      schema.description ? el('p', {}, ...prose(schema.description)) : null,
      rows.length ? table('Fields', rows) : el('p', {}, ...kind(schema))));
  }
  // The place that was asked for did not exist when the page was opened.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

try {
  const answer = await fetch(new URL('api/openapi.json', document.baseURI));
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  description = await answer.json();
  show();
  byId('status').textContent = '';
} catch (error) {
  byId('status').textContent = `The description can't be shown: ${error.message}`;
}
