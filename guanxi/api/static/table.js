// Selecting rows: all of a page at once, and how many are selected; with none there is nothing to do.
const all = document.querySelector('#all');
const boxes = [...document.querySelectorAll('input[name="account"]')];
const place = document.querySelector('#selected');
const actions = document.querySelectorAll('.bar-below button');

function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  place.textContent = chosen ? place.dataset.some.replace('{n}', chosen) : place.dataset.none;
  for (const action of actions) action.disabled = !chosen;
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

if (all && boxes.length) {
  place.dataset.none = place.textContent;
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener('change', count);
  addEventListener('pageshow', count);
  count();
}
