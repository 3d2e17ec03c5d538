"""The yes or no of whoever reads an address, about the answers behind the link that they opened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Deed
from events.event import event_with
from events.ground import live, source
from events.ground.batching import batched
from events.ground.database import after_commit, find_row, find_rows, places, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.people import objection
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.person import UNREADABLE, Person
from registrations.people.registration import Registration

from . import invited
from .invited import Used

MOST_TOGETHER = 50  # of those that are given at the same time, in one transaction
CONFIRM = """UPDATE registration SET state = 'confirmed', confirmed_at = ?, requested_at = ?, kind = ?,
    person_sealed = ? WHERE id = ? AND state = 'requested' AND person_sealed = ? RETURNING id"""
SHOW = """UPDATE registration SET kind = ?, person_sealed = ? WHERE id = ? AND state = 'requested' RETURNING id"""
ASKED = "id = ? AND state = 'requested'"
WITH_LINK = f"{ASKED} AND EXISTS (SELECT 1 FROM link_answers WHERE id = ? AND answers_sealed IS NOT NULL)"  # noqa: S608
HOLD = f"UPDATE registration SET state = state WHERE {ASKED} RETURNING *"  # noqa: S608  # ours
EMPTY_LINKS = """UPDATE link_answers SET answers_sealed = NULL, said_no_at = NULL
    WHERE registration_id IN ({ids}) RETURNING id"""


class Yes(NamedTuple):
    """To the answers behind this link."""

    link: LinkAnswers
    at: datetime
    source: str  # as `source.hashed` has it

    @property
    def registration(self) -> Registration:
        return self.link.registration


async def confirm(link: LinkAnswers, at: datetime) -> Used | None:
    """Somebody who reads this address gave these answers. Deletes those of its other links.

    Confirming twice, or too late, changes nothing. It takes back a No from the same link. An invitation is used in the
    same transaction, in which are no others: several could each hold what the other needs. What became of it, if a
    code was entered with these answers.
    """
    if link.invitation:
        return await _confirm_invited(link, at)
    await _confirm_in_batches([Yes(link, at, source.hashed())])
    return None


class NotInvited(Refused):
    """Registration is by invitation, and theirs does not count. All is as before their yes."""

    def __init__(self) -> None:
        super().__init__(
            "Your invitation cannot be used with this address, or no longer. This event is by invitation, so your "
            "request was not sent. Ask whoever sent you the invitation, then open the link in our email again."
        )


@run_tx
async def _confirm_invited(link: LinkAnswers, at: datetime) -> Used | None:
    used = await confirm_alone(link, at)
    if used is Used.REFUSED and (await event_with(link.registration.event_id)).by_invitation:
        raise NotInvited
    return used


@run_tx
async def confirm_alone(link: LinkAnswers, at: datetime) -> Used | None:
    """The same, with no others in its transaction."""
    if not await _confirm([Yes(link, at, source.hashed())]) or not link.invitation:
        return None
    return await invited.use(link.registration_id, link.invitation, at)


async def _confirm_all(given: Sequence[Yes]) -> list[None]:
    await _confirm(given)
    return [None for _ in given]


async def _confirm(given: Sequence[Yes]) -> bool:
    """False if nothing was left to confirm. In the order of the rows, or two processes that are given some of the same
    would wait for each other; what does not depend on what others do is written for all at the end."""
    done = [yes for yes in sorted(given, key=lambda yes: yes.link.registration_id) if await _is_first(yes)]
    if not done:
        return False
    await empty_links([yes.registration.id for yes in done])
    await audit.record_each(
        [Deed(Action.CONFIRMED, yes.registration, {}, None, yes.at, None, yes.source) for yes in done]
    )
    for event_id in {yes.registration.event_id for yes in done}:
        after_commit(live.publish, f"event:{event_id}")
    return True


@within_tx
async def empty_links(ids: Sequence[int]) -> None:
    """What was answered behind any link of these requests is not needed any more, now that one was confirmed."""
    await query(EMPTY_LINKS.format(ids=places(len(ids))), list(ids))


async def _is_first(yes: Yes) -> bool:
    """Confirms the request, if that is still to be done."""
    answers = yes.link.answers
    if yes.link.has_expired(yes.at) or not answers:
        return False
    return await _confirmed(yes.registration, yes.link, answers, yes.at)


async def _confirmed(
    registration: Registration | None, link: LinkAnswers, answers: Mapping[str, str], at: datetime
) -> bool:
    """False if it was confirmed or ended before. One that was changed meanwhile, or sealed anew, is read again, unless
    this link was ended: an organiser has corrected the address, and it is not theirs any more."""
    kind, theirs = answers["kind"], {name: text for name, text in answers.items() if name != "kind"}
    while registration is not None:
        sealed = registration.sealed(Person(email=registration.email, **theirs))
        values = [at, link.asked_at, kind, sealed, registration.id, registration.person_sealed]
        if await query(CONFIRM, values):
            return True
        registration = await find_row(Registration, WITH_LINK, [registration.id, link.id])
    return False


_confirm_in_batches = batched(_confirm_all, MOST_TOGETHER)


@run_tx
async def say_no(link: LinkAnswers, at: datetime) -> bool:
    """Whoever reads this address did not ask, or does not want to, where a list had us write. Sets the answers aside
    until the link expires; then they are deleted.

    Organisers see that somebody else asked, and no longer the answers or whose address it is; no list has us write
    there again. False if somebody said yes a moment before.
    """
    held = await hold(link.registration_id)
    if held is None:
        return False
    if await LinkAnswers.filter(id=link.id, said_no_at=None).update(said_no_at=at):
        if link.from_list:
            await objection.note(held.event_id, held.email, at)
        await show_newest(held, at)
        said = Action.NOT_WANTED if link.from_list else Action.NOT_ASKED
        await audit.record(said, link.registration, by=None, at=at)
        after_commit(live.publish, f"event:{link.registration.event_id}")
    return True


async def hold(registration_id: int) -> Registration | None:
    """The row as it stands, locked until the transaction ends, if nobody has confirmed it yet: first the row, then its
    links."""
    return next(iter(await find_rows(Registration, HOLD, [registration_id])), None)


async def show_newest(registration: Registration, at: datetime) -> None:
    """Shows an unconfirmed row, which is held, with the newest answers that nobody said no to. Without any, the desk
    shows neither answers nor address. A row that was damaged stays as it is."""
    if registration.person is UNREADABLE:
        return
    links = LinkAnswers.filter(registration_id=registration.id, said_no_at=None, asked_at__gt=at - LINK_LASTS)
    newest = await links.exclude(answers_sealed=None).order_by("-asked_at", "-id").first()
    shown = newest.answers if newest else {}
    kind = shown.pop("kind", registration.kind.value)
    sealed = registration.sealed(Person(email=registration.email, **shown))
    await query(SHOW, [kind, sealed, registration.id])
