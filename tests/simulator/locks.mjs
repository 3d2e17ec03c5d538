// The locks between the tabs of one phone, as a browser keeps them: each has one holder, and the others wait in turn.

export class Locks {
  #held = []; // {name, page}
  #waiting = []; // the same, with what calls whoever waits

  /** As this page sees them: {isOver}. */
  of(page) {
    const query = async () => (page.isOver ? never : { held: named(this.#held), pending: named(this.#waiting) });
    return { request: (name, ...how) => this.#request({ name, page }, how.at(-1), how[0]), query };
  }

  /** A page that is over holds nothing, and waits for nothing. */
  closes(page) {
    this.#waiting = this.#waiting.filter((lock) => lock.page !== page);
    this.#release((lock) => lock.page === page);
  }

  async #request(lock, work, { ifAvailable = false }) {
    if (lock.page.isOver) return never;
    if (ifAvailable && !this.#isFree(lock)) return work(null);
    await new Promise((granted) => {
      this.#waiting.push({ ...lock, granted: (held) => granted((lock = held)) });
      this.#grant();
    });
    try {
      return await work({ name: lock.name });
    } finally {
      this.#release((held) => held === lock);
    }
  }

  #release(isIt) {
    this.#held = this.#held.filter((lock) => !isIt(lock));
    this.#grant();
  }

  #grant() {
    for (const next of this.#waiting.slice()) {
      if (!this.#isFree(next)) continue;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#held.push(next);
      next.granted(next);
    }
  }

  #isFree({ name }) {
    return this.#held.every((held) => held.name !== name);
  }
}

const never = new Promise(() => {});
const named = (locks) => locks.map(({ name }) => ({ name }));
