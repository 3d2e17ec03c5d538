"""What happened with one person's request: every act on it, every email about it, and who looked at it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from events.accounts.staff import Staff
from events.audit.audit import Action, AuditEntry, about
from events.ground import clock, wording
from events.mail import outbox
from events.mail.outbox import Message
from registrations.people.registration import Registration
from registrations.phones.door import DoorPass
from registrations.tickets import request_emails

AT_MOST = 200  # of each kind, newest first


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


class Views(NamedTuple):
    times: int
    last_by: str


async def history(registration: Registration) -> list[Happening]:
    """What happened, newest first, without who looked at them: see `views`."""
    acts = (
        await AuditEntry.filter(subject=about(registration))
        .exclude(action=Action.VIEWED)
        .order_by("-id")
        .limit(AT_MOST)
    )
    emails = await Message.filter(await request_emails.about(registration.id)).order_by("-id").limit(AT_MOST)
    names = await names_of(act.actor for act in acts)
    told = [Happening(act.at, names[act.actor], _sentence(act.action)) for act in acts]
    told += [
        Happening(email.queued_at, "Muster", f"Email: {wording.EMAIL_NAMES[email.template]}. {outbox.in_words(email)}")
        for email in emails
    ]
    return sorted(told, key=lambda happening: happening.at, reverse=True)


async def views(registration: Registration) -> Views:
    """How often organisers have opened this person's page, and who opened it last."""
    seen = AuditEntry.filter(subject=about(registration), action=Action.VIEWED)
    last = await seen.order_by("-id").first()
    if last is None:
        return Views(0, "")
    return Views(await seen.count(), (await names_of([last.actor]))[last.actor])


async def withdrawals(registrations: Sequence[Registration]) -> dict[int, Withdrawal]:
    """Who took an approval back and when, by the request's id."""
    ids = {about(person): person.id for person in registrations if person.withdrawn_at}
    if not ids:
        return {}
    acts = await AuditEntry.filter(subject__in=list(ids), action=Action.WITHDRAWN).order_by("id")
    names = await names_of(act.actor for act in acts)
    return {ids[act.subject]: Withdrawal(act.at, names[act.actor]) for act in acts}


async def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Names of actors: 'staff:3' is Lena Lead, 'person:12' is the person of that request."""
    wanted = set(actors)
    staff = {member.actor: member.full_name for member in await Staff.filter(id__in=_ids(wanted, "staff"))}
    phones = {
        f"pass:{door_pass.id}": door_pass.name for door_pass in await DoorPass.filter(id__in=_ids(wanted, "pass"))
    }
    rest = {actor: "The person" if actor.startswith("person:") else "Muster" for actor in wanted}
    return rest | phones | staff


def _ids(actors: Collection[str], kind: str) -> list[int]:
    return [int(id_) for actor in actors for name, _, id_ in [actor.partition(":")] if name == kind]


def _sentence(action: Action) -> str:
    return action.value[:1].upper() + action.value[1:]
