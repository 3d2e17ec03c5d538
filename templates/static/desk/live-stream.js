// Follows what the server sends of a part of a page for as long as it can be heard, and begins again by itself: after
// too long a silence, and after an answer that was no stream, as when a session has ended.

export const AGAIN = 10_000; // milliseconds
const SILENCE = 40_000; // the server sends every 15 seconds at the least

/** Says how it stands in this line, which is read out; anything but good news stands out. */
export function saying(line) {
  return (words, broken = false) => {
    if (line.textContent !== words) line.textContent = words;
    line.classList.toggle("warn", broken);
  };
}

/** Draws the part anew whenever its stream, of `data-live`, says something, then calls `drawn`; and `lost` for as long as
 * nothing is heard. */
export function follow(part, { drawn, lost }) {
  const stream = new EventSource(part.dataset.live);
  let silent;
  const again = () => {
    clearTimeout(silent);
    stream.close();
    setTimeout(() => follow(part, { drawn, lost }), AGAIN);
  };
  const expect = () => {
    clearTimeout(silent);
    silent = setTimeout(() => { lost(); again(); }, SILENCE);
  };
  stream.onmessage = ({ data }) => {
    expect();
    draw(part, JSON.parse(data).html);
    drawn();
  };
  stream.onerror = () => {
    lost();
    if (stream.readyState === EventSource.CLOSED) again();
  };
  expect();
}

// A button keeps the focus while the numbers change, and figures stay open.
function draw(part, html) {
  const held = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details[open]")].map(({ id }) => id);
  part.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (held) document.getElementById(held)?.focus();
}
