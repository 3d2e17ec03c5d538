// How full the battery is, from 0 to 1, and whether it is being charged, where the browser tells it; else null.

export class Battery {
  #level = null;
  #isCharging = false;

  level() {
    return this.#level;
  }

  isCharging() {
    return this.#isCharging;
  }

  /** `changed()` hears of each change. */
  async watch(changed) {
    try {
      const battery = await navigator.getBattery();
      const read = () => {
        [this.#level, this.#isCharging] = [battery.level, battery.charging];
        changed();
      };
      battery.onlevelchange = battery.onchargingchange = read;
      read();
    } catch {
      // most browsers keep it to themselves
    }
  }
}
