// What this phone tells the board about itself with each request.

/** `page` is the name of this run of the page. */
export function createAbout({ guestList, pass, initials, battery, page }) {
  return () => ({
    list_version: guestList.facts()?.version ?? 0,
    list_age: guestList.age(),
    initials: initials.get(),
    page,
    battery: battery.level(),
    clock_off: pass.get() && pass.clockOff(),
  });
}
