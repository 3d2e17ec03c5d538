// How full the room is, or the venue: by the guest list, and by what this phone did since.

const NEARLY = 0.9; // from then on it is said how many are left

export class Places {
  #parts;

  constructor(parts) {
    this.#parts = parts; // {guestList, acts, pass}
  }

  /**
   * {inside, limit, cause}, or null where any number may come in. Other phones' scans since the list are missing. The
   * cause is why whoever finds no place finds none: for who joins, also that the free ones are kept.
   */
  now(joins = false) {
    const { guestList, acts, pass } = this.#parts;
    const places = guestList.places();
    if (!places) return null;
    const known = { inside: Math.max(0, places.inside + acts.balance()), limit: places.limit };
    if (pass.get().door.kind !== "room") return { ...known, cause: "venue" };
    return { ...known, cause: joins && !isFull(known) ? "kept" : "capacity" };
  }

  /** Whether not so many more come in; for who joins, also not where the free places are kept for others. */
  areFull(joins, people = 1) {
    const places = this.now();
    const kept = joins ? (this.#parts.guestList.places()?.kept ?? 0) : 0;
    return isFull(places && { ...places, inside: places.inside + kept + people - 1 });
  }
}

export const isFull = (places) => places !== null && places.inside >= places.limit;

/** "3 left" once it is nearly full, otherwise "". Without a network it is about so many. */
export function placesWords(places, isOffline) {
  if (!places || places.inside < places.limit * NEARLY) return "";
  const about = isOffline ? "about " : "";
  if (!isFull(places)) return `${isOffline ? "About " : ""}${places.limit - places.inside} left`;
  return `Full: ${about}${places.inside} of ${places.limit}`;
}
