// Who is holding this phone: 2 to 4 initials, asked for at the start and at every change-over. They go with its scans.

import { byId, setText } from "./screen.mjs";

const INITIALS = /^[A-Z]{2,4}$/;

export function createHandOver({ store, panels }) {
  let holder = "";

  function take(input) {
    const typed = input.value.trim().toUpperCase();
    if (!INITIALS.test(typed)) return false;
    holder = typed;
    input.value = "";
    store.keep({ holder });
    return true;
  }

  byId("handing").addEventListener("submit", (event) => {
    event.preventDefault();
    const taken = take(byId("holder"));
    setText("holder-says", taken ? "" : "Type 2 to 4 letters");
    if (taken) panels.close();
  });
  byId("hand-over").addEventListener("click", () => {
    setText("holder-says", "");
    panels.open("handing");
  });

  return {
    get: () => holder,
    async recall() {
      holder = (await store.recall("holder")) ?? "";
      byId("first-holder").value = holder;
    },
    takeFirst: () => take(byId("first-holder")),
  };
}
