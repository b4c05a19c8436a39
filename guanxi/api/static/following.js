// A job began after the one on this page: the page says how that ended as soon as it has.
const { job } = document.querySelector('#following').dataset;

const events = new EventSource(`/v1/jobs/${job}/events`);
events.addEventListener('state', (event) => {
  if (['queued', 'running', 'cancelling'].includes(JSON.parse(event.data).state)) return;
  events.close();
  location.reload();
});
addEventListener('pagehide', () => events.close());
