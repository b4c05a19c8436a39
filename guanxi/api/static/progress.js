// A job that runs: told by server-sent events, asked for where these do not come.
import { call } from './api.js';

const place = document.querySelector('[data-job]');
const address = `/v1/jobs/${place.dataset.job}`;
const [stage, bar, left, spoken, log] = ['stage', 'bar', 'left', 'spoken', 'log'].map((id) =>
  document.getElementById(id),
);
const stages = JSON.parse(place.dataset.stages);
const badge = document.querySelector('h1 .state');
let tenths = -1;
let ended = false;

function duration(seconds) {
  const whole = Math.max(Math.round(seconds), 1);
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}

// What the job is busy with, in the language of the page: `Seeds`, or `Reading` and a file.
function said(text) {
  const [first, ...file] = text.split(' ');
  return stages[text] ?? stages[first]?.replace('{file}', file.join(' ')) ?? text;
}

function show(job) {
  if (!['queued', 'running', 'cancelling'].includes(job.state)) {
    if (ended) return;
    ended = true;
    // What was to follow has begun: the server leads there, unless there is something to see here.
    if (job.state === 'done' && place.dataset.next !== undefined) location.replace('?on=1');
    else location.reload();
    return;
  }
  if (job.state === 'running' && badge?.dataset.running) badge.textContent = badge.dataset.running;
  const done = job.progress?.total ? job.progress.done / job.progress.total : null;
  if (job.state === 'running' && !job.progress) stage.textContent = place.dataset.working;
  if (job.progress) stage.textContent = said(job.progress.stage);
  if (done === null) bar.removeAttribute('value');
  else bar.value = 100 * done;
  left.textContent = job.seconds_left ? place.dataset.left.replace('{time}', duration(job.seconds_left)) : '';
  const tenth = done === null ? -1 : Math.floor(done * 10);
  if (tenth !== tenths && tenth >= 0) {
    tenths = tenth;
    spoken.textContent = `${stage.textContent} ${tenth * 10} %`;
  }
}

async function poll() {
  while (!ended) {
    try {
      show(await call('GET', address));
    } catch {
      left.textContent = place.dataset.reconnect;
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}

const events = new EventSource(`${address}/events`);
events.addEventListener('state', (event) => show(JSON.parse(event.data)));
events.addEventListener('log', (event) => {
  const entry = JSON.parse(event.data);
  if (!log || log.querySelector(`[data-number="${entry.number}"]`)) return;
  const item = document.createElement('li');
  item.dataset.number = entry.number;
  if (entry.text.endsWith(' …')) item.textContent = `${said(entry.text.slice(0, -2))} …`;
  else {
    item.textContent = entry.text;
    item.lang = 'en'; // a sentence of the engine's; it is said in other languages after the end
  }
  log.append(item);
  log.parentElement.hidden = false;
});
events.addEventListener('error', () => {
  events.close();
  if (!ended) poll();
});
addEventListener('pagehide', () => events.close());
