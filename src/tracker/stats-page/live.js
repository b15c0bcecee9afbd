/**
 * Keeps the page as the tracker has it now. It is changed in place, so that whoever reads stays
 * where they are, with what they have marked. Without this script the page is whole, and stands still.
 */
const restMs = 10_000;
const retryMs = 3_000;
const main = document.querySelector('main');
const state = document.querySelector('[role=status]');
let source;
let resting;
let seenAt = new Date();

takeTheme();
follow();
document.addEventListener('visibilitychange', () => {
  clearTimeout(resting);
  if (document.visibilityState === 'visible') return follow();
  // A page that nobody sees takes none of the few connections that a browser has.
  resting = setTimeout(leave, restMs);
});
main.addEventListener('pointerover', ({ target }) => explain(target.closest('.matrix tbody td')));

/** The console keeps what was chosen there. */
function takeTheme() {
  try {
    document.documentElement.dataset.theme = localStorage.getItem('scree-theme') ?? 'auto';
  } catch {
    // The browser keeps nothing for this page.
  }
}

function follow() {
  if (source !== undefined) return;
  source = new EventSource('stats/events');
  source.addEventListener('message', ({ data }) => {
    const page = new DOMParser().parseFromString(JSON.parse(data), 'text/html');
    document.title = page.title;
    become(main, page.querySelector('main'));
    seenAt = new Date();
    say('live', 'live');
  });
  source.addEventListener('error', () => {
    say('lost', `The tracker is away. What you see is of ${seenAt.toLocaleTimeString()}.`);
    if (source?.readyState !== EventSource.CLOSED) return;
    leave();
    if (document.visibilityState === 'visible') setTimeout(follow, retryMs);
  });
}

function leave() {
  source?.close();
  source = undefined;
}

/** Told to listeners only when it changes. */
function say(kind, text) {
  if (state.textContent === text) return;
  state.className = `state ${kind}`;
  state.textContent = text;
}

/** Changes only what is another. */
function become(old, wanted) {
  if (old.nodeName !== wanted.nodeName) return old.replaceWith(wanted);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== wanted.data) old.data = wanted.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!wanted.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const own = [...old.childNodes];
  const others = [...wanted.childNodes];
  for (const [at, other] of others.entries()) {
    if (own[at] === undefined) old.append(other);
    else become(own[at], other);
  }
  for (const rest of own.slice(others.length)) rest.remove();
}

/** Who fed whom, for the cell below the pointer. */
function explain(cell) {
  if (cell === null) return;
  const { rows } = cell.closest('table').tHead;
  const to = rows[rows.length - 1].cells[cell.cellIndex].textContent;
  cell.title = `${cell.parentElement.cells[0].textContent} → ${to}: ${cell.textContent || '0'}`;
}
