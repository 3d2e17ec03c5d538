"""What happened with one person's request: every act on it, every email about it, and who looked at it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from events.accounts.staff import names_of as staff_names_of
from events.audit.action import Action
from events.audit.audit import AuditEntry, about
from events.ground import clock, wording
from events.ground.database import find_rows, places, query
from events.mail import delivery
from registrations.people.address_change import AddressChange, Moving
from registrations.people.registration import TO_DECIDE, Registration, State
from registrations.phones.door import PHONE_NAME, phone_in
from registrations.tickets import request_emails

from .on_the_day import presence, scan_history

OTHERS = {"person": "The person", "pass": "A phone", "invitation": "An invitation"}  # a phone whose name is deleted
AT_MOST = 200  # of each kind, newest first
NOT_HERE = {Action.VIEWED, Action.NEED_MOVED}  # who needs something is for the access lead, who does not come here
ACTS = "SELECT * FROM audit_entry WHERE subject = ? AND action NOT IN ({hidden}) ORDER BY id DESC LIMIT ?"
LEAVE_ALL_AS_IT_IS = (Action.VIEWED, Action.RESENT, Action.ASKED_AGAIN, Action.LINK_ASKED, Action.NEED_MOVED)
NEWEST = "SELECT * FROM audit_entry WHERE subject = ? AND action NOT IN ({actions}) ORDER BY id DESC LIMIT 1"
VIEWS = """SELECT seen.times, newest.actor
    FROM (SELECT count(*) AS times, max(id) AS last FROM audit_entry WHERE subject = ? AND action = ?) seen
    LEFT JOIN audit_entry newest ON newest.id = seen.last"""
PASSES = f"SELECT {PHONE_NAME} FROM door_pass p WHERE p.id IN ({{ids}})"  # noqa: S608  # ours


class Happening(NamedTuple):
    at: datetime
    who: str
    what: str


class Withdrawal(NamedTuple):
    at: datetime
    by: str

    def __str__(self) -> str:
        there = clock.local(self.at)
        return f"Approval withdrawn {there.day} {there:%B} by {self.by}"


class Recheck(NamedTuple):
    """What somebody with a place has changed, so that they are looked at again."""

    at: datetime
    what: str
    new_address: str = ""
    has_place: bool = True
    had_place: bool = True

    def __str__(self) -> str:
        there = clock.local(self.at)
        stands = "Has a place. " if self.has_place else "Had a place. " if self.had_place else ""
        return f"{stands}Changed their {self.what} {there.day} {there:%B}"


class MoreAsked(NamedTuple):
    at: datetime
    by: str

    def __str__(self) -> str:
        there = clock.local(self.at)
        return f"Asked for more {there.day} {there:%B} by {self.by}"


class Views(NamedTuple):
    times: int
    last_by: str


async def history(registration: Registration, *, at_the_door: bool) -> list[Happening]:
    """What happened, newest first, without who looked at them: see `views`. `at_the_door`: what was scanned too, and
    whatever else says whether they came."""
    hidden = sorted(NOT_HERE if at_the_door else NOT_HERE | presence.ACTS_THAT_SAY_IT)
    unnamed = request_emails.OF_NEEDS | (set() if at_the_door else presence.EMAILS_THAT_SAY_IT)
    sql, values = ACTS.format(hidden=places(len(hidden))), [about(registration), *hidden, AT_MOST]
    acts = await find_rows(AuditEntry, sql, values)
    about_them = await request_emails.about(registration.id, AT_MOST)
    emails = [email for email in about_them if email.template not in unnamed]
    scans = await scan_history.of_person(registration.id) if at_the_door else []
    names = await names_of([*(act.actor for act in acts), *(scan.actor for scan in scans)])
    told = [Happening(act.at, names[act.actor], _sentence(act)) for act in acts]
    told += [Happening(scan.at, scan.phone or names[scan.actor], scan.what) for scan in scans]
    told += [
        Happening(
            email.queued_at, "Muster", f"Email: {wording.EMAIL_NAMES[email.template]}. {delivery.in_words(email)}"
        )
        for email in emails
    ]
    return sorted(told, key=lambda happening: happening.at, reverse=True)


async def last_change(registration: Registration) -> Happening | None:
    """The newest act that changed this request, for whoever was shown it as it stood before."""
    sql, actions = NEWEST.format(actions=places(len(LEAVE_ALL_AS_IT_IS))), [a.value for a in LEAVE_ALL_AS_IT_IS]
    acts = await find_rows(AuditEntry, sql, [about(registration), *actions])
    names = await names_of(act.actor for act in acts)
    return next((Happening(act.at, names[act.actor], _sentence(act)) for act in acts), None)


async def views(registration: Registration) -> Views:
    """How often organisers have opened this person's page, and who opened it last."""
    [seen] = await query(VIEWS, [about(registration), Action.VIEWED.value])
    return Views(seen["times"], (await names_of([seen["actor"]]))[seen["actor"]] if seen["times"] else "")


