// Decides a list from the keyboard (only while a tick box has the focus, so no key is taken from anything else),
// counts what is ticked, and says when there are newer requests than the page shows.

const DECISIONS = { a: "approve", w: "wait", o: "offer", d: "not_offer" }; // a list has some of them
const form = document.getElementById("queue");
const boxes = form ? [...form.querySelectorAll("input[name=person]")] : [];
let last = -1; // the box that was clicked last, for a range with Shift

function move(from, by) {
  const next = boxes[boxes.indexOf(from) + by];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "center" });
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !boxes.includes(event.target)) return;
  const decision = DECISIONS[event.key.toLowerCase()];
  if (event.key === "ArrowDown") move(event.target, 1);
  else if (event.key === "ArrowUp") move(event.target, -1);
  else if (event.key !== "Enter" && !decision) return;
  if (decision && boxes.some((box) => box.checked)) form.querySelector(`button[value=${decision}]`)?.focus();
  event.preventDefault();
}

function clicked(event) {
  const here = boxes.indexOf(event.target);
  if (here < 0) return;
  if (event.shiftKey && last >= 0) {
    for (const box of boxes.slice(Math.min(here, last), Math.max(here, last) + 1)) box.checked = event.target.checked;
  }
  last = here;
}

function count() {
  const ticked = boxes.filter((box) => box.checked).length;
  document.getElementById("ticked").textContent = `${ticked} ticked:`;
}

if (form) {
  form.addEventListener("keydown", pressed);
  form.addEventListener("click", clicked);
  form.addEventListener("change", count);
  addEventListener("pageshow", count); // a page that comes back has its ticks
  for (const line of document.querySelectorAll(".desk-keys")) line.hidden = false;
  count();
}

const picked = [...document.querySelectorAll("input[form=bar]")]; // of the people list: whom its bar is about
const whole = document.getElementById("whole");
const everybody = whole?.textContent;

function showTicked() {
  const ticked = picked.filter((box) => box.checked).length;
  whole.textContent = ticked ? `${ticked} ticked` : everybody;
}

if (picked.length) {
  for (const box of picked) box.addEventListener("change", showTicked);
  addEventListener("pageshow", showTicked);
  showTicked();
}

const everyone = document.querySelector(".desk-all input[type=checkbox][name=everyone]"); // all of the queue, on each page of it

function tickAll() {
  for (const box of boxes) box.checked = everyone.checked;
  count();
}

if (form && everyone) {
  everyone.addEventListener("change", tickAll);
  form.addEventListener("change", ({ target }) => {
    if (!target.checked) everyone.checked = false;
  });
}

const newer = document.getElementById("new-requests");
document.addEventListener("desk:counts", ({ detail }) => {
  if (!newer || !detail.new || newer.dataset.shown === String(detail.new)) return;
  newer.dataset.shown = String(detail.new);
  const show = Object.assign(document.createElement("a"), { href: location.href.replace(/#.*/, ""), textContent: "Show" });
  show.className = "govuk-link";
  newer.replaceChildren(`${detail.new} new ${detail.new === 1 ? "request" : "requests"}. `, show);
});
