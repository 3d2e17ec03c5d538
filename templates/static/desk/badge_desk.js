// Follows the door, and prints the badge of each who has come in without one: one after the other, and none unasked
// twice, since the server gives each to the first desk that asks. Without it a reload shows the same list with buttons.

import { AGAIN, follow, saying } from "./live-stream.js";

const SLOWEST = 60_000; // milliseconds, for a dialog in a browser that does not say when it is closed

const jobs = document.getElementById("badge-jobs");
const say = saying(document.getElementById("badge-line"));
const start = document.getElementById("badge-print");
const paper = document.getElementById("badge-paper");
const given = new Set(); // to this page or to another desk, while the list still shows them
let prints = false; // as people come in
let busy = false;

function standing() {
  say(prints ? "Live. Badges are printed as people come in." : "Live. Nothing is printed until you press a button.");
}

// Resolves once the badge has gone to the printer, or nobody is to print it here.
async function print(form) {
  const answer = await fetch(form.action, { method: "POST", headers: { accept: "image/svg+xml" }, body: new URLSearchParams(new FormData(form)) });
  if (answer.status === 409) return;
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const badge = new Image();
  badge.src = `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
  await badge.decode();
  paper.replaceChildren(badge);
  const done = new Promise((resolve) => {
    addEventListener("afterprint", () => resolve(paper.replaceChildren()), { once: true });
    setTimeout(resolve, SLOWEST);
  });
  window.print();
  await done; // in some browsers print() does not wait for the dialog
}

async function one(form) {
  busy = true;
  try {
    await print(form);
    standing();
  } catch {
    given.delete(form.dataset.job); // asked for again if it still waits: the server gives it once
    say("A badge was not printed. If it stands under Printed last, press Print again.", true);
    setTimeout(next, AGAIN);
    return;
  } finally {
    busy = false;
  }
  next();
}

function next() {
  if (!prints || busy) return;
  const form = [...jobs.querySelectorAll("[data-job]")].find(({ dataset }) => !given.has(dataset.job));
  if (!form) return;
  given.add(form.dataset.job);
  one(form);
}

function drawn() {
  const waiting = new Set([...jobs.querySelectorAll("[data-job]")].map(({ dataset }) => dataset.job));
  for (const job of given) if (!waiting.has(job)) given.delete(job);
  if (!busy) standing();
  next();
}

function lost() {
  say("No connection: this list may be old. Trying again. You can also reload the page.", true);
}

jobs.addEventListener("submit", (event) => {
  event.preventDefault();
  if (busy) return;
  const { job } = event.target.dataset;
  if (job) given.add(job);
  one(event.target);
});
start.parentElement.hidden = false;
start.addEventListener("click", () => {
  prints = !prints;
  start.textContent = prints ? "Stop printing" : "Print badges as people come in";
  standing();
  next();
});
follow(jobs, { drawn, lost });
