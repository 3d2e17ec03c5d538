// Where the focus goes when what had it is gone, and what nobody reaches while something lies on top of the page.

const byId = (id) => document.getElementById(id);
const ON_TOP = ["covered", "changed"]; // the uppermost first

/** True if the focus is on one of these elements, or in it. */
export const holdsFocus = (...ids) => ids.some((id) => byId(id).contains(document.activeElement));

/** The control of a panel at which its reader begins. */
export const firstOf = (panel) => [...panel.querySelectorAll("input, button, a[href]")].find((control) => isSeen(control, panel));
const isSeen = (part, panel) => part === panel || (!part.hidden && isSeen(part.parentElement, panel));

/** To what is needed next: what lies on top, else the verdict, else an open panel, else the control that is named. A
 * marshal's page has no verdict, and no control of this name. */
export function focusOnNext(control = "type-reference") {
  const top = onTop();
  if (top) return (top.id === "covered" ? top : byId("seen")).focus();
  if (isThere(byId("verdict"))) return byId("verdict").focus({ preventScroll: true });
  const panel = document.querySelector(".panel:not([hidden])");
  (panel ? firstOf(panel) : byId(control))?.focus();
}

/** Covers the page with one button, or uncovers it again: then this control has the focus. */
export function coverPage(isCovered, control) {
  byId("covered").hidden = !isCovered;
  shutOffBelow();
  focusOnNext(control);
}

/** Neither a key nor a screen reader reaches what lies below, but for the page's heading. */
export function shutOffBelow() {
  const top = onTop();
  for (const part of byId("covered").parentElement.children) part.inert = top !== undefined && part !== top && part.tagName !== "H1";
}

function onTop() {
  return ON_TOP.map(byId).find(isThere);
}

function isThere(part) {
  return part !== null && !part.hidden;
}
