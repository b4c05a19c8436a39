// Calls of the API, with the token of the session; problems are shown on the page and read out.
const main = document.querySelector('#main');
const token = document.querySelector('meta[name="csrf-token"]')?.content;

// A problem with one field of a form.
export class FieldProblem extends Error {
  constructor(field, message) {
    super(message);
    this.fields = [{ name: field, message }];
  }
}

export async function call(method, address, { json, file } = {}) {
  // The language of the page: problems are told in it.
  const headers = { Accept: 'application/json', 'Accept-Language': document.documentElement.lang };
  const sent = { method, headers };
  if (token && method !== 'GET') headers['X-CSRF-Token'] = token;
  if (json !== undefined) {
    headers['Content-Type'] = 'application/json';
    sent.body = JSON.stringify(json);
  } else if (file) {
    headers['Content-Type'] = 'application/octet-stream';
    sent.body = file;
  }
  let answer;
  try {
    answer = await fetch(address, sent);
  } catch {
    throw new Error(main.dataset.offline);
  }
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return body;
  // The engine tells programs how to send a key; on a page one logs in.
  if (answer.status === 401 && address !== '/v1/session') throw new Error(main.dataset.login);
  const problem = new Error(body?.detail ?? `${answer.status} ${answer.statusText}`);
  problem.language = answer.headers.get('Content-Language') ?? 'en';
  problem.fields = (body?.errors ?? []).map(({ place, message }) => ({
    name: place.split('.')[1],
    message,
  }));
  throw problem;
}

export async function upload(file) {
  if (!file.size) throw new Error(main.dataset.nothing.replace('{name}', () => file.name));
  say(main.dataset.sending.replace('{name}', () => file.name));
  const query = new URLSearchParams({ name: file.name });
  try {
    return (await call('POST', `/v1/uploads?${query}`, { file })).id;
  } catch (problem) {
    problem.message = `${file.name}: ${problem.message}`;
    throw problem;
  }
}

// A sentence that a screen reader speaks, and that stands beside the button that is busy.
export function say(text) {
  let place = document.querySelector('#saying');
  if (!place) {
    place = document.createElement('p');
    place.id = 'saying';
    place.className = 'quiet';
    place.setAttribute('role', 'status');
    (document.querySelector('[aria-busy="true"]')?.parentElement ?? main).append(place);
  }
  place.textContent = text;
}

// Below the fields that it is about, where the form has them; else above everything.
export function showProblem(problem, form) {
  const language = problem.language ?? document.documentElement.lang;
  if (problem.control) {
    showBelow(problem.control, problem.message, language);
    problem.control.focus();
    return;
  }
  const wrong = (problem.fields ?? []).filter(({ name, message }) => {
    const controls = [...(form?.elements ?? [])].filter((one) => one.name === name && !one.hidden);
    // Of several with one name it is about what somebody wrote.
    const control = controls.find((one) => one.type !== 'file' && one.value) ?? controls[0];
    // The first sentence about a field says enough.
    if (control && !control.hasAttribute('aria-invalid')) showBelow(control, message, language);
    return control;
  });
  if (wrong.length) {
    const first = form.querySelector('[aria-invalid="true"]');
    first.closest('details')?.setAttribute('open', '');
    first.focus();
    return;
  }
  const place = document.querySelector('#alert');
  const title = document.createElement('h2');
  title.textContent = place.dataset.title;
  const sentence = document.createElement('p');
  sentence.textContent = problem.message;
  sentence.lang = language;
  place.replaceChildren(title, sentence);
  place.hidden = false;
  place.focus();
  place.scrollIntoView({ block: 'nearest' });
}

function showBelow(control, message, language) {
  const sentence = document.createElement('p');
  sentence.id = `${control.id}-problem`;
  sentence.className = 'wrong';
  sentence.lang = language;
  // A part of a form that the engine names first; what somebody wrote stays as it is.
  sentence.textContent = message.replace(/^the /, 'The ');
  const help = document.getElementById(`${control.id}-help`);
  (help ?? control).after(sentence);
  control.setAttribute('aria-invalid', 'true');
  control.setAttribute('aria-describedby', `${help ? `${help.id} ` : ''}${sentence.id}`);
}

export function clearProblems() {
  document.querySelector('#alert').hidden = true;
  for (const sentence of document.querySelectorAll('p.wrong')) sentence.remove();
  for (const control of document.querySelectorAll('[aria-invalid]')) {
    control.removeAttribute('aria-invalid');
  }
}
