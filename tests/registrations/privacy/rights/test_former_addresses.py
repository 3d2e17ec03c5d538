"""What came under an address that somebody had before is theirs until they moved, and of whoever reads it since.

Rules: DP-08.
"""

import json
from datetime import datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from events.mail import last_email
from events.mail.outbox import Message
from registrations.asking import drafting
from registrations.asking.draft import Draft
from registrations.people.former_address import FormerAddress
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration, State
from registrations.privacy.cases import casework, whose
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.retention import deleting
from registrations.privacy.rights import copies, erasing
from registrations.privacy.rights.gathering import gather
from registrations.privacy.rights.rights_emails import WRITERS
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from tests.mail_reading import text_of, written
from tests.people import MONDAY, THE_DAY, Person, confirmed
from tests.professional import with_ticket
from tests.registrations.asking.invitations import an_invitation
from tests.registrations.booking.addressing import NEW, moves
from tests.registrations.privacy.cases.complaining import DONE_TO_ADA
from tests.registrations.privacy.rights.asking import newest
from tests.registrations.privacy.rights.moving import DAY, HERS, HOUR, LATER, MOVED, THEIRS, has_moved, taken


async def erase(event: Event, omar: Staff, email: str, at: datetime = LATER) -> RightsRequest:
    asked = await taken(event, omar, email, at, "Erase me.", Right.ERASURE)
    await erasing.erase(asked, omar, at, clock.real())
    return await newest(asked)


async def copy_of(event: Event, email: str) -> str:
    """What its copy holds, each text of it known to be theirs."""
    for model in (Complaint, RightsRequest):
        await model.filter(confirmed_at=None).update(confirmed_at=MONDAY)
    return json.dumps((await gather(await Event.get(id=event.id), email, LATER)).as_json(), ensure_ascii=False)


@pytest.fixture
async def moved(event: Event, ada: Person, omar: Staff) -> Registration:
    return await has_moved(event, ada, omar)


