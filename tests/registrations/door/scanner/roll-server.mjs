// As much of the server as marshals' phones talk to: one roll call at a time, every tick kept, the latest counts.

import { NoAnswer, SignedOut } from "../../../../registrations/door/scanner/server.mjs";
import { RollSender } from "../../../../registrations/door/scanner/roll-sender.mjs";
import { START } from "./roll-phone.mjs";

export class RollServer {
  running = null;
  ticks = []; // {id, roll, row, mark, at, phone}
  prints = [];
  heard = []; // [path, body] of every request
  down = false;
  over = false; // every pass is revoked
  now = START;
  closing = false;
  starts = new Map(); // id of a start -> the roll call that it belongs to
  unknown = []; // rows that are on no list

  /** What one phone has for `ask`. */
  of(phone) {
    return async (path, body) => {
      if (this.down) throw new NoAnswer("no network");
      this.heard.push([path, body]);
      if (this.over && path !== "roll/ticks") throw new SignedOut("device_revoked");
      const [, what] = path.split("/");
      return { status: 200, body: what === "ticks" ? this.#ticks(body, phone) : what === "start" ? this.#start(body) : this.state() };
    };
  }

  state() {
    return {
      now: this.now, moved: 0, seconds_left: 9000, list_at: this.now, key_id: "", running: this.running,
      ...(this.closing ? { closing: true } : {}),
    };
  }

  #start({ id, kind, age }) {
    this.running ??= { id, kind, started_at: this.now - age, count: 2, key: "a2V5" };
    this.starts.set(id, this.starts.get(id) ?? this.running.id);
    return { ...this.state(), joined: this.starts.get(id) };
  }

  #ticks({ roll, ticks, since, printed }, phone) {
    const known = roll === this.running?.id || this.starts.has(roll);
    const good = known ? ticks.filter(({ row }) => !this.unknown.includes(row)) : [];
    for (const { id, row, mark, age } of good) {
      if (!this.ticks.some((tick) => tick.id === id)) this.ticks.push({ id, roll, row, mark, at: this.now - age, phone });
    }
    for (const print of printed) if (!this.prints.includes(print.id)) this.prints.push(print.id);
    const kept = [...good, ...printed].map(({ id }) => id);
    if (this.over) throw new SignedOut("device_revoked", kept);
    const changed = [...new Set(this.ticks.slice(since).map(({ row }) => row))].map((row) => this.#row(row, phone));
    const refused = ticks.filter(({ id }) => !kept.includes(id)).map(({ id }) => id);
    return { kept, refused, cursor: this.ticks.length, ticks: changed };
  }

  #row(row, asks) {
    const last = new Map();
    for (const tick of this.ticks.filter((made) => made.row === row).toSorted((a, b) => a.at - b.at)) last.set(tick.phone, tick);
    const all = [...last.values()].toSorted((a, b) => b.at - a.at);
    const told = all.map(({ mark, at, phone }) => ({ mark, at, device: phone, mine: phone === asks }));
    return { row, ...told[0], others: told.slice(1).filter(({ mark }) => mark !== told[0].mark) };
  }
}

/** The sender of one phone, wired as its page wires it. */
export function talking(sid, server, name) {
  const said = [];
  const { bus, clock, pass, rollCall, ticks, prints } = sid;
  bus.on("heard", (body) => rollCall.heard(body));
  bus.on("connection", ({ state }, toSend) => void said.push(`connection ${state} ${toSend}`));
  for (const what of ["signed-out", "ticks"]) bus.on(what, (...given) => void said.push([what, ...given].join(" ")));
  return Object.assign(sid, {
    told: said, sender: new RollSender({ ask: server.of(name), clock, pass, rollCall, ticks, prints, about: () => ({ page: "0a0a0a0a" }), bus }),
  });
}
