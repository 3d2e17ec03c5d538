// Whether another tab of this phone has scans that could not be written to its disk: nobody else can see those.

const NAME = "muster-unwritten-";

/**
 * A tab that has some holds one of the browser's locks, and every tab can ask which locks are held. The browser frees
 * the lock when the tab dies, and its scans are gone then. An old browser has no locks: there no tab is known to have
 * any.
 */
export class OtherTabs {
  #name;
  #release = null; // frees this tab's lock; null while it holds none

  /** `page` is the name of this run of the page. */
  constructor(page) {
    this.#name = NAME + page;
  }

  /** Whether this tab has any from now on. */
  tell(hasUnwritten) {
    if (hasUnwritten) return this.#hold();
    this.#release?.();
    this.#release = null;
  }

  /** Never fails. */
  async haveUnwritten() {
    try {
      const { held, pending } = await navigator.locks.query();
      return [...held, ...pending].some(({ name }) => name.startsWith(NAME) && name !== this.#name);
    } catch {
      return false;
    }
  }

  #hold() {
    if (this.#release || !navigator.locks) return;
    const released = new Promise((done) => (this.#release = done));
    navigator.locks.request(this.#name, () => released).catch(() => {});
  }
}
