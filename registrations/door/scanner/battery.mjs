// The level of the battery, from 0 to 1, and whether it is charging; null if the browser does not say.

export class Battery {
  #level = null;
  #isCharging = false;

  level() {
    return this.#level;
  }

  isCharging() {
    return this.#isCharging;
  }

  /** `changed()` is called at each change. */
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
      // most browsers do not say
    }
  }
}
