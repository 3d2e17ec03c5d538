// Keeps the board's numbers new for as long as the server can be heard, and says of which moment they are when it cannot.

const SILENCE = 40_000; // milliseconds: the server sends every 15 seconds at the least
const AGAIN = 10_000; // after an answer that was no stream, as when a session has ended

const board = document.getElementById("board");
const line = document.getElementById("board-line");
let silent;

function say(words, broken) {
  if (line.textContent !== words) line.textContent = words;
  line.classList.toggle("warn", broken);
}

function lost() {
  const asAt = document.getElementById("board-as-at").textContent;
  say(`No connection: these numbers are from ${asAt}. Trying again. You can also reload the page.`, true);
}

function listen() {
  const stream = new EventSource(board.dataset.live);
  const again = () => {
    stream.close();
    setTimeout(listen, AGAIN);
  };
  const expect = () => {
    clearTimeout(silent);
    silent = setTimeout(() => { lost(); again(); }, SILENCE);
  };
  stream.onmessage = ({ data }) => {
    expect();
    const held = board.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...board.querySelectorAll("details[open]")].map(({ id }) => id);
    board.innerHTML = JSON.parse(data).html;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (held) document.getElementById(held)?.focus(); // a button keeps the focus while the numbers change, and figures stay open
    say("Live", false);
  };
  stream.onerror = () => {
    lost();
    if (stream.readyState === EventSource.CLOSED) {
      clearTimeout(silent);
      again();
    }
  };
  expect();
}

listen();
