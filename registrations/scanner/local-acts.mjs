// This phone's own last act with each ticket: what the list cannot know yet. Kept by proof, which opens nothing.

/**
 * `store` keeps them; `waiting` are the ids of scans that the server has not answered. What it had answered in an
 * earlier run of the page is in a list that was `asked` for in this one; null where there is none.
 */
export async function openOwn(store, waiting, clock, asked = null) {
  const acts = new Map();
  let closed = false;
  for (const act of await store.acts()) {
    acts.set(act.proof, { ...act, answered: waiting.has(act.id) ? null : -Infinity });
  }

  function keep(act) {
    if (closed) return;
    acts.set(act.proof, act);
    return store.keepAct(act);
  }

  /** What another tab, or this one, has done with the ticket since stays. */
  async function forget(gone) {
    for (const { proof } of gone) acts.delete(proof);
    const stored = await Promise.all(gone.map(({ proof }) => store.act(proof)));
    const ours = stored.filter((act, n) => act?.id === gone[n].id && !acts.has(act.proof));
    if (ours.length) await store.forgetActs(ours.map(({ proof }) => proof));
  }

  /** A list has come that was asked for at this stamp. */
  const known = ({ mono }) =>
    forget([...acts.values()].filter(({ answered }) => answered !== null && answered <= mono));

  if (asked) await known(asked);
  return {
    known,
    /** By this tab or another of the same phone. */
    of: (proof) => store.act(proof),
    /** Let in, or out, by the scan with this id, at so many seconds of the server. */
    keep({ proof, id }, way, at) {
      const { before, ...last } = acts.get(proof) ?? {};
      return keep({ proof, id, way, at, answered: null, before: last.id && last.id !== id ? last : before });
    },
    /** The server has it: the next list that is asked for will say so itself. */
    answered(id) {
      for (const act of acts.values()) if (act.id === id) act.answered = clock.mono();
    },
    /** What was before it is true again. */
    async undo(id) {
      const undone = [...acts.values()].find((act) => act.id === id);
      if (undone) await (undone.before ? keep(undone.before) : forget([undone]));
    },
    /** The phone is signed out: an answer that is still on its way writes nothing down. */
    close: () => (closed = true),
  };
}
