"""Organisers decide on walk-ins, and vet later whom they let in. The pages ask for proof of who decides.

Rules: SG-02, SG-03, SG-06, SE-15. Nobody has confirmed the address: the organiser answers for it, and only here.
"""

from datetime import datetime

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.ground.database import find_rows, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.asking import confirming
from registrations.deciding import taking_over, two_approvals, vetting
from registrations.deciding.decision import refuse_after
from registrations.deciding.first_approval import FirstApproval
from registrations.deciding.vetting import AlreadyDecided, Result
from registrations.people.address_change import moving_of
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.tickets.ticketing import EventFull

from .starting import tell
from .walk_in import LET_IN, NOT_IN, Stage, WalkIn

MAY_BE_LET_IN = {
    State.REQUESTED, State.CONFIRMED, State.RECHECKING, State.WAITING, State.OFFERED, State.APPROVED,
}  # fmt: skip
HELD = "UPDATE registration SET state = state WHERE id = ? RETURNING *"
UNCONFIRM = "UPDATE registration SET state = 'requested', confirmed_at = NULL WHERE id = ? RETURNING id"


class ChangedMeanwhile(Refused):
    def __init__(self) -> None:
        super().__init__("Their request has changed since you opened the page. Nothing was changed. Look at it again.")


async def approve(walk_in: WalkIn, mark: str, by: Staff, at: datetime) -> Result:
    """Gives a place, with a ticket by email and its reference on the lead's phone. FULL without a free place; FIRST
    where two organisers have to approve. `mark`: of the request as it was shown; raises ChangedMeanwhile. Raises
    Refused once the event is over, also for somebody with a place."""
    await refuse_after(walk_in.event_id, at)
    try:
        await _approve(walk_in, mark, by, at)
    except two_approvals.NeedsAnother:
        return Result.FIRST if await _approve_first(walk_in, mark, by, at) else Result.DECIDED
    except EventFull:
        return Result.FULL
    except AlreadyDecided:
        return Result.DECIDED
    return Result.DONE


class OnTheirPage(Refused):
    """An approval would do more than this page shows."""

    def __init__(self) -> None:
        super().__init__(
            "They take over a guest's place, or wait for us to write to another address. Nothing was changed: approve"
            " them on their own page, which says so. The reference is shown once you let them in here after that."
        )


async def is_for_their_page(registration: Registration) -> bool:
    """Whether an approval ends the place of a guest, or sends the ticket to another address than that at the door."""
    if registration.state is State.APPROVED:
        return False
    return bool(await taking_over.takers([registration]) or await moving_of([registration]))


@run_tx
async def _approve(walk_in: WalkIn, mark: str, by: Staff, at: datetime) -> None:
    registration = await _held(walk_in, mark)
    had_a_place = registration.state is State.APPROVED
    await confirm(registration, at)
    if not had_a_place:
        await vetting.approve(registration, by, at, takes_over=0)
    vetted = {"vetted_at": at, "vetted_by_id": by.id} if had_a_place else {}
    waiting = WalkIn.filter(id=walk_in.id, stage=Stage.WAITING)
    if not await waiting.update(stage=Stage.APPROVED, decided_at=at, decided_by_id=by.id, **vetted):
        raise AlreadyDecided
    await audit.record(Action.WALK_IN_APPROVED, registration, by=by, at=at, event_id=walk_in.event_id)
    tell(walk_in.event_id)


@run_tx
async def _approve_first(walk_in: WalkIn, mark: str, by: Staff, at: datetime) -> bool:
    registration = await _held(walk_in, mark)
    await confirm(registration, at, for_good=False)
    return await two_approvals.give_first(registration, by, at)


async def _held(walk_in: WalkIn, mark: str) -> Registration:
    [registration] = await find_rows(Registration, HELD, [walk_in.registration_id])
    if registration.state not in MAY_BE_LET_IN:
        raise AlreadyDecided
    if mark not in registration.marks:
        raise ChangedMeanwhile
    if await is_for_their_page(registration):
        raise OnTheirPage
    return registration


@within_tx
async def confirm(registration: Registration, at: datetime, *, for_good: bool = True) -> None:
    """Whoever has not said yes to an email is confirmed by the organiser, who may see them through the lead's eyes.
    Unless it is for good, what they asked themselves goes on waiting behind their links, where nothing changes by a
    yes meanwhile."""
    if registration.state is State.REQUESTED and not await registration.become(State.CONFIRMED, confirmed_at=at):
        raise AlreadyDecided
    if for_good:
        await confirming.empty_links([registration.id])


@run_tx
async def decline(walk_in: WalkIn, by: Staff, at: datetime) -> bool:
    """False if somebody has decided. A request that this walk-in made is emptied at once, also after a first approval:
    nobody else has asked for it. Any other stays as it was before that approval."""
    [registration] = await find_rows(Registration, HELD, [walk_in.registration_id])
    waiting = WalkIn.filter(id=walk_in.id, stage=Stage.WAITING)
    if not await waiting.update(stage=Stage.DECLINED, decided_at=at, decided_by_id=by.id):
        return False
    await _unconfirm(registration, at)
    if walk_in.is_new and await _is_of_nobody_else(registration):
        await vetting.cancel(registration, by, at)
    await audit.record(Action.WALK_IN_DECLINED, registration, by=by, at=at, event_id=walk_in.event_id)
    tell(walk_in.event_id)
    return True


@within_tx
async def _unconfirm(registration: Registration, at: datetime) -> None:
    """One that a first approval confirmed is as unconfirmed as before. Its row is held."""
    if registration.state is not State.CONFIRMED:
        return
    word = FirstApproval.filter(registration_id=registration.id, given_at=registration.confirmed_at)
    if await word.exists():
        await query(UNCONFIRM, [registration.id])
        await two_approvals.end(registration, at)
        registration.state, registration.confirmed_at = State.REQUESTED, None


async def _is_of_nobody_else(registration: Registration) -> bool:
    """Nobody has said yes to the address, or asked for a place with it."""
    asked_too = await LinkAnswers.filter(registration_id=registration.id).exists()
    return registration.state is State.REQUESTED and not asked_too


@run_tx
async def mark_vetted(walk_in: WalkIn, by: Staff, at: datetime) -> bool:
    """Somebody whom an organiser let in was looked at since, as everybody is. False if that was said before."""
    open_one = WalkIn.filter(id=walk_in.id, stage__in=LET_IN, vetted_at=None)
    if not await open_one.update(vetted_at=at, vetted_by_id=by.id):
        return False
    await audit.record(
        Action.WALK_IN_VETTED, Registration(id=walk_in.registration_id), by=by, at=at, event_id=walk_in.event_id
    )
    tell(walk_in.event_id)
    return True


async def all_of(event_id: int) -> list[WalkIn]:
    """Newest first, with their requests and who decided."""
    return await WalkIn.filter(event_id=event_id).order_by("-id").select_related("registration", "decided_by")


async def not_vetted(event_id: int) -> set[int]:
    """The requests of those who were let in at a door, and whom nobody has vetted yet."""
    open_ones = WalkIn.filter(event_id=event_id, stage__in=LET_IN, vetted_at=None)
    return {registration_id for (registration_id,) in await open_ones.values_list("registration_id")}


async def of_person(registration_id: int) -> WalkIn | None:
    """The newest that is neither declined nor taken back."""
    found = WalkIn.filter(registration_id=registration_id).exclude(stage__in=NOT_IN)
    return await found.order_by("-id").select_related("decided_by", "vetted_by").first()
