// Forms and buttons that ask the API for something: data-call says where, data-then what next.
import { FieldProblem, call, clearProblems, say, showProblem, upload } from './api.js';

const lines = (text) => text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
// Numbers may be grouped by commas, as in 50,000; what is no number is left for the server to refuse.
const number = (text) => {
  const digits = /^\d{1,3}([,，]\d{3})+(\.\d*)?$/.test(text) ? text.replace(/[,，]/g, '') : text;
  return Number.isNaN(Number(digits)) ? text : Number(digits);
};
const uploads = async (control) => {
  const found = [];
  for (const file of control.files) found.push({ upload: await upload(file) });
  return found;
};

// What a control of a form adds to the body of the request: name → value, lists grow.
const readers = {
  number: async (control) => (control.value.trim() === '' ? undefined : number(control.value.trim())),
  numbers: async (control) => {
    const found = control.value.split(/[;；\s]+/).filter(Boolean).map(number);
    return found.length > 1 ? found : found[0];
  },
  list: async (control) => control.value.split(/[;；\s]+/).filter(Boolean).map(number),
  lines: async (control) => lines(control.value),
  accounts: async (control) => {
    const found = lines(control.value);
    return found.length ? [found] : [];
  },
  meeting: async (control) => (control.value.trim() ? { where: control.value.trim() } : undefined),
  bool: async (control) => (control.checked ? true : undefined),
  flag: async (control) => (control.checked ? control.value : undefined),
  json: async (control) => (control.checked ? JSON.parse(control.value) : undefined),
  item: async (control) => (control.checked ? [JSON.parse(control.value)] : undefined),
  upload: async (control) => (await uploads(control))[0],
  uploads,
  load: async (control, form) => {
    const columns = form.querySelector(`[data-for="${control.dataset.role}"]`).value.trim();
    const more = { role: control.dataset.role, ...(columns && { columns }) };
    return (await uploads(control)).map((file) => ({ ...file, ...more }));
  },
  text: async (control) => control.value.trim() || undefined,
};

async function bodyOf(form) {
  const body = {};
  for (const control of form.elements) {
    if (!control.name || control.disabled) continue;
    const value = await readers[control.dataset.as ?? 'text'](control, form);
    if (value === undefined || (Array.isArray(value) && !value.length)) continue;
    const before = body[control.name];
    if (before !== undefined && !(Array.isArray(before) && Array.isArray(value))) {
      throw new FieldProblem(control.name, document.querySelector('#main').dataset.twice);
    }
    body[control.name] = Array.isArray(value) ? [...(before ?? []), ...value] : value;
  }
  return body;
}

// A key is shown this once: nobody can ask for it again.
function showKey(key) {
  const place = document.querySelector('#made');
  const field = place.querySelector('input');
  field.value = key;
  field.addEventListener('focus', () => field.select());
  place.hidden = false;
  place.focus();
}

function goOn(then, answer, button) {
  if (then === 'job') location.assign(`/jobs/${answer.id}`);
  else if (then === 'reload') location.reload();
  else if (then === 'key') {
    button?.removeAttribute('aria-busy');
    showKey(answer.key);
  } else location.assign(then);
}

async function busy(button, form, work) {
  if (button?.getAttribute('aria-busy') === 'true') return;
  clearProblems();
  button?.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (problem) {
    document.querySelector('#saying')?.remove();
    showProblem(problem, form);
    button?.removeAttribute('aria-busy');
  }
}

for (const form of document.querySelectorAll('form[data-call]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(event.submitter, form, async () => {
      const json = await bodyOf(form);
      goOn(form.dataset.then, await call('POST', form.dataset.call, { json }), event.submitter);
    });
  });
}

for (const button of document.querySelectorAll('button[data-call]')) {
  button.addEventListener('click', () => {
    // What cannot be undone is asked for twice: the first click turns the button into the question.
    if (button.dataset.sure && button.textContent !== button.dataset.sure) {
      button.textContent = button.dataset.sure;
      button.removeAttribute('aria-label');
      return;
    }
    busy(button, null, async () => {
      goOn(button.dataset.then, await call(button.dataset.method, button.dataset.call));
    });
  });
}

// The demo network: its files go the way of any others.
for (const form of document.querySelectorAll('form[data-demo]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(event.submitter, form, async () => {
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
