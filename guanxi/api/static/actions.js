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
  try {
    for (const file of control.files) found.push({ upload: await upload(file) });
  } catch (problem) {
    problem.control = control;
    throw problem;
  }
  return found;
};

// A file of a load with what the form says of all files of its role; of one that was sent before,
// with what was changed.
function ofRole(file, form, all = false) {
  const found = { ...file };
  for (const control of form.querySelectorAll(`[data-for="${file.role}"]`)) {
    if (!all && control.value === control.defaultValue) continue;
    found[control.dataset.field] = control.value.trim() || undefined;
  }
  return found;
}

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
  conditions: async (control) => lines(control.value).map((where) => ({ where })),
  meeting: async (control) => (control.value.trim() ? { where: control.value.trim() } : undefined),
  bool: async (control) => (control.checked ? true : undefined),
  flag: async (control) => (control.checked ? control.value : undefined),
  json: async (control) => (control.checked ? JSON.parse(control.value) : undefined),
  item: async (control, form) => (control.checked ? [ofRole(JSON.parse(control.value), form)] : undefined),
  truth: async (control) => (control.value === '' ? undefined : control.value === 'true'),
  exact: async (control) => control.value || undefined,
  megabytes: async (control) => (control.value === '' ? undefined : Math.round(Number(control.value) * 1024 * 1024)),
  upload: async (control) => (await uploads(control))[0],
  uploads,
  load: async (control, form) => {
    const { role } = control.dataset;
    return (await uploads(control)).map((file) => ofRole({ ...file, role }, form, true));
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
function showKey(key, form) {
  const place = document.querySelector('#made');
  const field = place.querySelector('input');
  field.value = key;
  field.addEventListener('focus', () => field.select());
  place.hidden = false;
  place.focus();
  // After the first key nobody makes another one, or sees any, without it.
  const first = document.querySelector('#no-key');
  form.hidden = first !== null;
  if (first) first.remove();
  else listKeys();
}

// The keys as the server lists them now.
async function listKeys() {
  const answer = await fetch('/keys').catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const listed = page.querySelector('#listed');
  if (!listed) return;
  document.querySelector('#listed').replaceWith(listed);
  watchButtons(listed);
}

function goOn(then, answer, button, form) {
  if (then === 'job') location.assign(`/jobs/${answer.id}`);
  else if (then === 'reload') location.reload();
  else if (then === 'key') {
    button?.removeAttribute('aria-busy');
    form.reset();
    showKey(answer.key, form);
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
      const answer = await call('POST', form.dataset.call, { json });
      goOn(form.dataset.then, answer, event.submitter, form);
    });
  });
}

function watchButtons(place) {
  for (const button of place.querySelectorAll('button[data-call]')) {
    button.addEventListener('click', () => {
      // What cannot be undone is asked for twice: the first click makes the button the question.
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
}

watchButtons(document);

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
      const job = await call('POST', '/v1/load', { json: { files, analyze: true } });
      location.assign(`/jobs/${job.id}`);
    });
  });
}

// A form that comes back from the browser's memory is ready again.
addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
});
