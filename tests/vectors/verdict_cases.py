"""The cases of the verdict table: every set of reasons at once, every second at which a window turns, and the closed
list. The verdicts expected come from the order of the checks alone, never from the rooms under test."""

from itertools import product
from typing import Any

from registrations.codes.verdict import RULES

Case = dict[str, Any]

OPENS, CLOSES = 1555315200, 1555347600  # 09:00 and 18:00 of a Monday in British Summer Time
ORDER = (
    "unknown",
    "revoked",
    "cancelled",
    "not_approved",
    "waitlisted",
    "wrong_door",
    "too_early",
    "too_late",
    "already_in",
    "lead_meets",
    "speak_to_lead",
    "not_counted",
    "ok",
)
LIST_AGES = {"0": "ok", "300": "ok", "301": "check_id", "14400": "check_id", "14401": "old_list"}  # seconds
INSTANT = {"too_early": OPENS - 1, "too_late": CLOSES}


def verdicts() -> list[Case]:
    """Every set of reasons that can hold at once, then every second at which a window can turn."""
    standings = ("", "revoked", "cancelled", "not_approved", "waitlisted")
    times = ("", "too_early", "too_late")
    either = [("", reason) for reason in ("already_in", "lead_meets", "speak_to_lead", "not_counted")]
    sets = product(standings, ("", "wrong_door"), times, *either)
    cases = [_case_of([reason for reason in reasons if reason]) for reasons in sets]
    return [*_unknown(), *_issued_since(), *cases, *_windows()]


def _case_of(reasons: list[str]) -> Case:
    first = min([*reasons, "ok"], key=ORDER.index)
    standing = next((reason for reason in reasons if reason in ORDER[1:5]), "ok")
    known = _known(
        standing=standing,
        inside="already_in" in reasons,
        wrong_door="wrong_door" in reasons,
        meets="lead_meets" in reasons,
        full="speak_to_lead" in reasons,
        uncounted="not_counted" in reasons,
    )
    at = next((INSTANT[reason] for reason in reasons if reason in INSTANT), OPENS)
    return _verdict(f"of {', '.join(reasons) or 'no reason against'} it is {first}", known, at, first)


def _unknown() -> list[Case]:
    times = {"before opening": OPENS - 1, "while open": OPENS, "after closing": CLOSES}
    return [_verdict(f"a ticket nobody knows, {when}", None, at, "unknown") for when, at in times.items()]


def _issued_since() -> list[Case]:
    """The phone's list is older than the ticket: the server knows it, the phone has a reserve row."""
    case = _verdict("a ticket issued since the list was made", _known(), OPENS, "ok")
    offline = dict.fromkeys(LIST_AGES, "issued_since") | {"gone": "offline"}
    return [case | {"record": {"s": "reserve"}, "offline": offline}]


def _windows() -> list[Case]:
    """A door lets in from the second it opens, and no longer at the second it closes."""
    seconds = [
        (OPENS - 1, OPENS, CLOSES, "too_early"),
        (OPENS, OPENS, CLOSES, "ok"),
        (OPENS + 1, OPENS, CLOSES, "ok"),
        (CLOSES - 1, OPENS, CLOSES, "ok"),
        (CLOSES, OPENS, CLOSES, "too_late"),
        (CLOSES + 1, OPENS, CLOSES, "too_late"),
        (OPENS - 1, None, CLOSES, "ok"),
        (CLOSES, None, CLOSES, "too_late"),
        (OPENS - 1, OPENS, None, "too_early"),
        (CLOSES, OPENS, None, "ok"),
        (0, None, None, "ok"),
        (OPENS, OPENS, OPENS, "too_late"),
    ]
    return [
        _verdict(f"at {at}, opens {opens}, closes {closes}", _known(), at, verdict, opens=opens, closes=closes)
        for at, opens, closes, verdict in seconds
    ]


def _known(**but: Any) -> Case:
    none = dict.fromkeys(("inside", "wrong_door", "meets", "full", "uncounted"), False)
    return {"standing": "ok"} | none | but


def _verdict(
    says: str, known: Case | None, at: int, verdict: str, opens: int | None = OPENS, closes: int | None = CLOSES
) -> Case:
    case = {"says": says, "known": known, "window": {"opens": opens, "closes": closes}, "at": at}
    return case | {"verdict": verdict, "record": _record(known), "offline": _offline(known, verdict)}


def _record(known: Case | None) -> Case | None:
    """What the sealed row of such a ticket says."""
    if known is None:
        return None
    due, meets = {"w": "Workshop B, Room 2"} if known["wrong_door"] else {}, {"m": 1} if known["meets"] else {}
    uncounted = {"u": 1} if known["uncounted"] else {}
    return {"s": known["standing"]} | meets | due | uncounted | ({"i": [OPENS, "Main door"]} if known["inside"] else {})


def _offline(known: Case | None, verdict: str) -> Case:
    """The phone's own verdict, by how old its list is: the server's, or a word that it cannot tell."""
    if known is None:
        verdict = "not_on_phone"
    by_age = {age: _by_age(verdict, said) for age, said in LIST_AGES.items()}
    return by_age | {"gone": "offline"}


def _by_age(verdict: str, said: str) -> str:
    """Of an older list the phone lets in as it would anybody, and asks nobody where they were counted since."""
    if verdict == "not_counted":
        return verdict if said == "ok" else said
    return said if verdict == "ok" else verdict


def repeats() -> list[Case]:
    """How many seconds ago the same phone let them in, and whether it asks calmly of a ticket that is already in."""
    agos = {None: False, -1: False, 0: True, 6: True, 59.9: True, 60: True, 60.1: False, 3600: False}
    return [{"ago": ago, "repeat": repeat} for ago, repeat in agos.items()]


def rules() -> list[Case]:
    """The closed list, for the phone: each verdict with its sign and word, who gives it, and who may override it."""
    return [
        {
            "verdict": verdict.value,
            "sign": rule.sign.value,
            "word": rule.word,
            "server": rule.server,
            "phone": rule.device,
            "reads": rule.reads,
            "overrides": sorted(rule.overrides),
            "heard_as": rule.heard_as and rule.heard_as.value,
        }
        for verdict, rule in RULES.items()
    ]
