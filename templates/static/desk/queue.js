// Decides the queue from the keyboard: only while a tick box has the focus, so no key is taken from anything else.

const DECISIONS = { a: "approve", w: "wait", n: "not_offer" };
const form = document.getElementById("queue");
const boxes = form ? [...form.querySelectorAll("input[name=person]")] : [];
let last = -1; // the box that was clicked last, for a range with Shift

function move(from, by) {
  const next = boxes[boxes.indexOf(from) + by];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "center" });
}

function choose(value) {
  const radio = form.querySelector(`input[name=decision][value=${value}]`);
  radio.checked = true;
  form.querySelector("#decide button[type=submit]").focus();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !boxes.includes(event.target)) return;
  const decision = DECISIONS[event.key.toLowerCase()];
  if (event.key === "ArrowDown") move(event.target, 1);
  else if (event.key === "ArrowUp") move(event.target, -1);
  else if (event.key !== "Enter" && !decision) return;
  if (decision && boxes.some((box) => box.checked)) choose(decision);
  event.preventDefault(); // Enter in a tick box would send the form
}

function clicked(event) {
  const here = boxes.indexOf(event.target);
  if (here < 0) return;
  if (event.shiftKey && last >= 0) {
    for (const box of boxes.slice(Math.min(here, last), Math.max(here, last) + 1)) box.checked = event.target.checked;
  }
  last = here;
}

if (form) {
  form.addEventListener("keydown", pressed);
  form.addEventListener("click", clicked);
  for (const line of document.querySelectorAll(".desk-keys")) line.hidden = false;
}
