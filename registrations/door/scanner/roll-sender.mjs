// Talks with the server during a marshal's shift: whether a roll call runs, what was begun and ticked here, and prints.

import { connectionNow } from "./scan-row.mjs";
import { NoAnswer, SignedOut } from "./server.mjs";

/**
 * One conversation at a time: what was begun without a network first, then ticks. `about()` is what the board is told
 * about the phone. `bus` is told "heard" (what the server says), "ticks" (there may be others), "connection" (its
 * state, and how many are to send) and "signed-out" (why).
 */
export class RollSender {
  #parts;
  #trips = []; // the last five, in milliseconds
  #downSince = null;
  #isTalking = false;
  #isAgain = false; // something came up meanwhile
  #isStopped = false;

  constructor(parts) {
    this.#parts = parts; // {ask, clock, pass, rollCall, ticks, prints, about, bus}
  }

  /** Call this every few seconds. Never throws. */
  async beat() {
    if (!this.#isStopped) await this.#one(() => this.#talk());
  }

  /** There is something to send: at once, or after the conversation that is under way. */
  async hurry() {
    await this.report();
    if (this.#isTalking) this.#isAgain = true;
    else await this.beat();
  }

  /** Sends what waits, for a door that is being closed, also on a phone that has stopped. */
  drain() {
    return this.#one(async () => {
      await this.#ask();
      await this.#sendAll();
    });
  }

  /** The pass has ended: the server keeps what was ticked, and says so with the end. True once nothing is left. */
  async handOver() {
    const { ask, ticks, prints } = this.#parts;
    for (const roll of new Set([...ticks.rolls(), ...prints.rolls()])) {
      while (ticks.batch(roll).length || prints.of(roll).length) {
        const printed = prints.of(roll);
        const body = { roll, ticks: ticks.batch(roll), since: 0, printed, to_send: await this.count() };
        const settled = await ask("roll/ticks", body).then(() => [], unlessOver);
        if (!settled.length) return false;
        await ticks.answered(roll, { kept: settled });
        await prints.settled(settled);
      }
    }
    return true;
  }

  stop() {
    this.#isStopped = true;
  }

  /** How many ticks, prints and beginnings the server does not have yet. */
  async count() {
    const { ticks, prints, rollCall } = this.#parts;
    return (await ticks.count()) + prints.count() + (rollCall.news() ? 1 : 0);
  }

  async report() {
    const connection = connectionNow(this.#trips, this.#downSince, this.#parts.clock.mono());
    this.#parts.bus.tell("connection", connection, await this.count());
  }

  async #one(work) {
    if (this.#isTalking) return;
    this.#isTalking = true;
    try {
      do {
        this.#isAgain = false;
        await work();
      } while (this.#isAgain && !this.#isStopped);
    } catch (error) {
      if (!(error instanceof SignedOut)) this.#downSince ??= this.#parts.clock.mono();
    } finally {
      this.#isTalking = false;
    }
    await this.report();
  }

  async #talk() {
    await this.#ask();
    if (!this.#isStopped) await this.#sendAll();
  }

  async #ask() {
    const { rollCall, about, bus } = this.#parts;
    const news = rollCall.news();
    const said = { ...about(), to_send: await this.count() };
    const body = await (news ? this.#timed("roll/start", { ...said, ...news }) : this.#timed("roll/state", said));
    await bus.tell("heard", body);
  }

  /** Each roll call that has something waiting, and the running one in any case. */
  async #sendAll() {
    const { rollCall, ticks, prints } = this.#parts;
    if (rollCall.news()) await this.#tellOfStart();
    const running = rollCall.get()?.id;
    const rolls = new Set([...(running ? [running] : []), ...ticks.rolls(), ...prints.rolls()]); // others tick too
    for (const roll of rolls) await this.#sendOf(roll);
  }

  async #tellOfStart() {
    const { rollCall, about, bus } = this.#parts;
    await bus.tell("heard", await this.#timed("roll/start", { ...about(), ...rollCall.news() }));
  }

  async #sendOf(roll) {
    let isMore = true;
    while (isMore || this.#parts.ticks.batch(roll).length) isMore = await this.#exchange(roll);
  }

  /** One batch, and what others have ticked since. True if there is more of that. */
  async #exchange(roll) {
    const { ticks, prints, bus } = this.#parts;
    const batch = ticks.batch(roll);
    const printed = prints.of(roll);
    const body = await this.#timed("roll/ticks", { roll, ticks: batch, since: ticks.cursor(roll), printed }, isOfTicks);
    const settled = [...body.kept, ...body.refused];
    await ticks.answered(roll, body);
    await prints.settled(settled);
    bus.tell("ticks");
    if (batch.some(({ id }) => !settled.includes(id))) throw new NoAnswer("some ticks failed on the server");
    return body.more === true;
  }

  async #timed(path, sent, accept = isState) {
    const start = this.#parts.clock.mono();
    const under = this.#parts.pass.get()?.id;
    try {
      const { body } = await this.#parts.ask(path, sent);
      if (!accept(body)) throw new NoAnswer("an answer to something else");
      this.#trips = [...this.#trips, this.#parts.clock.mono() - start].slice(-5);
      this.#downSince = null;
      return body;
    } catch (error) {
      if (error instanceof SignedOut && this.#parts.pass.get()?.id === under) this.#parts.bus.tell("signed-out", error.message);
      throw error;
    }
  }
}

/** That the pass has ended is the expected answer here; what it names is kept. No network is none. */
function unlessOver(error) {
  return error instanceof SignedOut && error.message === "device_revoked" ? error.kept : [];
}

const isState = (body) => Number.isFinite(body?.now) && "running" in body;
const isOfTicks = (body) => [body?.kept, body?.refused, body?.ticks].every(Array.isArray);
