// A dialog with a form: fields, the API's words beside the field they are about, and a preview.

import { byId, el, plural } from './dom.js';

function control(field) {
  const common = { id: `field-${field.name}`, name: field.name, 'aria-describedby': `error-${field.name} hint-${field.name}` };
  if (field.kind === 'select') {
    const options = field.options.map((value) => el('option', { value, selected: value === field.value }, value));
    return el('select', common, el('option', { value: '' }, 'Choose…'), ...options);
  }
  if (field.kind === 'checkbox') return el('input', { ...common, type: 'checkbox', checked: field.value === true });
  return el('input', {
    ...common, type: field.kind === 'password' ? 'password' : 'text', inputmode: field.kind === 'number' ? 'numeric' : null,
    value: field.value ?? '', autocomplete: 'off', spellcheck: 'false',
  });
}

function row(field, input) {
  const id = input.id;
  const label = field.kind === 'checkbox'
    ? el('label', { for: id, class: 'check' }, input, field.label)
    : el('label', { for: id }, field.label, input);
  return el('div', { class: field.half ? 'half' : '' }, label,
    el('div', { id: `error-${field.name}`, class: 'error' }), el('div', { id: `hint-${field.name}`, class: 'hint' }, field.hint ?? ''));
}

function value(field, input) {
  if (field.kind === 'checkbox') return input.checked;
  const text = field.kind === 'password' ? input.value : input.value.trim();
  // What is no number goes as it is: the API says best what would be right.
  return field.kind === 'number' && /^\d{1,9}$/.test(text) ? Number(text) : text;
}

// What is wrong, and what would be right. Mistakes in settings name the setting instead of a place in the request.
export function words(error) {
  const detail = (error.setting ? `${error.setting}: ` : '') + (error.detail ?? '');
  return error.expected ? `${detail.replace(/\.?$/, '.')} Right would be: ${error.expected}.` : detail;
}

function preview(answer) {
  const writes = answer.netbox_writes.map((write) => el('li', {},
    `${write.method} ${write.path}: ${plural(write.objects, 'object')} in ${plural(write.calls, 'call')}`));
  const shown = { epg_name: 'EPG name', segment: 'Network', vlan_id: 'VLAN', site: 'Site', vrf: 'VRF', cluster_name: 'Cluster' };
  const segments = answer.segments.map((segment) => el('dl', {}, ...Object.entries(shown).flatMap(
    ([name, label]) => [el('dt', {}, label), el('dd', {}, String(segment[name] ?? '–'))])));
  return [el('strong', {}, 'Preview: nothing was changed.'),
    el('p', {}, writes.length ? 'NetBox would be asked for:' : 'NetBox would not be asked for anything.'), el('ul', {}, ...writes), ...segments];
}

// Shows the dialog. `send(values, dryRun)` does the work and may throw a Problem. Resolves to what it gave, or to null.
export function formDialog({ id, title, intro = '', fields, verb, previews = false, problem = null, send, onAnswer }) {
  const dialog = byId('form-template').content.firstElementChild.cloneNode(true);
  dialog.id = id;
  const part = (selector) => dialog.querySelector(selector);
  const [problemBox, previewBox, submit] = ['.problem', '.preview', '[type=submit]'].map(part);
  part('h2').textContent = title;
  part('h2').id = `${id}-title`;
  dialog.setAttribute('aria-labelledby', `${id}-title`);
  part('.intro').textContent = intro;
  submit.textContent = verb;
  part('[value=preview]').hidden = !previews;
  const inputs = new Map(fields.map((field) => [field.name, control(field)]));
  part('.fields').append(...fields.map((field) => row(field, inputs.get(field.name))));

  function clear() {
    problemBox.replaceChildren();
    previewBox.replaceChildren();
    for (const [name, input] of inputs) {
      input.removeAttribute('aria-invalid');
      part(`#error-${name}`).textContent = '';
    }
  }

  function show(wrong) {
    const elsewhere = [];
    for (const error of wrong.errors) {
      const name = (error.pointer ?? '').replace(/^\//, '');
      const input = inputs.get(name);
      if (!input) { elsewhere.push(words(error)); continue; }
      const place = part(`#error-${name}`);
      place.textContent = [place.textContent, words(error)].filter(Boolean).join(' ');
      input.setAttribute('aria-invalid', 'true');
    }
    elsewhere.push(...wrong.alternatives.map((at) => `Free: ${at.available} at ${at.site} in ${at.vrf}`));
    elsewhere.push(...wrong.left.map((what) => `Left in NetBox: ${what}`));
    if (wrong.retryAfter !== null && wrong.retryAfter !== undefined) elsewhere.push(`Try again in ${wrong.retryAfter} s.`);
    const heading = wrong.title ? `${wrong.title}: ` : '';
    problemBox.append(el('strong', {}, heading), wrong.title || !wrong.errors.length ? wrong.detail : 'See below.');
    if (elsewhere.length) problemBox.append(el('ul', {}, ...elsewhere.map((text) => el('li', {}, text))));
    (dialog.querySelector('[aria-invalid]') ?? inputs.values().next().value ?? submit).focus();
  }

  return new Promise((resolve) => {
    let result = null;
    let busy = false;
    async function run(dryRun) {
      if (busy) return;
      busy = true;
      clear();
      previewBox.textContent = 'Working…';
      dialog.setAttribute('aria-busy', 'true');
      dialog.querySelectorAll('button:not([value=cancel])').forEach((button) => button.setAttribute('aria-disabled', 'true'));
      try {
        const entered = fields.map((field) => [field.name, value(field, inputs.get(field.name))]);
        // What is empty is left out: the API then says that it is missing.
        const values = Object.fromEntries(entered.filter(([, one]) => one !== ''));
        const answer = await send(values, dryRun);
        if (dryRun) previewBox.replaceChildren(...preview(answer));
        else {
          result = answer;
          // The write is done even if somebody closed the dialog meanwhile.
          onAnswer?.(answer);
          dialog.close();
        }
      } catch (wrong) {
        previewBox.replaceChildren();
        if (!wrong.errors) throw wrong;
        show(wrong);
        if (!dialog.open) onAnswer?.(null, wrong);
      } finally {
        busy = false;
        dialog.removeAttribute('aria-busy');
        dialog.querySelectorAll('[aria-disabled]').forEach((button) => button.removeAttribute('aria-disabled'));
      }
    }
    part('form').addEventListener('submit', (event) => { event.preventDefault(); run(false); });
    // What was shown belongs to what was entered then.
    part('form').addEventListener('input', () => previewBox.replaceChildren());
    part('[value=preview]').addEventListener('click', () => run(true));
    part('[value=cancel]').addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => { dialog.remove(); resolve(result); });
    document.body.append(dialog);
    dialog.showModal();
    if (problem) show(problem);
    (inputs.values().next().value ?? submit).focus();
  });
}
