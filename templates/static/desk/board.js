// Keeps the board's numbers new for as long as the server can be heard, and says of which moment they are when it cannot.

import { follow, saying } from "./live-stream.js";

const say = saying(document.getElementById("board-line"));

follow(document.getElementById("board"), {
  drawn: () => say("Live"),
  lost() {
    const asAt = document.getElementById("board-as-at").textContent;
    say(`No connection: these numbers are from ${asAt}. Trying again. You can also reload the page.`, true);
  },
});
