"""Whether somebody is at the event, in words, for the roles that may see it (SE-09)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from events.accounts.staff import Detail, Role
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from registrations.checkin import whereabouts
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.checkin.walking_in.walk_in import WalkIn
from registrations.checkin.whereabouts import Presence, Stay
from registrations.people.registration import State
from registrations.telling.mailing import KINDS

ON_THE_DAY = {Presence.IN: "In", Presence.NOT_YET: "Not yet", Presence.LEFT: "Left"}
AFTERWARDS = {Presence.IN: "Came, not seen to leave", Presence.NOT_YET: "Did not come", Presence.LEFT: "Left"}
ACTS_THAT_SAY_IT = {  # about somebody at a door, or what is made for them once they have come, as a badge may be
    Action.WALK_IN_ASKED, Action.WALK_IN_APPROVED, Action.WALK_IN_DECLINED, Action.WALK_IN_VETTED, Action.WALK_IN_TYPED,
    Action.LINE_ENDED, Action.BADGES_PRINTED, Action.CERTIFICATE_TAKEN, Action.CERTIFICATE_NAME_CHOSEN,
    Action.CERTIFICATE_ENDED, Action.CERTIFICATE_RENEWED,
}  # fmt: skip
EMAILS_THAT_SAY_IT = {kind.template for kind in KINDS.values() if kind.arrived}


class Shown(NamedTuple):
    """Of some people, by their ids."""

    stays: Mapping[int, Stay]
    is_over: bool  # the day has passed

    @property
    def choices(self) -> Mapping[Presence, str]:
        return AFTERWARDS if self.is_over else ON_THE_DAY

    def words(self, id_: int, state: str) -> str:
        """In 09:05, Main door. Nothing of somebody who is not expected and has not come."""
        stay = self.stays.get(id_)
        if stay is None:
            return self.choices[Presence.NOT_YET] if state == State.APPROVED else ""
        if stay.presence is Presence.LEFT:
            return f"Left {clock.time_words(stay.at)}"
        return f"{'Came' if self.is_over else 'In'} {clock.time_words(stay.at)}, {stay.door}"


async def shown_to(role: Role, event: Event, at: datetime) -> Shown | None:
    """None before the first door opens, once the scans are deleted, and to roles that do not see it."""
    if not role.sees(Detail.PRESENCE) or not await whereabouts.are_known(event, at):
        return None
    return Shown({}, event.is_over(at))


async def not_vetted(role: Role, event: Event) -> set[int]:
    """Whose requests were let in at a door, and are to be vetted yet."""
    return await deciding_walk_ins.not_vetted(event.id) if role.sees(Detail.PRESENCE) else set()


async def walk_in_of(role: Role, registration_id: int) -> WalkIn | None:
    return await deciding_walk_ins.of_person(registration_id) if role.sees(Detail.PRESENCE) else None


async def of_people(shown: Shown | None, ids: Collection[int]) -> Shown | None:
    return shown._replace(stays=await whereabouts.stays(ids)) if shown else None
