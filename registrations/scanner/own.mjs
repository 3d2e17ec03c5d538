// This phone's own last act with each ticket: what the list cannot know yet. Kept by proof, which opens nothing.

/** `store` keeps them; `waiting` are the ids of scans that the server has not answered. */
export async function openOwn(store, waiting, clock) {
  const acts = new Map();
  for (const act of await store.acts()) {
    acts.set(act.proof, { ...act, answered: waiting.has(act.id) ? null : -Infinity });
  }

  async function forget(gone) {
    for (const { proof } of gone) acts.delete(proof);
    if (gone.length) await store.forgetActs(gone.map(({ proof }) => proof));
  }

  return {
    of: (proof) => acts.get(proof),
    /** Let in, or out, by the scan with this id, at so many seconds of the server. */
    async keep({ proof, id }, way, at) {
      const act = { proof, id, way, at };
      acts.set(proof, { ...act, answered: null });
      await store.keepAct(act);
    },
    /** The server has it: the next list that is asked for will say so itself. */
    answered(id) {
      for (const act of acts.values()) if (act.id === id) act.answered = clock.mono();
    },
    undo: (id) => forget([...acts.values()].filter((act) => act.id === id)),
    /** A list has come that was asked for at this stamp. */
    known: ({ mono }) => forget([...acts.values()].filter(({ answered }) => answered !== null && answered <= mono)),
  };
}
