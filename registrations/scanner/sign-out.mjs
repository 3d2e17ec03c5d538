// How a pass ends on this phone: wiped at once, or, with scans unsent, once they are handed over; or it was lost.

import { createLeaving } from "./drain.mjs";
import { byId, setText, showView } from "./screen.mjs";
import { wipe } from "./wipe.mjs";

/**
 * `stop()` ends all scanning, `erase()` takes everything but the unsent rows off the phone, `pairAnew()` asks for a
 * pairing code, `isDurable()` says whether rows outlive the page. `goodbye()` asks once more, now that nothing is left:
 * its answer tells the browser itself to forget.
 */
export function createEnding({ store, ask, goodbye, clock, app, after, isDurable, stop, erase, pairAnew }) {
  let over = false;
  const leaving = createLeaving({ store, ask, clock, app, after, erase, show, done, onUnpaired: lost, onTakenOver });

  function show(left) {
    const where = isDurable() ? "open this page where there is a network" : "keep this page open until there is a network";
    setText("leaving-says", `${scans(left)} still to send: ${where}.`);
    if (byId("leaving").hidden) showView("leaving");
  }

  /** Another tab has paired this phone anew. */
  function onTakenOver() {
    location.reload();
  }

  async function done() {
    store.close();
    await wipe();
    await goodbye().catch(() => {}); // its last word is what we came for
    location.replace("/door/over");
  }

  /** The server's last word to this phone. */
  async function signedOut(why) {
    if (over) return;
    if (why === "unpaired") return lost();
    over = true;
    stop(); // before it is counted what is left: nothing comes after
    await ((await store.count()) ? leaving.begin() : done());
  }

  /** Signed out, and some scans are not sent: on the lead's word, or as the pass was revoked meanwhile. */
  async function leave() {
    if (over) return;
    over = true;
    stop();
    await leaving.begin();
  }

  /** What is still to be sent goes with the next pass. */
  async function lost() {
    stop();
    await erase();
    await toPairing();
  }

  async function toPairing() {
    leaving.pause();
    over = false;
    const left = await store.count();
    setText("pairing-unsent", `${scans(left)} from before still to send: pair this phone again.`);
    byId("pairing-unsent").hidden = !left;
    pairAnew();
  }

  byId("leaving-send").addEventListener("click", () => {
    setText("leaving-says", "Trying to send");
    leaving.hurry();
  });
  addEventListener("online", () => over && leaving.hurry());

  return {
    signedOut,
    leave,
    toPairing,
    isOver: () => over,
    /** There is a new pass. */
    begun: leaving.forget,
    /** True where an earlier run of the page was on its way out: then this one goes on with it. */
    async goesOn() {
      over = await leaving.isUnderWay();
      if (over) leaving.resume();
      return over;
    },
  };
}

const scans = (count) => (count === 1 ? "1 scan" : `${count} scans`);
