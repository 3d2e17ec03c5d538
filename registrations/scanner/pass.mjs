// This phone's pass, kept so that the page opens without a network; and the server's time, as far as it is known.

import { jump, since, stamp } from "./elapsed.mjs";

const WRITTEN = 30; // seconds: how often the server's newest word on its time is written down

export function createPass({ store, clock }) {
  let pass = null; // as the server gave it, with {got}: when
  let hours = null; // {zone, written}: to make one costs a slow phone more than to draw a verdict

  async function keep(given, always) {
    const wasGot = pass?.kept;
    pass = { ...given, got: stamp(clock), kept: wasGot };
    if (!always && wasGot && since(wasGot, clock) < WRITTEN) return;
    pass.kept = pass.got;
    await store.keep({ pass });
  }

  const now = () => pass.now + since(pass.got, clock);

  return {
    get: () => pass,
    take: (given) => keep(given, true),
    /** What every answer of the server says beside its answers. */
    heard: ({ now: at, moved, seconds_left }) =>
      pass && at ? keep({ ...pass, now: at, moved, seconds_left }, false) : undefined,
    /** The pass of an earlier run of the page; null where there is none. */
    async recall() {
      pass = (await store.recall("pass")) ?? null;
      return pass;
    },
    forget() {
      pass = null;
    },
    /** Seconds of the server. */
    now,
    secondsLeft: () => pass.seconds_left - since(pass.got, clock),
    /** Seconds that this phone's own clock is ahead of the server's, which a rehearsal moves its event's away from. */
    clockOff: () => clock.wall() / 1000 - (now() - (pass.moved ?? 0)),
    /** Seconds by which its clock has gone on more than this run of the page has, since the server was last heard. */
    jumped: () => (pass.got.run === clock.run ? jump(pass.got, clock) : 0),
    /** The event's own hour and minute. */
    hourOf(seconds) {
      const how = { timeZone: pass.zone, hour: "2-digit", minute: "2-digit" };
      if (hours?.zone !== pass.zone) hours = { zone: pass.zone, written: new Intl.DateTimeFormat("en-GB", how) };
      return hours.written.format(seconds * 1000);
    },
  };
}