async def test_a_copy_holds_what_came_under_the_address_before_and_nothing_that_came_since(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    since = await taken(event, omar, ada.email, LATER, THEIRS)
    hers, his = await copy_of(event, NEW), await copy_of(event, ada.email)
    assert [text for text in (DONE_TO_ADA, HERS, ada.email, "Addresses that you had before") if text not in hers] == []
    assert (hers.count("Kind of organisation"), THEIRS in hers) == (2, False), "and her first request for a place"
    assert [text for text in (DONE_TO_ADA, HERS, NEW, ada.name, ada.organisation) if text in his] == []
    assert (THEIRS in his, since.reference in his) == (True, True), "the control"


async def test_the_row_says_who_and_when_and_leads_from_one_address_to_the_next(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    await moves(moved, omar, LATER, "ada@towers.example.org")
    rows = await FormerAddress.all().order_by("id")
    assert [(row.moved_by, row.moved_at, row.registration_id) for row in rows] == [
        (omar.actor, MOVED, moved.id), (omar.actor, LATER, moved.id),
    ]  # fmt: skip
    assert [row.move for row in rows] == [(ada.email, NEW), (NEW, "ada@towers.example.org")]
    assert DONE_TO_ADA in await copy_of(event, "ada@towers.example.org")
    assert DONE_TO_ADA not in await copy_of(event, NEW)


async def test_whoever_moves_back_has_all_of_it(event: Event, ada: Person, omar: Staff, moved: Registration) -> None:
    await taken(event, omar, NEW, MOVED + HOUR, THEIRS)
    await moves(moved, omar, LATER, ada.email)
    said = await copy_of(event, ada.email)
    assert [text for text in (DONE_TO_ADA, HERS, THEIRS) if text not in said] == []


async def test_an_erasure_reaches_what_came_before_the_move_and_leaves_what_came_since(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    before = await RightsRequest.get(kind=Right.CORRECTION)
    since = await taken(event, omar, ada.email, LATER, THEIRS)
    other = await confirmed(ada, event, LATER)
    await erase(event, omar, NEW)
    assert ((await newest(before)).email, (await newest(before)).outcome) == ("", Outcome.ENDED)
    assert ((await newest(since)).email, (await newest(since)).closed_at) == (ada.email, None)
    states = {row.id: (row.state, row.email) for row in await Registration.all()}
    assert states.pop(other.id) == (State.CONFIRMED, ada.email)
    assert set(states.values()) == {(State.CANCELLED, "")}


async def test_an_erasure_for_a_request_from_before_the_move_writes_to_the_address_now(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    asked = await taken(event, omar, ada.email, LATER, "Erase me.", Right.ERASURE, came=MONDAY - DAY)
    await erasing.erase(asked, omar, LATER, clock.real())
    assert (await Registration.get(id=moved.id)).email == ""
    assert last_email.address_of(await Message.get(template="erased")) == NEW


async def test_invitations_and_drafts_for_the_address_before_go_and_those_that_were_made_since_stay(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    old = await an_invitation(event, omar, only_for=ada.email, places=1)
    new = await an_invitation(event, omar, only_for=ada.email, places=1)
    await Invitation.filter(id=new.id).update(made_at=LATER)
    for typed_at in (MONDAY, LATER):
        await drafting.keep(event, None, "", {"full_name": "Ada", "email": ada.email}, typed_at - clock.moved())
    drafts = await Draft.all().order_by("expires_at")
    assert [await drafting.of_address(event, lambda email, real: True), old.made_at < MOVED] == [drafts, True]
    await erase(event, omar, NEW)
    assert [row.id for row in await Invitation.all()] == [new.id]
    assert [row.id for row in await Draft.all()] == [drafts[1].id]


@pytest.mark.parametrize(
    ("came", "written_down", "whose_it_is"),
    [
        (MOVED - timedelta(seconds=1), MOVED - timedelta(seconds=1), NEW),
        (MOVED, MOVED, NEW),
        (MOVED + timedelta(seconds=1), MOVED + timedelta(seconds=1), "the old one"),
        (MONDAY + 3 * HOUR, MONDAY + DAY, None),  # at noon of that day: some time of it
        (MONDAY + 3 * HOUR - DAY, MONDAY + DAY, NEW),
        (MONDAY + 3 * HOUR + DAY, MONDAY + 2 * DAY, "the old one"),
    ],
)
async def test_the_moment_decides_and_where_only_the_day_is_known_nobody_gets_it(
    event: Event, ada: Person, omar: Staff, moved: Registration,
    came: datetime, written_down: datetime, whose_it_is: str | None,
) -> None:  # fmt: skip
    request = await taken(event, omar, ada.email, written_down, "When was it?", Right.ACCESS, came)
    assert await whose.reader_of(request) == (ada.email if whose_it_is == "the old one" else whose_it_is)
    if whose_it_is is None:
        said = [await copy_of(event, email) for email in (NEW, ada.email)]
        assert [request.reference in text for text in said] == [False, False]
        with pytest.raises(Refused, match="Nobody can say whose this request is, so nothing was sent"):
            await copies.send(request, omar, LATER)


async def test_one_that_was_written_down_before_the_move_on_its_day_is_theirs(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    request = await taken(event, omar, ada.email, MONDAY + HOUR, came=MONDAY - timedelta(minutes=5))
    await moves(asked, omar, MOVED)
    assert await whose.reader_of(request) == NEW


async def test_a_row_that_does_not_open_is_no_proof_that_nobody_moved(
    event: Event, ada: Person, bo: Person, omar: Staff, moved: Registration, printed: pytest.CaptureFixture[str]
) -> None:
    his, _ = await with_ticket(bo, event)
    [row] = await FormerAddress.all()
    await query("UPDATE former_address SET move_sealed = ? WHERE id = ?", [b"\x01damaged", row.id])
    assert [text for text in (DONE_TO_ADA, HERS) if text in await copy_of(event, ada.email)] == []
    hers = await copy_of(event, NEW)
    assert ("It cannot be read" in hers, ada.organisation in hers) == (True, True)
    assert f"former_address:{row.id}" in printed.readouterr().out
    with pytest.raises(Refused, match=rf"cannot be read \(former_address:{row.id}\), so nothing was erased"):
        await erase(event, omar, NEW)
    assert (await Registration.get(id=moved.id)).email == NEW
    await erase(event, omar, bo.email)
    assert (await Registration.get(id=his.id)).email == ""


async def test_after_an_erasure_her_complaint_is_of_nobody_and_its_row_goes_with_it(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    done = await erase(event, omar, NEW)
    email = await written(WRITERS["erased"], await Message.get(template="erased"))
    assert email is not None
    assert "Somebody sent a complaint about data protection with this address." in " ".join(text_of(email).split())
    [row] = await FormerAddress.all()
    assert (row.move, done.outcome) == ((ada.email, ""), Outcome.DONE)
    complaint = await Complaint.get()
    assert await whose.reader_of(complaint) == ""
    assert DONE_TO_ADA not in await copy_of(event, ada.email)
    await Complaint.all().update(closed_at=MONDAY)
    await deleting.turn(MONDAY + casework.KEPT_FOR - HOUR, clock.real())
    assert await FormerAddress.all().count() == 1, "the complaint is there"
    await deleting.turn(MONDAY + casework.KEPT_FOR, clock.real())
    assert (await Complaint.all().count(), await FormerAddress.all().count()) == (0, 0)


async def test_without_anything_that_names_the_address_nothing_is_left_of_it(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    await Complaint.all().delete()
    await erase(event, omar, NEW)
    assert await FormerAddress.all().count() == 0


@pytest.mark.parametrize("kept", ["complaint", "rights request", "neither"])
async def test_after_the_names_have_gone_a_case_from_before_the_move_is_not_of_whoever_reads_the_address_now(
    event: Event, ada: Person, omar: Staff, moved: Registration, kept: str
) -> None:
    if kept != "complaint":
        await Complaint.all().delete()
    if kept != "rights request":
        await RightsRequest.all().delete()
    await deleting.turn(THE_DAY + 91 * DAY, clock.real())
    assert ((await Registration.get(id=moved.id)).email, (await Event.get(id=event.id)).data_key) == ("", "")
    assert await FormerAddress.all().count() == (kept != "neither")
    said = DONE_TO_ADA if kept == "complaint" else HERS
    assert said not in await copy_of(event, ada.email)
    assert (said in await copy_of(event, NEW)) == (kept != "neither"), "still of whoever moved"


async def test_an_address_that_somebody_else_had_before_is_of_whoever_moved_to_it(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    """Both had asked for a place long before."""
    hers, his = [(await with_ticket(person, event))[0] for person in (ada, bo)]
    await taken(event, omar, bo.email, MONDAY + HOUR, THEIRS)
    await moves(his, omar, MOVED, "bo@towers.example.org")
    await moves(hers, omar, LATER, bo.email)
    said = await copy_of(event, bo.email)
    assert (ada.organisation in said, THEIRS in said, bo.organisation in said) == (True, False, False)
    await erase(event, omar, bo.email, LATER + HOUR)
    assert {row.email for row in await Registration.all()} == {"", "bo@towers.example.org"}
    assert THEIRS in await copy_of(event, "bo@towers.example.org")
