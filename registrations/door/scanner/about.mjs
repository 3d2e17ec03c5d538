// What the board is told of this phone, with each question.

/** `page` names this run of it. */
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
