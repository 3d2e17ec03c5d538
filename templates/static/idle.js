// Warns five minutes before an idle session ends, in every tab of it, and leaves the page once it is over.
const IDLE_SECONDS = 30 * 60; // IDLE_FOR in events/staff.py
const WARN_SECONDS = IDLE_SECONDS - 5 * 60;
const dialog = document.getElementById("idle");
const tabs = new BroadcastChannel("muster-session");
let usedAt = Date.now(); // of any tab: a page that was opened or a press of the button

function used() {
  usedAt = Date.now();
  if (dialog.open) dialog.close();
}

async function stay() {
  const answer = await fetch("/staff/stay", { method: "POST", redirect: "manual" });
  if (answer.status !== 204) return leave();
  used();
  tabs.postMessage("used");
}

async function leave() {
  clearInterval(looking);
  await fetch("/staff/sign-out", { method: "POST", redirect: "manual" }).catch(() => {});
  location.assign(`/staff/sign-in?said=over&next=${encodeURIComponent(location.pathname + location.search)}`);
}

function look() {
  const seconds = (Date.now() - usedAt) / 1000; // a clock, not a count of ticks: a sleeping computer counts none
  if (seconds >= IDLE_SECONDS) return leave();
  if (seconds >= WARN_SECONDS && !dialog.open) dialog.showModal();
}

tabs.addEventListener("message", used);
tabs.postMessage("used");
dialog.addEventListener("close", () => (Date.now() - usedAt) / 1000 >= WARN_SECONDS && stay());
const looking = setInterval(look, 5000);
document.addEventListener("visibilitychange", look);
