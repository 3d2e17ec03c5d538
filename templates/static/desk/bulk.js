// Brings newer numbers of an act on many people, as long as it is at work or its Undo counts. Without this file the
// page is reloaded by hand.

const EVERY = 2_000; // milliseconds
const AT_WORK = ["working", "undoing"];

async function look() {
  const here = document.getElementById("progress");
  if (!AT_WORK.includes(here.dataset.stage)) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const newer = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("progress");
    if (newer && !here.contains(document.activeElement)) here.replaceWith(newer);
  } catch {
    // the network may come back
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
