// Catches the keys of a wedge scanner before any field, button or form of the page gets them.

import { createWedge } from "./wedge.mjs";

/** `isOn()` says whether codes are accepted now. `onCodes(texts)` gets the codes that were typed in one burst. */
export function listen({ isOn, onCodes }) {
  const wedge = createWedge();
  let timer = 0;
  let field = null; // where a burst began: {element, value}

  function obey({ codes = [], typed = "" }) {
    if (typed && field?.element.isConnected) insert(field.element, typed);
    if (codes.length) onCodes(codes);
  }

  function pressed(event) {
    if (!isOn() || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target instanceof HTMLInputElement ? event.target : null;
    const before = box && { element: box, value: box.value };
    const said = wedge.key(event.key, event.timeStamp);
    if (said.swallow) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else field = before;
    if (said.undo && field) rewrite(field.element, field.value);
    obey(said);
    clearTimeout(timer);
    timer = setTimeout(() => obey(wedge.silence(performance.now())), wedge.waits());
  }

  addEventListener("keydown", pressed, true);
}

function insert(element, typed) {
  element.setRangeText(typed, element.selectionStart, element.selectionEnd, "end");
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

function rewrite(element, value) {
  element.value = value;
  element.dispatchEvent(new Event("input", { bubbles: true }));
}
