// Every question this phone asks the server, and what counts as an answer.

/** No usable answer: no network, a timeout, a fault of the server, or a captive portal's page in its place. */
export class NoAnswer extends Error {}

/** The server's last word to this phone: "device_revoked" (wipe), or "unpaired" (there is no pass any more). */
export class SignedOut extends Error {
  constructor(why, kept = []) {
    super(why);
    this.kept = kept; // ids of scans that came with the question, and that the server has
  }
}

const LEFT = 1; // a scan may be stored while an answer is on its way: until the page has stopped, one may be left
const ANSWERS = [200, 204, 403, 422, 429];

/**
 * {status, body} of 200, 204, 403, 422 and 429. The browser's own word on being online is not asked. `left` scans are
 * still on the phone: while there are any, a last word does not make the browser forget them.
 */
export async function ask(path, body, timeout = 8000, left = 0) {
  const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  const headers = { Accept: "application/json", ...type, ...saying(left) };
  const read = (answer) => (answer.status === 204 ? null : answer.json());
  const answer = await asked(path, { ...how, headers }, timeout, read);
  if (!ANSWERS.includes(answer.status)) throw new NoAnswer(`status ${answer.status}`);
  return answer;
}

/** The same, of a page that goes on. */
export const askOn = (path, body, timeout) => ask(path, body, timeout, LEFT);

/** The guest list's bytes, whole or what is new since this version. */
export async function askList(version, left = LEFT, timeout = 20_000) {
  const how = { headers: saying(left) };
  const { status, body } = await asked(`list?since=${version}`, how, timeout, (answer) => answer.arrayBuffer());
  if (status !== 200) throw new NoAnswer(`status ${status}`);
  return new Uint8Array(body);
}

const saying = (left) => (left ? { "Muster-Left": String(left) } : {});

async function asked(path, how, timeout, read) {
  const signal = AbortSignal.timeout(timeout);
  let answer, body;
  try {
    answer = await fetch(`/door/api/${path}`, { ...how, signal, cache: "no-store", redirect: "error" });
    body = await read(answer);
  } catch (error) {
    throw (answer && lastWord(answer)) ?? new NoAnswer(String(error));
  }
  const over = lastWord(answer, body);
  if (over) throw over;
  return { status: answer.status, body };
}

/** What ends this phone's pass bears the server's own header: a proxy or a portal that refuses us ends nothing. */
function lastWord({ status, headers }, body) {
  const says = headers.get("Muster-Pass");
  if (status === 410 && says === "over") return new SignedOut("device_revoked", Array.isArray(body?.kept) ? body.kept : []);
  return status === 401 && says === "none" ? new SignedOut("unpaired") : null;
}

/** Keeps a second tab from sending the same queue: where one is at it, this one has nothing to do. */
export const exclusively = (work) =>
  navigator.locks ? navigator.locks.request("muster-door", { ifAvailable: true }, (lock) => lock && work()) : work();
