// Every request of this phone to the server, and what counts as an answer.

/** No usable answer: no network, a timeout, a fault of the server, or the page of a captive portal. */
export class NoAnswer extends Error {}

/** The server has ended this phone's pass: "device_revoked" (wipe), or "unpaired" (there is no such pass). */
export class SignedOut extends Error {
  constructor(why, kept = []) {
    super(why);
    this.kept = kept; // ids of the scans in the request that the server has stored
  }
}

const LEFT = 1; // while the page runs, a scan may be stored before the answer arrives, so one may be left
const ANSWERS = [200, 204, 403, 422, 429];

/**
 * {status, body} of 200, 204, 403, 422 and 429. Does not ask the browser whether it is online. `left` scans are still
 * on the phone: while there are any, the end of the pass does not make the browser erase them.
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

/** The same, from a page that keeps running. */
export const askOn = (path, body, timeout) => ask(path, body, timeout, LEFT);

/** The bytes of the guest list: all of it, or what is new since this version. */
export async function askList(version, left = LEFT, timeout = 20_000) {
  const how = { headers: saying(left) };
  const { status, body } = await asked(`list?since=${version}`, how, timeout, (answer) => answer.arrayBuffer());
  if (status !== 200) throw new NoAnswer(`status ${status}`);
  return new Uint8Array(body);
}

/** The sealed list of a roll call: {bytes, key, at}, which key it is under, and the server's time then. */
export async function askRoll(timeout = 20_000) {
  const read = async (answer) => [new Uint8Array(await answer.arrayBuffer()), answer.headers];
  const { status, body } = await asked("roll/list", { headers: saying(LEFT) }, timeout, read);
  const [bytes, headers] = body;
  const [key, at] = [headers.get("Muster-Roll-Key"), Number(headers.get("Muster-Roll-At"))];
  if (status !== 200 || !key || !at) throw new NoAnswer(`status ${status}`);
  return { bytes, key, at };
}

const saying = (left) => (left ? { "Muster-Left": String(left) } : {});

async function asked(path, how, timeout, read) {
  const signal = endsAfter(timeout);
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

/** Phones of before 2022 know no `AbortSignal.timeout`. */
function endsAfter(milliseconds) {
  if (AbortSignal.timeout) return AbortSignal.timeout(milliseconds);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

/** Only an answer with the server's own header ends this phone's pass; a refusal by a proxy or portal does not. */
function lastWord({ status, headers }, body) {
  const says = headers.get("Muster-Pass");
  if (status === 410 && says === "over") return new SignedOut("device_revoked", Array.isArray(body?.kept) ? body.kept : []);
  return [200, 401].includes(status) && says === "none" ? new SignedOut("unpaired") : null;
}

/** Keeps a second tab from sending the same queue: while one tab sends, the other does nothing. */
export const exclusively = (work) =>
  navigator.locks ? navigator.locks.request("muster-door", { ifAvailable: true }, (lock) => lock && work()) : work();
