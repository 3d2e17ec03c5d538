// The words of the bar at the top: the connection, unsent scans, the age of the list, and what a steward must know.

const ENDS_SOON = 1800; // seconds
const CLOCK_OUT = 30; // seconds
const LOW = [0.1, 0.2]; // of the battery
const PLENTY = 0.5; // of it: above this the bar does not mention the battery
const CANNOT_COUNT = "This phone's storage is full or broken: keep this page open, do not sign out";
const CONNECTIONS = { online: "Online", slow: "Slow", offline: "Offline" };
const IN_OTHER_TAB = "Another tab of this phone has scans to send: open it, do not sign out";

/** The short facts that are always shown, in order. `connection` is {state, minutes}; `unsent` null if unknown. */
export function barFacts({ connection, unsent, listAt, battery }) {
  const power = battery === null || battery > PLENTY ? [] : [`battery ${Math.round(battery * 100)} %`];
  const waits = unsent === null ? "cannot tell what is to send" : `${unsent} to send`;
  return [connectionWords(connection), waits, listAt ? `guest list ${listAt}` : "no guest list", ...power];
}

const connectionWords = ({ state, minutes }) => (minutes ? `${CONNECTIONS[state]} ${minutes} min` : CONNECTIONS[state]);

/** What is wrong, or "" if nothing is. `clockOff` is in seconds, `ends` is the time at which the pass ends. */
export function barWarning({ howFull = "", durable, secondsLeft, ends, clockOff, battery, news, canCount = true, areInOtherTab = false }) {
  const low = battery !== null && LOW.find((level) => battery <= level);
  return [
    howFull,
    secondsLeft < ENDS_SOON && `This phone's pass ends at ${ends}`,
    !canCount && (areInOtherTab ? IN_OTHER_TAB : CANNOT_COUNT),
    !durable && "Online only: this phone keeps nothing",
    low && `Battery at ${Math.round(battery * 100)} %: charge it`,
    Math.abs(clockOff) > CLOCK_OUT && "Clock out: the server's time counts",
    news,
  ]
    .filter(Boolean)
    .join(". ");
}
