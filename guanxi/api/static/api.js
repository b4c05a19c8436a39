// Calls of the API, with the token of the session; problems are shown on the page and read out.
const main = document.querySelector('#main');
const token = document.querySelector('meta[name="csrf-token"]')?.content;

export async function call(method, address, { json, file, headers = {} } = {}) {
  const sent = { method, headers: { Accept: 'application/json', ...headers } };
  if (token && method !== 'GET') sent.headers['X-CSRF-Token'] = token;
  if (json !== undefined) {
    sent.headers['Content-Type'] = 'application/json';
    sent.body = JSON.stringify(json);
  } else if (file) {
    sent.headers['Content-Type'] = 'application/octet-stream';
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
  throw new Error(body?.detail ?? `${answer.status} ${answer.statusText}`);
}

export async function upload(file) {
  say(main.dataset.sending.replace('{name}', file.name));
  const query = new URLSearchParams({ name: file.name });
  return (await call('POST', `/v1/uploads?${query}`, { file })).id;
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

export function showProblem(text) {
  const place = document.querySelector('#alert');
  const title = document.createElement('h2');
  title.textContent = place.dataset.title;
  const sentence = document.createElement('p');
  sentence.textContent = text;
  place.replaceChildren(title, sentence);
  place.hidden = false;
  place.focus();
  place.scrollIntoView({ block: 'nearest' });
}

export function clearProblem() {
  document.querySelector('#alert').hidden = true;
}