async def withdrawals(registrations: Sequence[Registration]) -> dict[int, Withdrawal]:
    """Who took an approval back and when, by the request's id."""
    ids = {about(person): person.id for person in registrations if person.withdrawn_at}
    if not ids:
        return {}
    acts = await AuditEntry.filter(subject__in=list(ids), action=Action.WITHDRAWN).order_by("id")
    names = await names_of(act.actor for act in acts)
    return {ids[act.subject]: Withdrawal(act.at, names[act.actor]) for act in acts}


async def more_asked(registrations: Sequence[Registration]) -> dict[int, MoreAsked]:
    """When each of those who are to be decided was last asked for more, and by whom, by the request's id."""
    asked = {
        person.id: (person.more_asked_at, f"staff:{person.more_asked_by_id}")
        for person in registrations
        if person.more_asked_at and person.state in TO_DECIDE
    }
    names = await staff_names_of({by for _, by in asked.values()})
    return {id_: MoreAsked(at, names.get(by, "an organiser")) for id_, (at, by) in asked.items()}


async def rechecks(registrations: Sequence[Registration], moving: Moving) -> dict[int, Recheck]:
    """What was changed last by those who are looked at again, and by those without a place who move once they have
    one, by the request's id."""
    people = {person.id: person for person in registrations}
    looked_at = {person.id for person in registrations if person.state is State.RECHECKING}
    ids = {about(people[id_]): id_ for id_ in looked_at | (moving.keys() & people.keys())}
    if not ids:
        return {}
    acts = await AuditEntry.filter(subject__in=list(ids), action=Action.CHANGED_FOR_REVIEW).order_by("id")
    return {ids[act.subject]: _recheck(act, people[ids[act.subject]], moving.get(ids[act.subject])) for act in acts}


def _recheck(act: AuditEntry, person: Registration, change: AddressChange | None) -> Recheck:
    what = str(act.details["what"])
    if change is None:
        return Recheck(act.at, what)
    had_place = bool(act.details.get("had_place", True))
    return Recheck(act.at, what, change.address, person.state is State.RECHECKING, had_place)


async def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Names of actors: 'staff:3' is Lena Lead, 'person:12' is the person of that request."""
    wanted = set(actors)
    passes = [int(actor.removeprefix("pass:")) for actor in wanted if actor.startswith("pass:")]
    names = {actor: OTHERS.get(actor.partition(":")[0], "Muster") for actor in wanted}
    names |= await staff_names_of(wanted)
    if passes:
        rows = await query(PASSES.format(ids=places(len(passes))), passes)
        names |= {f"pass:{row['phone_id']}": phone_in(row).shown for row in rows}
    return names


def _sentence(act: AuditEntry) -> str:
    """With the kind of thing that was changed, where the entry says it."""
    what = act.details.get("what")
    return act.action[:1].upper() + act.action[1:] + (f": {what}" if what else "")
