// The arrow keys go from account to account in a drawing, as Tab does.
for (const drawing of document.querySelectorAll('svg.network')) {
  // On a narrow screen the middle is what one sees first.
  const room = drawing.parentElement;
  room.scrollLeft = (room.scrollWidth - room.clientWidth) / 2;
  const accounts = [...drawing.querySelectorAll('a')];
  drawing.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const here = accounts.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    accounts[(here + step + accounts.length) % accounts.length].focus();
  });
}
