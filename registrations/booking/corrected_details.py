"""An organiser corrects what somebody told us, and notes how they want to be seen, while they are on the telephone.

What they need for the day is the access lead's alone. Rules: DP-13, GU-18, SG-12.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import keys, live, wording
from events.ground.database import after_commit, query, run_tx, within_tx
from registrations.deciding import vetting
from registrations.deciding.correcting import ChangedMeanwhile, hold_as_seen
from registrations.people import choices
from registrations.people.choices import Switch
from registrations.people.consent import Subject
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.tickets import gathered
from registrations.tickets.gathered import CHANGED

from . import own_needs

SET_KIND = "UPDATE registration SET kind = ? WHERE id = ? RETURNING id"
NAMES = ("full_name", "badge_name")  # of what nobody confirmed no more is corrected: their yes would replace it
WORDS = {
    "full_name": "name",
    "badge_name": "name for the badge",
    "organisation": "organisation",
    "role": "role",
    "phone": "telephone number",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """How somebody with a place wants to be seen, as they say it on the telephone."""

    in_photos: bool = False
    switches: frozenset[Switch] = field(default_factory=frozenset)


def marks_at_desk(registration: Registration) -> list[str]:
    """Of all that the form shows: one goes along with it, and tells whether it was drawn from something older. A form
    that is open stays good when a new key comes."""
    row, chosen = registration, registration.choices
    shown = (row.id, row.state, row.kind, row.generation, row.confirmed_at, row.person)
    wishes = (chosen.photos, sorted(chosen.switches), chosen.alias)
    return keys.keyed_hashes("details as seen at the desk", "|".join(map(str, (*shown, *wishes))))


@run_tx
async def correct_details(
    seen: Registration,
    typed: Mapping[str, str],
    kind: OrganisationKind | None,
    wishes: Seen | None,
    by: Actor,
    at: datetime,
    real: datetime,
) -> bool:
    """Writes what differs, and says whether anything did. Nobody is looked at again for it, since an organiser did it,
    whom the audit log names. A wish that changes is told by email, which does not say what it is.

    `typed`: by the names of a person's fields; `wishes`: None where they stay. Raises ChangedMeanwhile if the row is
    not as it was read, and Refused for wishes of somebody without a place.
    """
    if seen.state is State.REQUESTED and (wishes or not set(typed) <= set(NAMES)):
        raise ChangedMeanwhile
    await hold_as_seen(seen)
    mended = {name: text for name, text in typed.items() if text != getattr(seen.person, name)}
    is_kind = kind is not None and kind is not seen.kind
    if kind is not None and is_kind:
        await query(SET_KIND, [kind.value, seen.id])
    if mended or is_kind:
        what = [words for name, words in WORDS.items() if name in mended] + (
            ["kind of organisation"] if is_kind else []
        )
        await vetting.correct(seen, mended, by, at, what=", ".join(what))
    noted = wishes is not None and await _note_wishes(seen, wishes, by, at, real)
    return bool(mended or is_kind or noted)


@within_tx
async def _note_wishes(registration: Registration, wishes: Seen, by: Actor, at: datetime, real: datetime) -> bool:
    """Whether they agree to the newest wording about photographs, and their switches. False if all of it stands
    already."""
    event, held = await own_needs.hold(registration, refused=wording.MOVED_ON_AT_DESK)
    before = held.choices
    is_agreed = wishes.in_photos and Switch.NO_PHOTOS not in wishes.switches
    photos = (before.photos or own_needs.agreed(Subject.PHOTOS, at)) if is_agreed else None
    declined = not is_agreed and (before.declined_photos or before.photos is not None)
    told = replace(before, photos=photos, switches=wishes.switches, declined_photos=declined)
    if before is choices.UNREADABLE or told == before:
        return False
    await own_needs.choose(held, told, event, at)
    await gathered.put(CHANGED, held, own_needs.NOTED, at, real)
    await audit.record(Action.CHOICE_NOTED, held, by=by, at=at)
    after_commit(live.publish, f"event:{held.event_id}")
    return True
