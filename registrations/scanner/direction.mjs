// In or out: a steward turns the phone, and it turns itself back when nobody leaves any more.

const FALLS_BACK = 600; // seconds without a scan

/** `onTurn(way, byItself)` hears of each turn. `look()` is to be called every few seconds. */
export function createWay({ clock, onTurn }) {
  let way = "in";
  let used = 0;

  function turn(to, byItself = false) {
    way = to;
    used = clock.mono();
    onTurn(way, byItself);
  }

  return {
    get: () => way,
    turn: () => turn(way === "in" ? "out" : "in"),
    used: () => (used = clock.mono()),
    look() {
      if (way === "out" && clock.mono() - used >= FALLS_BACK * 1000) turn("in", true);
    },
  };
}
