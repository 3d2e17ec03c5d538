// Every question this phone asks the server, and what counts as an answer.

/** No usable answer: no network, a timeout, a fault of the server, or a captive portal's page in its place. */
export class NoAnswer extends Error {}

/** The server's last word to this phone: "device_revoked" (wipe), or "unpaired" (there is no pass any more). */
export class SignedOut extends Error {}

/** {status, body} of 200, 204, 403, 422 and 429. The browser's own word on being online is not asked. */
export async function ask(path, body, timeout = 8000) {
  const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const headers = { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
  const signal = AbortSignal.timeout(timeout);
  let answer, read;
  try {
    answer = await fetch(`/door/api/${path}`, { ...how, headers, signal, cache: "no-store", redirect: "error" });
    read = answer.status === 204 ? null : await answer.json();
  } catch (error) {
    if (answer?.status === 410) throw new SignedOut("device_revoked");
    throw new NoAnswer(String(error));
  }
  if (answer.status === 410) throw new SignedOut("device_revoked");
  if (answer.status === 401) throw new SignedOut("unpaired");
  if (![200, 204, 403, 422, 429].includes(answer.status)) throw new NoAnswer(`status ${answer.status}`);
  return { status: answer.status, body: read };
}
