"""The one live request of an address, made or found, and the answers that wait behind a link of its own."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from events.event import Event
from events.ground import tokens
from events.ground.database import find_rows, given, query, within_tx
from registrations.codes.badge_type import BadgeType
from registrations.people import link_answers
from registrations.people import person as people
from registrations.people.person import Person
from registrations.people.registration import OrganisationKind, Registration, of_addresses


@dataclass(frozen=True)
class Answers:
    """What a professional tells us; the address in its normal form."""

    full_name: str
    email: str
    organisation: str
    kind: str
    role: str
    badge_name: str = ""
    phone: str = ""
    invitation: str = ""  # a code, in normal form
    badge_type: str = ""  # what organisers' list says; nobody says it of themselves

    @property
    def person(self) -> Person:
        return Person(self.full_name, self.badge_name, self.email, self.organisation, self.role, self.phone)


class Told(NamedTuple):
    """Answers that are to wait behind the link with this public id."""

    event: Event
    answers: Answers
    link: str
    at: datetime
    held_for: str | None = None


class Wanted(NamedTuple):
    """A request as it is made where there is none."""

    event: Event
    person: Person
    kind: OrganisationKind
    at: datetime
    badge_type: BadgeType = BadgeType.DELEGATE


class Found(NamedTuple):
    """What was made of it. The email of an unconfirmed request is about its link, of any other about the request."""

    registration: Registration
    subject_id: int
    is_new: bool


SHOWN = "registration.state = 'requested' AND registration.public_id IN (SELECT known FROM given)"
ASKED = {"event": "int", "new": "text", "at": "timestamptz", "kind": "text", "badge": "text", "tag": "text",
         "first": "bytea", "known": "text", "again": "bytea"}  # fmt: skip
PUT = f"""{{given}} INSERT INTO registration
    (event_id, public_id, generation, state, requested_at, kind, badge_type, address_tag, person_sealed)
    SELECT event, new, 0, 'requested', at, kind, badge, tag, first FROM given WHERE true
    ON CONFLICT (event_id, address_tag) WHERE state NOT IN ('cancelled', 'expired') DO UPDATE SET
        requested_at = CASE WHEN {SHOWN} THEN excluded.requested_at ELSE registration.requested_at END,
        kind = CASE WHEN {SHOWN} THEN excluded.kind ELSE registration.kind END,
        person_sealed = CASE WHEN {SHOWN} THEN (SELECT again FROM given WHERE known = registration.public_id)
            ELSE registration.person_sealed END
    RETURNING *"""  # noqa: S608  # ours
BEHIND = {"request": "int", "link": "text", "sealed": "bytea", "at": "timestamptz", "held_for": "text"}
KEEP = """{given} INSERT INTO link_answers (registration_id, public_id, answers_sealed, asked_at, held_for)
    SELECT id, link, sealed, at, given.held_for FROM given JOIN registration ON id = request AND state = 'requested'
    WHERE true
    ON CONFLICT (registration_id, held_for) DO UPDATE SET public_id = excluded.public_id,
        answers_sealed = excluded.answers_sealed, asked_at = excluded.asked_at, said_no_at = NULL
    RETURNING id, registration_id"""


@within_tx
async def put(event: Event, answers: Answers, link: str, at: datetime, held_for: str | None = None) -> Found:
    """Makes or finds the request of this address, at an event. An unconfirmed one gets one more link,
    which alone has these answers. The row is locked until the transaction ends."""
    [found] = await put_each([Told(event, answers, link, at, held_for)])
    return found


@within_tx
async def put_each(told: Sequence[Told]) -> list[Found]:
    """The same for several people: what is told of one address one after the other, all else in the same statements."""
    found, left = dict[int, Found](), list(range(len(told)))
    while left:
        first = {(told[n].event.id, told[n].answers.email): n for n in reversed(left)}
        together = sorted(first.values())
        found |= zip(together, await _put_together([told[n] for n in together]), strict=True)
        left = [n for n in left if n not in found]
    return [found[n] for n in range(len(told))]


async def _put_together(told: Sequence[Told]) -> list[Found]:
    """Of people with different addresses."""
    live = await _one_live_each(list(map(_wanted, told)))
    rows = [
        (request.id, link, link_answers.sealed(asdict(answers), event, link), at, held_for)
        for (event, answers, link, at, held_for), (request, _) in zip(told, live, strict=True)
    ]
    sql, values = given(BEHIND, rows)
    kept = {row["registration_id"]: row["id"] for row in await query(KEEP.format(given=sql), values)}
    return [Found(request, kept.get(request.id, request.id), is_new) for request, is_new in live]


def _wanted(told: Told) -> Wanted:
    answers = told.answers  # the invitation stays behind the link, until somebody says yes
    badge_type = BadgeType(answers.badge_type or BadgeType.DELEGATE)
    return Wanted(told.event, answers.person, OrganisationKind(answers.kind), told.at, badge_type)


@within_tx
async def one_live(event: Event, person: Person, kind: OrganisationKind, at: datetime) -> tuple[Registration, bool]:
    """The one live request of this address, and whether it is new. While unconfirmed it is shown with the newest
    answers, else it is as it was."""
    [live] = await _one_live_each([Wanted(event, person, kind, at)])
    return live


async def _one_live_each(wanted: Sequence[Wanted]) -> list[tuple[Registration, bool]]:
    """The same statements whatever is found. Sealed answers are bound to their row, which is therefore looked up first;
    and once more if it was made in the same moment."""
    found, left = dict[int, tuple[Registration, bool]](), list(range(len(wanted)))
    while left:
        stand = await of_addresses([(wanted[n].event, wanted[n].person.email) for n in left])
        rows = [_row(wanted[n], stands) for n, stands in zip(left, stand, strict=True)]
        sql, values = given(ASKED, rows)
        put = {
            (row.event_id, row.address_tag): row for row in await find_rows(Registration, PUT.format(given=sql), values)
        }
        for n, (event_id, new, _, _, _, tag, _, known, _) in zip(left, rows, strict=True):
            registration = put[event_id, tag]
            if registration.public_id in (known, new):
                found[n] = registration, registration.public_id == new
        left = [n for n in left if n not in found]
    return [found[n] for n in range(len(wanted))]


def _row(wanted: Wanted, stands: Registration | None) -> tuple[int, str, datetime, str, str, str, bytes, str, bytes]:
    """As ASKED has it."""
    event, person, kind, at, badge_type = wanted
    new = tokens.new_public_id()
    known = stands.public_id if stands else new
    first, again = people.seal(person, event, new), people.seal(person, event, known)
    tag = people.address_tag(event, person.email)
    return event.id, new, at, kind.value, badge_type.value, tag, first, known, again
