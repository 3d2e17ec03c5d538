// What can be seen on the screen of a phone, and which of its buttons are there to be pressed.

const VIEWS = ["waiting", "pairing", "start", "door", "leaving"];
export const PANELS = ["lead", "card", "deciding", "undoing", "other", "device", "unsent", "reference", "found", "signing-out"];

const UNSENT = { "bar-facts": "door", "leaving-says": "leaving", "pairing-unsent": "pairing" }; // and the view of each

export function look({ byId }) {
  const isShown = (id) => !byId(id)?.hidden;
  const word = (id) => byId(id).querySelector(".word")?.textContent ?? "";
  const said = (id) => byId(id).textContent;
  const buttons = (id) => byId(id).all().filter(({ tagName }) => tagName === "BUTTON");
  const reasons = buttons("reasons").filter(({ classList }) => classList.contains("main"));
  return {
    view: VIEWS.find(isShown) ?? "",
    panel: PANELS.find(isShown) ?? "",
    sign: isShown("verdict") ? word("verdict") : "",
    isFinal: isShown("verdict") && !["checking", "hollow"].some((name) => byId("verdict").classList.contains(name)),
    isStriped: byId("verdict").classList.contains("striped"),
    changed: isShown("changed") ? word("changed-verdict") : "",
    taps: isShown("choosing") ? buttons("choosing").map(({ dataset }) => dataset.choice) : [],
    reasons: isShown("deciding") ? reasons.map((button) => button.textContent) : [],
    says: byId("lead-says").textContent,
    referenceSays: byId("reference-says").textContent,
    canUnlock: isShown("reference") && isShown("unlock"),
    warning: isShown("bar-warning") ? said("bar-warning") : "",
    unsent: Object.keys(UNSENT).filter((id) => isShown(UNSENT[id]) && isShown(id)).map(said).join(" "),
    canUndo: !byId("undo").disabled,
    canLead: isShown("lead-decides"),
    canNext: isShown("next"),
    canLeave: isShown("unsent"),
    canAskAgain: isShown("ask-again"),
    onlineOnly: isShown("begin-online"),
    way: byId("bar-way").textContent,
  };
}
