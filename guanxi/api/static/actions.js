// Forms and buttons that ask the API for something: data-call says where, data-then what next.
import { call, clearProblem, say, showProblem, upload } from './api.js';

const lines = (text) => text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);

// What a control of a form adds to the body of the request: name → value, lists grow.
const readers = {
  number: async (control) => (control.value === '' ? undefined : Number(control.value)),
  lines: async (control) => lines(control.value),
  accounts: async (control) => {
    const found = lines(control.value);
    return found.length ? [found] : [];
  },
  meeting: async (control) => (control.value.trim() ? { where: control.value.trim() } : undefined),
  bool: async (control) => (control.checked ? true : undefined),
  flag: async (control) => (control.checked ? control.value : undefined),
  upload: async (control) => {
    const found = [];
    for (const file of control.files) found.push({ upload: await upload(file) });
    return found;
  },
  load: async (control, form) => {
    const found = [];
    const columns = form.querySelector(`[data-for="${control.dataset.role}"]`).value.trim();
    for (const file of control.files) {
      found.push({ upload: await upload(file), role: control.dataset.role, ...(columns && { columns }) });
    }
    return found;
  },
  text: async (control) => control.value.trim() || undefined,
};

async function bodyOf(form) {
  const body = {};
  for (const control of form.elements) {
    if (!control.name || control.disabled) continue;
    const value = await readers[control.dataset.as ?? 'text'](control, form);
    if (value === undefined || (Array.isArray(value) && !value.length)) continue;
    body[control.name] = Array.isArray(value) ? [...(body[control.name] ?? []), ...value] : value;
  }
  return body;
}

function goOn(then, answer) {
  if (then === 'job') location.assign(`/jobs/${answer.id}`);
  else if (then === 'reload') location.reload();
  else location.assign(then);
}

async function busy(button, work) {
  if (button?.getAttribute('aria-busy') === 'true') return;
  clearProblem();
  button?.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (problem) {
    document.querySelector('#saying')?.remove();
    showProblem(problem.message);
    button?.removeAttribute('aria-busy');
  }
}

for (const form of document.querySelectorAll('form[data-call]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(event.submitter, async () => {
      const json = await bodyOf(form);
      goOn(form.dataset.then, await call('POST', form.dataset.call, { json }));
    });
  });
}

for (const button of document.querySelectorAll('button[data-call]')) {
  button.addEventListener('click', () => {
    busy(button, async () => {
      goOn(button.dataset.then, await call(button.dataset.method, button.dataset.call));
    });
  });
}

// The demo network: its files go the way of any others.
for (const form of document.querySelectorAll('form[data-demo]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(event.submitter, async () => {
      const files = [];
      for (const role of form.dataset.demo.trim().split(' ')) {
        const content = await (await fetch(`/demo/${role}`)).blob();
        files.push({ upload: await upload(new File([content], `${role}.csv.gz`)), role });
      }
      say('');
      const job = await call('POST', '/v1/load', { json: { files } });
      location.assign(`/jobs/${job.id}?then=analyze`);
    });
  });
}

// A form that comes back from the browser's memory is ready again.
addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
});
