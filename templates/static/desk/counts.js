// Puts newer counts above the page, and what the doors ask, for as long as the server can be heard. Without it a reload
// brings both.

const counts = document.getElementById("counts");
const doors = document.getElementById("door-line"); // on every page of whoever runs the doors, but the board
const live = (counts ?? doors)?.dataset.live;
const AGAIN = 10_000; // milliseconds, after an answer that was no stream, as when a session has ended

function listen() {
  const stream = new EventSource(live);
  stream.onmessage = ({ data }) => {
    const told = JSON.parse(data);
    if (told.doors !== undefined && doors && doors.innerHTML !== told.doors && !doors.contains(document.activeElement)) doors.innerHTML = told.doors;
    if (counts && told.html !== undefined && counts.innerHTML !== told.html && !counts.contains(document.activeElement)) counts.innerHTML = told.html;
    document.dispatchEvent(new CustomEvent("desk:counts", { detail: told }));
  };
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN);
  };
  addEventListener("pagehide", () => stream.close(), { once: true });
}

if (live) listen();
addEventListener("pageshow", ({ persisted }) => persisted && live && listen());

// The banner of what was just done is read out, and its Undo goes when the email does. Where the page goes on in the
// middle of a list, Tab goes on there too, so the banner takes no focus: what is put into an alert is read out.
const outcome = document.querySelector("[data-outcome]");
addEventListener("load", () => {
  if (!outcome) return;
  if (document.querySelector(":target")) setTimeout(() => outcome.replaceChildren(...outcome.childNodes), 300);
  else outcome.focus({ preventScroll: true });
});
for (const undo of document.querySelectorAll("[data-undo]")) {
  setTimeout(() => {
    const told = undo.parentElement.querySelector("[data-waits]");
    if (told) told.textContent = told.dataset.waits || "The email is on its way.";
    if (undo.contains(document.activeElement)) outcome.focus({ preventScroll: true });
    undo.remove();
  }, Number(undo.dataset.undo) * 1000);
}
